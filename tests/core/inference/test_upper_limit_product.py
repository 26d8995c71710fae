"""Limits of an observed sky, where fits are Gaussian: each kind against its closed form."""

from functools import cache

import numpy as np
import pytest
from scipy.special import ndtr, ndtri

from core.inference.upper_limit_product import Limits, likelihood_limit, limits, reaching_trials
from core.likelihood.model import TrialModel
from core.pdfs.sky_model import SkyModel
from core.trials.run import run_trials
from core.trials.statistic import TrialStatistic

N_EVENTS = 1_000_000
# One cell with a little signal over an even rest: R - 1 is ±0.1, so that σ(n_s) is 10 √N = 10,000.
BACKGROUND, SIGNAL = np.array([0.5, 0.5]), np.array([0.55, 0.45])
MODEL = TrialModel.joint(BACKGROUND, SIGNAL, SIGNAL / BACKGROUND, N_EVENTS)
SPREAD = 10_000.0
SKY = SkyModel(MODEL, np.array([0, 1]))
COLUMN = "test_statistic_signed"


@cache
def trials() -> tuple[TrialStatistic, dict[int, TrialStatistic]]:
    background = TrialStatistic.of_values(run_trials(MODEL, 200_000, seed=1).test_statistic_signed)
    few = {
        round(factor * SPREAD): TrialStatistic.of_values(
            run_trials(MODEL, 20_000, round(factor * SPREAD), 1).test_statistic_signed
        )
        for factor in (0.5, 1.0, 1.5, 2.0, 3.0)
    }
    return background, reaching_trials(MODEL, few, COLUMN, SPREAD, 6.0 * SPREAD, 20_000, 1)


def found(root: float, confidence: float = 0.9) -> Limits:
    background, signal = trials()
    return limits(SKY, background, signal, root * abs(root), counts(root), confidence)


def counts(root: float) -> np.ndarray:
    excess = round(0.5 * root * np.sqrt(N_EVENTS))
    return np.array([N_EVENTS // 2 + excess, N_EVENTS // 2 - excess])


@pytest.mark.parametrize("confidence", [0.9, 0.95])
@pytest.mark.parametrize("root", [0.0, 0.5, 2.0])
def test_limits_are_those_of_gaussian_fits(root: float, confidence: float) -> None:
    """In σ: without floor r + z, and as much by the likelihood; CL_s r + z(1 - (1 - CL) Φ(r)); 0.03 for 2e4 trials."""
    here, z = found(root, confidence), float(ndtri(confidence))
    assert here.unfloored is not None
    assert here.unfloored / SPREAD == pytest.approx(root + z, abs=0.03)
    assert here.likelihood is not None
    assert here.likelihood / SPREAD == pytest.approx(root + z, abs=0.02)
    cls = root + float(ndtri(1.0 - (1.0 - confidence) * ndtr(root)))
    assert here.by_trials.cls_upper_limit.n_s / SPREAD == pytest.approx(cls, abs=0.03)


def test_a_deep_observation_has_no_limit_without_floor_and_the_sensitivity_with_it() -> None:
    here = found(-1.5)
    assert here.unfloored is None
    assert here.by_trials.is_sensitivity
    assert here.by_trials.upper_limit is not None
    assert here.by_trials.upper_limit.n_s / SPREAD == pytest.approx(1.2816, abs=0.03)
    assert 0.0 < here.feldman_cousins / SPREAD < 0.7


def test_the_likelihood_of_a_negative_fit_falls_from_no_signal() -> None:
    """2 ln L(0) - 2 ln L(s) = z²: (s - r)² - r² = z²."""
    here = likelihood_limit(MODEL, counts(-1.0), 0.9)
    assert here / SPREAD == pytest.approx(-1.0 + np.sqrt(1.0 + 1.2816**2), abs=0.02)


def test_trials_are_drawn_as_far_as_they_must_reach() -> None:
    _, signal = trials()
    assert 6.0 * SPREAD <= max(signal) < 7.0 * SPREAD
    assert reaching_trials(MODEL, signal, COLUMN, SPREAD, 2.0 * SPREAD, 100, 1).keys() == signal.keys()
