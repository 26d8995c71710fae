"""The unified interval by trials, against its closed form for a bounded Gaussian mean, 90 % CL."""

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import norm

from core.errors import PhysicsError
from core.inference.unified_interval import unified_content, unified_interval

SPREAD = 3000.0  # so many events that their Poisson numbers hardly widen a fit


def content_between(low: float, high: float, mean: float) -> float:
    return float(norm.cdf(high - mean) - norm.cdf(low - mean))


def content_below(fitted: float, mean: float) -> float:
    """Return the content of the acceptance region that ends at a fit: R is exp(xμ - μ²/2) where x is unphysical."""
    low = 2.0 * mean - fitted
    return content_between(low if low >= 0.0 else fitted - fitted**2 / (2.0 * mean), fitted, mean)


def content_above(fitted: float, mean: float) -> float:
    """Return the content of the acceptance region that begins at a fit."""
    distance = mean - fitted if fitted >= 0.0 else np.sqrt(mean**2 - 2.0 * fitted * mean)
    return content_between(fitted, mean + distance, mean)


def bounded_gaussian_interval(fitted: float) -> tuple[float, float]:
    """Return the interval of section IV B of Feldman and Cousins (1998), from its definition."""
    low = 0.0 if norm.cdf(fitted) < 0.9 else brentq(lambda mean: content_below(fitted, mean) - 0.9, 1e-6, fitted)
    high = brentq(lambda mean: content_above(fitted, mean) - 0.9, max(fitted, 0.0) + 1e-6, max(fitted, 0.0) + 5.0)
    return low, high


def statistic(mean: float, n_trials: int, generator: np.random.Generator) -> np.ndarray:
    root = mean + generator.normal(size=n_trials)
    return root * np.abs(root)


@pytest.fixture(scope="module")
def trials() -> tuple[np.ndarray, dict[int, np.ndarray]]:
    generator = np.random.default_rng(3)
    factors = (0.25, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0)
    signal = {round(factor * SPREAD): statistic(factor, 40_000, generator) for factor in factors}
    return statistic(0.0, 400_000, generator), signal


@pytest.mark.slow
@pytest.mark.parametrize("fitted", [-2.0, -1.0, 0.0, 1.0, 2.0, 3.0])
def test_it_is_that_of_a_bounded_gaussian_mean(fitted: float, trials: tuple[np.ndarray, dict[int, np.ndarray]]) -> None:
    found = unified_interval(*trials, fitted * abs(fitted))
    assert np.array(found) / SPREAD == pytest.approx(bounded_gaussian_interval(fitted), abs=0.02)


def test_content_is_that_of_the_order(trials: tuple[np.ndarray, dict[int, np.ndarray]]) -> None:
    """Far above the bound the order is by distance: what is nearer than 1.645 holds 90 %."""
    for side in (-1.645, 1.645):
        root = 4.0 + side
        assert unified_content(*trials, root * abs(root), 4.0 * SPREAD) == pytest.approx(0.9, abs=0.01)


def test_trials_that_do_not_reach_are_refused(trials: tuple[np.ndarray, dict[int, np.ndarray]]) -> None:
    with pytest.raises(PhysicsError, match="more injected events"):
        unified_interval(*trials, 5.5**2)
