"""The stage `source_signal_pdf`: the expected signal by its angle to each source."""

import numpy as np
import pytest

from core.configuration.config import Config
from core.stages.source_signal_pdf import STAGE
from tests.core.stages.analyses import Analysis


def entries(analysis: Analysis) -> np.ndarray:
    return analysis.table("source_signal_pdf")["entries"].to_numpy().reshape(-1, 36)


def test_entries_are_the_expected_events_of_each_source(j_weighted: Analysis) -> None:
    expected = j_weighted.table("acceptance")["n_s_per_sigma_v"].to_numpy()
    np.testing.assert_allclose(entries(j_weighted).sum(axis=1), expected, rtol=1e-9)


def test_probabilities_are_whole_and_fall_with_the_solid_angle(j_weighted: Analysis) -> None:
    probability = j_weighted.table("source_signal_pdf")["signal_probability"].to_numpy().reshape(-1, 36)
    np.testing.assert_allclose(probability.sum(axis=1), 1.0)
    edges = np.linspace(0.0, np.pi, 37)
    density = probability / (np.cos(edges[:-1]) - np.cos(edges[1:]))
    assert np.all(np.diff(density[:, :24], axis=1) < 0.0)


def test_signal_is_nearer_to_the_source_than_background(j_weighted: Analysis) -> None:
    signal = j_weighted.table("source_signal_pdf")["signal_probability"].to_numpy().reshape(-1, 36)
    background = j_weighted.table("source_background_pdf")["background_probability"].to_numpy().reshape(-1, 36)
    assert np.all(signal[:, :4].sum(axis=1) > 2.0 * background[:, :4].sum(axis=1))


def test_where_the_signal_comes_from_is_told_by_the_recipe(j_weighted: Analysis) -> None:
    (recipe,) = j_weighted.recipes("source_signal_pdf")
    assert recipe.code == "core.stages.source_signal_pdf:make"
    assert "signal_band_deg" not in recipe.parameters
    assert j_weighted.inputs("source_signal_pdf") == {"sources", "response", "spectra"}


def test_only_the_published_statistic_has_the_stage() -> None:
    assert STAGE.applies(Config(statistic={"name": "j_weighted"}))
    assert not STAGE.applies(Config())


def test_both_ways_of_skies_have_the_same_histograms(j_weighted: Analysis, one_sky: Analysis) -> None:
    assert entries(j_weighted) == pytest.approx(entries(one_sky))
