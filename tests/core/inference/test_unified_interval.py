"""The unified interval by trials, where fits are Gaussian: table X of Feldman and Cousins (1998), 90 % CL."""

import numpy as np
import pytest

from core.errors import PhysicsError
from core.inference.unified_interval import unified_content, unified_interval

SPREAD = 3000.0  # so many events that their Poisson numbers hardly widen a fit
# Fitted signal in its standard deviations: (low, high).
GAUSSIAN = {
    -2.0: (0.0, 0.42),
    -1.0: (0.0, 0.81),
    0.0: (0.0, 1.64),
    1.0: (0.0, 2.64),
    2.0: (0.58, 3.64),
    3.0: (1.37, 4.64),
}


def statistic(mean: float, n_trials: int, generator: np.random.Generator) -> np.ndarray:
    root = mean + generator.normal(size=n_trials)
    return root * np.abs(root)


@pytest.fixture(scope="module")
def trials() -> tuple[np.ndarray, dict[int, np.ndarray]]:
    generator = np.random.default_rng(3)
    factors = (0.25, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0)
    signal = {round(factor * SPREAD): statistic(factor, 40_000, generator) for factor in factors}
    return statistic(0.0, 400_000, generator), signal


@pytest.mark.parametrize("fitted", GAUSSIAN)
def test_it_is_that_of_a_bounded_gaussian_mean(fitted: float, trials: tuple[np.ndarray, dict[int, np.ndarray]]) -> None:
    found = unified_interval(*trials, fitted * abs(fitted))
    assert np.array(found) / SPREAD == pytest.approx(GAUSSIAN[fitted], abs=0.02)


def test_content_is_that_of_the_order(trials: tuple[np.ndarray, dict[int, np.ndarray]]) -> None:
    """Far above the bound the order is by distance: what is nearer than 1.645 holds 90 %."""
    for side in (-1.645, 1.645):
        root = 4.0 + side
        assert unified_content(*trials, root * abs(root), 4.0 * SPREAD) == pytest.approx(0.9, abs=0.01)


def test_trials_that_do_not_reach_are_refused(trials: tuple[np.ndarray, dict[int, np.ndarray]]) -> None:
    with pytest.raises(PhysicsError, match="more injected events"):
        unified_interval(*trials, 5.5**2)
