"""The stage `sky_patterns`: parts of one sky, told apart by the bins of angle in which all sources see them."""

import numpy as np
import pytest

from core.stages.registry import stages_of
from tests.core.stages.analyses import N_EVENTS, Analysis


def test_patterns_hold_the_whole_sky(one_sky: Analysis) -> None:
    table = one_sky.table("sky_patterns")
    assert table["background_probability"].to_numpy().sum() == pytest.approx(1.0, abs=1e-9)
    assert table["signal_probability"].to_numpy().sum() == pytest.approx(1.0, abs=1e-9)
    assert set(table["n_events"].to_pylist()) == {N_EVENTS}
    assert set(table["nside"].to_pylist()) == {16}


def test_each_source_sees_the_patterns_as_its_own_histogram(one_sky: Analysis) -> None:
    """Summed by a source's bin of angle, the patterns are that source's background, as far as pixels resolve bins."""
    table = one_sky.table("sky_patterns")
    bins = np.array([list(row) for row in table["angle_bins"].to_pylist()])
    background = table["background_probability"].to_numpy()
    own = one_sky.table("source_background_pdf")["background_probability"].to_numpy().reshape(-1, 36)
    assert bins.shape[1] == len(own)
    for source in (0, len(own) // 2, len(own) - 1):
        summed = np.bincount(bins[:, source], background, minlength=36)
        np.testing.assert_allclose(np.cumsum(summed), np.cumsum(own[source]), atol=0.1 * own[source].max())


def test_it_is_made_from_the_histograms_of_all_sources(one_sky: Analysis) -> None:
    inputs = one_sky.inputs("sky_patterns")
    assert {"source_background_pdf", "source_signal_pdf", "background_pdf", "sources"} <= inputs
    assert one_sky.recipes("sky_patterns")[0].parameters == {"nside": 16, "window": None}


def test_skies_of_their_own_have_no_patterns(j_weighted: Analysis) -> None:
    assert "sky_patterns" not in stages_of(j_weighted.config)
