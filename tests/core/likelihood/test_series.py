"""Fits by series: exact where they settle, and left open where they would not be."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.likelihood.fit import fit_n_s
from core.likelihood.series import LANES, fit_by_series


def blocked(counts: np.ndarray) -> np.ndarray:
    """Counts (n_trials, n_cells) as (n_blocks, n_cells, LANES)."""
    return np.ascontiguousarray(counts.reshape(-1, LANES, counts.shape[1]).swapaxes(1, 2), dtype=np.int32)


def fitted(counts: np.ndarray, ratio: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    n_s, test_statistic = np.full(len(counts), np.nan), np.full(len(counts), np.nan)
    settled = fit_by_series(blocked(counts), ratio - 1.0, n_s, test_statistic)
    return n_s, test_statistic, settled


def drawn(ratio: np.ndarray, n_events: int, n_trials: int = 2 * LANES) -> np.ndarray:
    return np.random.default_rng(4).multinomial(n_events, np.full(ratio.size, 1.0 / ratio.size), n_trials)


@pytest.mark.parametrize("n_cells", [3, 8, 9, 64])
def test_what_settles_is_the_fit(n_cells: int) -> None:
    ratio = np.linspace(0.0, 2.0, n_cells)
    counts = drawn(ratio, 100_000)
    n_s, test_statistic, settled = fitted(counts, ratio)
    assert settled.all()
    expected = fit_n_s(counts, ratio, allow_negative=True)
    np.testing.assert_allclose(n_s, expected.n_s, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(test_statistic, expected.test_statistic, rtol=1e-7, atol=1e-9)


def test_large_ratios_are_left_to_the_exact_fit() -> None:
    ratio = np.array([0.5, 0.5, 0.5, 0.5, 48.0])
    counts = np.tile([10, 10, 10, 10, 60], (LANES, 1))
    assert not fitted(counts, ratio)[2].any()


def test_a_trial_is_settled_by_its_own_counts_alone() -> None:
    ratio = np.array([0.1, 0.9, 2.0])
    quiet, loud = np.array([3333, 3334, 3333]), np.array([100, 100, 9800])
    mixed = np.array([loud if trial % 5 == 0 else quiet for trial in range(LANES)])
    alone = np.tile(quiet, (LANES, 1))
    (n_s, _, settled), (expected, _, all_settled) = fitted(mixed, ratio), fitted(alone, ratio)
    assert all_settled.all()
    assert not settled[::5].any()
    kept = np.arange(LANES) % 5 != 0
    assert settled[kept].all()
    np.testing.assert_array_equal(n_s[kept], expected[kept])


@settings(max_examples=40, deadline=None)
@given(low=st.integers(4000, 6000), excess=st.floats(0.3, 0.9))
def test_two_cells_have_a_fit_in_closed_form(low: int, excess: float) -> None:
    """R = 1 ± e: the share of signal is (a - b)/(N e), and 2 ln L the Poisson deviance of halves, 2 Σ k ln(2k/N)."""
    first, second = low, 10_000 - low
    counts = np.tile([first, second], (LANES, 1))
    n_s, test_statistic, settled = fitted(counts, np.array([1.0 + excess, 1.0 - excess]))
    share = (first - second) / (10_000 * excess)
    deviance = 2.0 * (first * np.log(first / 5000.0) + second * np.log(second / 5000.0))
    for value, statistic in zip(n_s[settled], test_statistic[settled], strict=True):
        assert value == pytest.approx(10_000 * share, rel=1e-6, abs=1e-6)
        assert abs(statistic) == pytest.approx(deviance, rel=1e-6, abs=1e-9)
        assert np.sign(statistic) == np.sign(share) or first == second
    # The series reaches to |f| e = 0.13, a little less where its steps go beyond before they come back.
    if not 0.125 < abs(share) * excess < 0.13:
        assert settled.all() == (abs(share) * excess < 0.13)


def test_counts_without_an_excess_are_no_signal_and_settle() -> None:
    n_s, test_statistic, settled = fitted(np.tile([50, 50], (LANES, 1)), np.array([1.5, 0.5]))
    np.testing.assert_array_equal(n_s, 0.0)
    np.testing.assert_array_equal(test_statistic, 0.0)
    assert settled.all()


def test_a_scale_of_the_excess_scales_the_fit_and_leaves_the_test_statistic() -> None:
    counts = drawn(np.ones(6), 50_000, LANES)
    excess = np.array([-0.2, -0.1, 0.0, 0.05, 0.1, 0.15])
    small, large = fitted(counts, 1.0 + excess), fitted(counts, 1.0 + 2.0 * excess)
    both = small[2] & large[2]
    assert both.any()
    np.testing.assert_allclose(small[0][both], 2.0 * large[0][both], rtol=1e-6)
    np.testing.assert_allclose(small[1][both], large[1][both], rtol=1e-7)
