"""Limits with the detector drawn: closed forms of Gaussian fits, and what a drawn detector makes of fitted events."""

from functools import cache

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import ndtr

from core.inference.detector_limit import (
    N_NODES,
    fitted_event_factors,
    marginal_efficiency,
    marginalised_limit,
    quantile_nodes,
)
from core.inference.sensitivity import EfficiencyCurve
from core.inference.signal_systematics import SignalParts
from core.trials.statistic import TrialStatistic

SPREAD = 100.0  # σ(n_s) of Gaussian fits in events; n_injected adds to n_s, and its Poisson spread is part of SPREAD


def parts() -> SignalParts:
    return SignalParts(
        yields=np.array([[1.0, 3.0], [1.0, 1.0]]),
        score=np.array([2.0, 0.5]),
        square=np.array([4.0, 0.25]),
        information=1e-3,
        n_events=10_000,
    )


@cache
def trials() -> tuple[TrialStatistic, dict[int, TrialStatistic]]:
    """Signed TS of fits whose root is normal about n_injected / SPREAD with width 1."""
    random = np.random.default_rng(1)

    def drawn(number: float, n_trials: int) -> TrialStatistic:
        root = random.normal(number / SPREAD, 1.0, n_trials)
        return TrialStatistic.of_values(root * np.abs(root))

    numbers = range(50, 1001, 50)
    return drawn(0.0, 400_000), {number: drawn(number, 40_000) for number in numbers}


def test_events_count_by_their_score() -> None:
    """Nominal 2 events of score 2 and 4 of score 1/2: 6 in all, of which the second part has a third."""
    found = fitted_event_factors(parts(), np.array([[1.0, 1.0], [1.5, 1.0], [1.0, 0.4], [0.7, 0.7]]))
    assert found == pytest.approx([1.0, 8.0 / 6.0, 4.8 / 6.0, 0.7])


def test_nodes_stand_for_the_draws() -> None:
    draws = np.random.default_rng(2).lognormal(0.0, 0.1, 20_000)
    nodes = quantile_nodes(draws)
    assert nodes.shape == (N_NODES,)
    assert nodes.mean() == pytest.approx(draws.mean(), abs=5e-4)
    assert nodes.std() == pytest.approx(draws.std(), rel=0.02)
    assert quantile_nodes(np.array([0.5, 2.0])).size == 2


@pytest.mark.parametrize("root", [0.0, 1.0, 4.0])
@pytest.mark.parametrize("width", [0.05, 0.15])
def test_the_limit_is_that_of_a_gaussian_fit_with_a_drawn_scale(root: float, width: float) -> None:
    """P(root of a trial > r | n) averaged over f: of mean n f/σ and variance 1 + n f/σ², the Poisson spread of n."""
    nodes = quantile_nodes(np.random.default_rng(3).normal(1.0, width, 4_000))

    def share(mean: float) -> float:
        n = mean * nodes
        return float(np.mean(ndtr((n / SPREAD - root) / np.sqrt(1.0 + n / SPREAD**2))))

    due = brentq(lambda mean: share(mean) - 0.9, 1.0, 3000.0)
    found = marginalised_limit(*trials(), root**2, nodes, 0.9)
    assert found == pytest.approx(due, abs=0.02 * SPREAD)


def test_a_detector_known_exactly_gives_the_nominal_limit() -> None:
    nominal = EfficiencyCurve(*trials(), 1.0).crossing(0.9)
    assert nominal is not None
    assert marginalised_limit(*trials(), 1.0, np.ones(1), 0.9) == pytest.approx(nominal.n_s)
    assert marginalised_limit(*trials(), 1.0, np.full(3, 0.5), 0.9) == pytest.approx(2.0 * nominal.n_s)


def test_a_deep_observation_has_no_limit() -> None:
    assert marginalised_limit(*trials(), -4.0, np.array([0.9, 1.1]), 0.9) is None


def test_a_spread_of_detectors_weakens_the_limit_the_more_the_stronger_the_signal() -> None:
    nodes = np.array([0.8, 1.0, 1.2])
    weakened = []
    for root in (1.0, 5.0):
        found, nominal = marginalised_limit(*trials(), root**2, nodes, 0.9), EfficiencyCurve(*trials(), root**2)
        limit = nominal.crossing(0.9)
        assert found is not None
        assert limit is not None
        assert marginal_efficiency(nominal, found, nodes) == pytest.approx(0.9, abs=1e-6)
        weakened.append(found / limit.n_s)
    assert 1.0 < weakened[0] < weakened[1]
