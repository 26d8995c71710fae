"""Asimov numbers of the published statistic: its own laws, and trials."""

import numpy as np
import pyarrow as pa
import pytest

from core.errors import PhysicsError
from core.inference.sensitivity import sensitivity
from core.inference.sensitivity_product import SignalScale
from core.inference.source_asimov import InterpolatedLaw, OneSkyTail, source_asimov, source_asimov_table
from core.likelihood.one_sky_law import OneSkyLaw
from core.likelihood.stacked_law import StackedLaw
from core.likelihood.stacked_model import source_trial_model
from core.pdfs.source_background import source_background_pdf
from core.pdfs.source_signal import source_signal_pdf
from core.trials.run import run_trials
from core.trials.tail import FIVE_SIGMA, THREE_SIGMA, AsymptoticLaw
from tests.core.pdfs.public_pairs import public_pair

WEIGHTS, PULLS = np.array([0.4, 0.3, 0.2, 0.1]), np.array([0.02, 0.01, 0.005, 0.005])
SCALE = SignalScale(
    n_s_per_strength=2e22, n_s_per_strength_error=2e20, flux_per_strength=1e17, limitation="", sample="own"
)


def products() -> tuple[pa.Table, pa.Table, pa.Table]:
    pair = public_pair("tautau", 20.0)
    sources = pair.expected.sources
    return source_background_pdf(pair.background, sources, 36), source_signal_pdf(pair.expected, 36), sources


@pytest.mark.parametrize("bounded", [False, True])
def test_questions_asked_between_nodes_have_the_answers_of_the_law(bounded: bool) -> None:
    law = StackedLaw(WEIGHTS, PULLS, bounded)
    found = InterpolatedLaw(law)
    thresholds = found.thresholds(np.array([0.5, 0.16, 0.025]))
    assert law.shares_above(thresholds, 0.0) == pytest.approx([0.5, 0.16, 0.025], abs=3e-3)  # few sources have an atom
    n_s = found.crossings(thresholds, np.full(3, 0.9))
    for threshold, events in zip(thresholds.tolist(), n_s.tolist(), strict=True):
        assert law.share_above(threshold, events) == pytest.approx(0.9, abs=1e-3)
    assert n_s[0] == pytest.approx(law.sensitivity(), rel=0.01)


def test_uncorrelated_sources_of_one_sky_have_the_tail_of_the_inverted_transform() -> None:
    law = OneSkyLaw(WEIGHTS, PULLS, np.eye(4), bounded=True)
    thresholds = OneSkyTail(law).thresholds(np.array([THREE_SIGMA, FIVE_SIGMA]))
    exact = AsymptoticLaw(WEIGHTS)
    assert [exact.p_value(t) for t in thresholds.tolist()] == pytest.approx([THREE_SIGMA, FIVE_SIGMA], rel=0.05)


def test_shares_that_no_number_of_events_reaches_are_refused() -> None:
    with pytest.raises(PhysicsError, match="outside"):
        InterpolatedLaw(StackedLaw(WEIGHTS, PULLS)).crossings(np.array([1e9]), np.array([0.9]))


@pytest.mark.slow
@pytest.mark.parametrize("grid", [False, True])
def test_trials_of_sources_on_skies_of_their_own_agree(grid: bool) -> None:
    model = source_trial_model(*products(), grid)
    found = source_asimov(model)
    column = "test_statistic" if grid else "test_statistic_signed"
    numbers = [round(factor * found.n_s_uncertainty) for factor in (0.5, 1.0, 1.5, 2.0, 3.0, 4.0)]
    background = getattr(run_trials(model, 40_000, 0, seed=2), column)
    of_trials = sensitivity(background, {n: getattr(run_trials(model, 10_000, n, seed=2), column) for n in numbers})
    assert found.sensitivity == pytest.approx(of_trials.sensitivity.n_s, rel=0.03)
    for name in ("hi68", "hi95"):
        edge = of_trials.band[name]
        assert edge is not None
        assert found.band[name] == pytest.approx(edge.n_s, rel=0.03)
    assert found.cls_median == pytest.approx(of_trials.cls_median.n_s, rel=0.03)
    assert found.band["lo95"] is None


def test_sources_on_skies_of_their_own_have_no_discovery_potential() -> None:
    (row,) = source_asimov_table(*products(), SCALE, grid=False).to_pylist()
    assert row["statistic"] == "j_weighted"
    assert row["sigma_v_discovery_5sigma"] is None
    assert row["sigma_v_sensitivity"] > 0.0
