"""Where fits are Gaussian (many events, one source) all results agree with their closed forms within 0.02 σ(n_s)."""

from functools import cache

import numpy as np
import pytest
from scipy.special import ndtri

from core.inference.discovery_product import discovery_table
from core.inference.sensitivity import sensitivity, upper_limit
from core.inference.unified_interval import unified_interval
from core.likelihood.closed_form import closed_form
from core.likelihood.model import TrialModel
from core.trials.run import run_trials
from core.trials.statistic import TrialStatistic
from tests.core.inference.test_discovery_product import SCALE
from tests.core.inference.test_unified_interval import bounded_gaussian_interval

pytestmark = pytest.mark.slow
N_EVENTS = 100_000_000
# R - 1 of some per cent on average: σ(n_s) = 2.5e5 of 1e8 events, whose Poisson numbers widen no fit.
BACKGROUND = np.full(64, 1.0 / 64)
SIGNAL = BACKGROUND * (1.0 + 0.04 * ndtri((np.arange(64) + 0.5) / 64))
MODEL = TrialModel.joint(BACKGROUND, SIGNAL, SIGNAL / BACKGROUND, N_EVENTS)
FORM = closed_form(BACKGROUND, SIGNAL, SIGNAL / BACKGROUND, N_EVENTS)
SPREAD = FORM.n_s_uncertainty
BOUND = 0.02


@cache
def trials() -> tuple[TrialStatistic, dict[int, TrialStatistic]]:
    def drawn(number: int, n_trials: int) -> TrialStatistic:
        return TrialStatistic.of_values(run_trials(MODEL, n_trials, number, seed=5).test_statistic_signed)

    factors = (0.25, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0)
    return drawn(0, 1_000_000), {round(factor * SPREAD): drawn(round(factor * SPREAD), 100_000) for factor in factors}


def test_the_spread_of_fits_is_one_over_the_root_of_the_information() -> None:
    relative = SIGNAL / BACKGROUND - 1.0
    assert FORM.n_s_uncertainty == pytest.approx(1.0 / np.sqrt(BACKGROUND @ relative**2 / N_EVENTS), rel=1e-3)


@pytest.mark.parametrize("confidence", [0.9, 0.95])
def test_the_sensitivity_is_the_quantile(confidence: float) -> None:
    found = sensitivity(*trials(), confidence)
    assert found.sensitivity.n_s / SPREAD == pytest.approx(float(ndtri(confidence)), abs=BOUND)


@pytest.mark.parametrize("root", [0.0, 1.0, 3.0])
def test_limits_lie_a_quantile_above_the_fit(root: float) -> None:
    found = upper_limit(*trials(), root**2, one_sky=True, confidence=0.9, never_below_sensitivity=False).upper_limit
    assert found is not None
    assert found.n_s / SPREAD == pytest.approx(root + float(ndtri(0.9)), abs=BOUND)


@pytest.mark.parametrize("root", [-2.0, -1.0, 0.0, 1.0, 2.0, 3.0])
def test_the_unified_interval_is_that_of_a_bounded_gaussian_mean(root: float) -> None:
    found = unified_interval(*trials(), root * abs(root), 0.9)
    assert np.array(found) / SPREAD == pytest.approx(bounded_gaussian_interval(root), abs=BOUND)


def test_the_discovery_potentials_are_three_and_five_spreads() -> None:
    (row,) = discovery_table(MODEL, SCALE, SPREAD, 1_000_000, 100_000, 3, "known").to_pylist()
    for n_sigma in (3, 5):
        assert row[f"n_s_discovery_{n_sigma}sigma"] / SPREAD == pytest.approx(float(n_sigma), abs=BOUND)
