"""The likelihood interval: against bracketed roots, closed forms and a Gaussian's coverage."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq

from core.errors import PhysicsError
from core.likelihood.fit import fit_n_s, n_s_limits
from core.likelihood.interval import likelihood_interval

ratios = st.one_of(st.floats(0.0, 5.0), st.sampled_from([0.0, 1.0, 1.0 + 1e-6, 0.999, 2.0, -0.5, -3.0, 50.0]))
cell_counts = st.one_of(st.sampled_from([0, 0, 1, 2]), st.integers(0, 40), st.integers(0, 30_000))
cells = st.lists(st.tuples(cell_counts, ratios), min_size=1, max_size=12)


def fall(n_s: float, best: float, counts: np.ndarray, ratio: np.ndarray) -> float:
    """2 ln L at the best fit less that at n_s; occupied cells alone count."""
    here = (counts > 0) & (ratio != 1.0)
    n_events = counts.sum()
    density, at_best = (1.0 + value / n_events * (ratio[here] - 1.0) for value in (n_s, best))
    if (density <= 0.0).any():
        return np.inf
    return float(2.0 * np.sum(counts[here] * np.log(at_best / density)))


def reference_end(best: float, limit: float, counts: np.ndarray, ratio: np.ndarray) -> float:
    if not fall(limit, best, counts, ratio) > 1.0:
        return limit
    low, high = sorted((best, limit))
    return float(brentq(lambda n_s: min(fall(n_s, best, counts, ratio), 1e300) - 1.0, low, high, rtol=1e-13))


@settings(deadline=None)
@given(cells)
@example([(0, 50.0), (1, -0.5)])  # the first step ends where the density is all but 0
def test_both_ends_are_the_roots(rows: list[tuple[int, float]]) -> None:
    counts, ratio = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    found = likelihood_interval(counts[None, :], ratio)
    n_events = counts.sum()
    if n_events == 0:
        assert (found.low[0], found.best[0], found.high[0]) == (0.0, 0.0, 0.0)
        return
    best = fit_n_s(counts[None, :], ratio, allow_negative=True).n_s[0]
    assert found.best[0] == best
    for end, limit in zip((found.low[0], found.high[0]), n_s_limits(ratio), strict=True):
        wanted = reference_end(best, limit * n_events, counts, ratio)
        assert end == pytest.approx(wanted, rel=1e-6, abs=1e-9 * n_events)
    assert found.low[0] <= best <= found.high[0]


def test_two_cells_are_a_binomial_proportion() -> None:
    """R = 2 and 0 at equal background: n_s/N = p_1 - p_0, and L is that of a binomial share p_1 = (1 + n_s/N)/2."""
    found = likelihood_interval([[70, 30]], [2.0, 0.0])
    assert found.best[0] == pytest.approx(40.0)
    for end in (found.low[0], found.high[0]):
        share = 0.5 * (1.0 + end / 100.0)
        assert 2.0 * (70 * np.log(0.7 / share) + 30 * np.log(0.3 / (1.0 - share))) == pytest.approx(1.0)


def test_an_interval_ends_where_a_density_reaches_zero() -> None:
    """Nothing was seen in the cell of R = 2: n_s falls to -N, where its density is 0, and the interval ends there."""
    found = likelihood_interval([[0, 100]], [2.0, 0.0])
    assert found.best[0] == found.low[0] == -100.0
    assert 2.0 * 100.0 * np.log(2.0 / (1.0 - found.high[0] / 100.0)) == pytest.approx(1.0)


def test_cells_that_say_nothing_leave_all_that_may_be_tested() -> None:
    found = likelihood_interval([[7, 0, 0]], [1.0, 3.0, -1.0])
    assert (found.low[0], found.best[0], found.high[0]) == pytest.approx((-3.5, 0.0, 3.5))


def test_a_greater_drop_is_wider_and_many_events_are_gaussian() -> None:
    counts, ratio = np.array([[40_000, 60_000]]), np.array([1.3, 0.8])
    one, four = likelihood_interval(counts, ratio), likelihood_interval(counts, ratio, drop=4.0)
    assert (four.high - four.low)[0] == pytest.approx(2.0 * (one.high - one.low)[0], rel=1e-3)
    deviation = np.sqrt(1e5 / np.average((ratio - 1.0) ** 2, weights=counts[0]))
    assert (one.high - one.low)[0] == pytest.approx(2.0 * deviation, rel=0.02)


def test_each_trial_may_have_its_own_ratio() -> None:
    counts = np.random.default_rng(1).poisson(30.0, (5, 7))
    ratio = np.random.default_rng(2).uniform(-0.5, 3.0, (5, 7))
    together = likelihood_interval(counts, ratio)
    for trial in range(5):
        alone = likelihood_interval(counts[[trial]], ratio[trial])
        assert (alone.low[0], alone.best[0], alone.high[0]) == (
            together.low[trial],
            together.best[trial],
            together.high[trial],
        )


def test_the_interval_covers_as_wilks_says() -> None:
    """Of 20,000 multinomial trials with 300 of 20,000 events from the signal, 68.3 % of the intervals hold 300."""
    background, ratio = np.full(8, 0.125), np.array([-0.2, 0.3, 0.6, 0.9, 1.1, 1.3, 1.6, 2.4])
    truth = background * (1.0 + 0.015 * (ratio - 1.0))
    counts = np.random.default_rng(3).multinomial(20_000, truth, 20_000)
    found = likelihood_interval(counts, ratio)
    assert found.covers(300.0).mean() == pytest.approx(0.6827, abs=4.0 * np.sqrt(0.6827 * 0.3173 / 20_000))


def test_a_cross_section_is_n_s_over_its_scale() -> None:
    n_s = likelihood_interval([[70, 30]], [2.0, 0.0])
    sigma_v = n_s.as_strength(1e25)
    assert (sigma_v.low, sigma_v.best, sigma_v.high) == (n_s.low / 1e25, n_s.best / 1e25, n_s.high / 1e25)
    assert sigma_v.covers(4e-24)[0]


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(PhysicsError, match="a drop of 0"):
        likelihood_interval([[1, 2]], [2.0, 0.0], drop=0.0)
    with pytest.raises(PhysicsError, match="do not fit"):
        likelihood_interval([[1, 2]], [[2.0, 0.0], [2.0, 0.0]])
    with pytest.raises(PhysicsError, match="do not fit"):
        likelihood_interval([1, 2], [2.0, 0.0])
    with pytest.raises(PhysicsError, match="needed is a positive number"):
        likelihood_interval([[1, 2]], [2.0, 0.0]).as_strength(0.0)
