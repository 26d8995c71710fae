"""n_s and its test statistic against a bracketed root of the score and against the published grid, event by event."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq

from core.errors import PhysicsError
from core.likelihood import fit, series
from core.likelihood.fit import fit_n_s, fit_n_s_grid


def log_likelihood_ratio(n_s: float, counts: np.ndarray, ratio: np.ndarray) -> float:
    """ln L(n_s) - ln L(0), occupied cells alone, in long double."""
    here = counts > 0
    u = np.longdouble(n_s) / counts.sum() * (ratio[here].astype(np.longdouble) - 1.0)
    return float(np.sum(counts[here] * np.log1p(np.maximum(u, -1.0 + 1e-300))))


def reference_fit(counts: np.ndarray, ratio: np.ndarray) -> float:
    """The signed n_s by bracketing the score, slowly and without cleverness."""
    n_events = int(counts.sum())
    excess = ratio - 1.0
    here = (counts > 0) & (excess != 0.0)
    if not here.any():
        return 0.0

    def score(fraction: float) -> float:
        return float(np.sum(counts[here] * excess[here] / (1.0 + fraction * excess[here])))

    at_zero = score(0.0)
    if at_zero == 0.0:
        return 0.0
    if at_zero > 0.0:
        limit = min(-1.0 / excess.min(), 1.0) if excess.min() < 0.0 else 1.0
    else:
        limit = -1.0 / excess.max() if excess.max() > 0.0 else -1.0
    pinned = np.any(here & (1.0 + limit * excess <= 1e-15))
    inside = limit * (1.0 - 1e-15) if pinned else limit
    if score(inside) * at_zero >= 0.0:
        return n_events * limit
    low, high = sorted((0.0, inside))
    return n_events * brentq(score, low, high, xtol=1e-300, rtol=1e-14, maxiter=2000)


def reference_grid(counts: np.ndarray, ratio: np.ndarray) -> tuple[int, float]:
    """The published loop: ln L at every whole n_s, the first of the greatest."""
    n_events = int(counts.sum())
    values = [2.0 * log_likelihood_ratio(n_s, counts, ratio) for n_s in range(max(n_events // 100, 1))]
    best = int(np.argmax(values))
    return best, values[best]


ratios = st.one_of(
    st.floats(0.0, 5.0),
    st.sampled_from([0.0, 1.0, 1e-29, 1e12, 1.0 + 1e-9, 0.999, 2.0, -0.5, -3.0, -40.0, 50.0]),
)
cell_counts = st.one_of(st.sampled_from([0, 0, 1, 2]), st.integers(0, 40), st.integers(0, 30_000))
cells = st.lists(st.tuples(cell_counts, ratios), min_size=1, max_size=12)


def agree_with_reference(counts: np.ndarray, ratio: np.ndarray) -> None:
    signed = fit_n_s(counts[np.newaxis], ratio, allow_negative=True)
    bounded = fit_n_s(counts[np.newaxis], ratio)
    expected = reference_fit(counts, ratio) if counts.sum() else 0.0
    n_s, statistic = signed.n_s[0], signed.test_statistic[0]
    assert np.isfinite([n_s, statistic]).all()
    assert abs(n_s - expected) <= 1e-6 * max(1.0, abs(expected))
    expected_statistic = 2.0 * log_likelihood_ratio(n_s, counts, ratio) if n_s else 0.0
    assert abs(abs(statistic) - max(expected_statistic, 0.0)) <= 1e-9 * max(1.0, abs(statistic))
    assert n_s * statistic >= 0.0
    assert bounded.n_s[0] == max(n_s, 0.0)
    assert bounded.test_statistic[0] == max(statistic, 0.0)


@pytest.mark.parametrize("reach", [1e-4, 0.01, 0.05, 0.1, 0.12, 0.1299, 0.1301, 0.14, 0.3])
@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_fits_agree_with_the_bracketed_root_inside_and_outside_of_the_series(reach, sign):
    rng = np.random.default_rng(int(1e4 * reach))
    for n_cells in (2, 5, 36, 100):
        background = rng.dirichlet(np.ones(n_cells))
        signal = background * np.exp(rng.normal(size=n_cells))
        ratio = signal / signal.sum() / background
        fraction = sign * reach / np.abs(ratio - 1.0).max()
        for n_events in (1_000, 2_000_000):
            counts = rng.multinomial(n_events, background * (1.0 + fraction * (ratio - 1.0)))
            agree_with_reference(counts, ratio)


@pytest.mark.slow
@settings(max_examples=600, deadline=None)
@given(cells)
def test_adversarial_cells_agree_with_the_bracketed_root(pairs):
    counts = np.array([count for count, _ in pairs])
    agree_with_reference(counts, np.array([ratio for _, ratio in pairs]))


@pytest.mark.parametrize("n_cells", [1, 2, 7, 36, 256, 1000])
def test_random_cells_agree_with_the_bracketed_root(n_cells):
    rng = np.random.default_rng(n_cells)
    ratio = np.exp(rng.normal(0.0, 1.5, n_cells))
    for n_events in (1, 10, 1_000, 100_000):
        for _ in range(8):
            counts = rng.multinomial(n_events, rng.dirichlet(np.ones(n_cells)))
            agree_with_reference(counts, ratio)
            agree_with_reference(counts, ratio - 0.7)


@pytest.mark.parametrize(
    ("counts", "ratio"),
    [
        ([1], [1.0]),
        ([1], [0.0]),
        ([1], [3.0]),
        ([0, 0], [2.0, 0.5]),
        ([1000, 0], [0.0, 2.0]),
        ([0, 1000], [0.0, 2.0]),
        ([1, 99_999], [1e12, 1.0 - 1e-7]),
        ([0, 99_999], [1e12, 0.9]),
        ([99_999, 1], [1e12, 0.0]),
        ([50, 50], [-3.0, 5.0]),
        ([0, 50, 0], [-3.0, 5.0, 1.0]),
        ([10, 20, 30], [1.0, 1.0, 1.0]),
        ([1, 1], [0.0, 1e12]),
    ],
)
def test_extreme_cells(counts, ratio):
    agree_with_reference(np.array(counts), np.array(ratio))


def test_flat_likelihood_gives_zero():
    fit = fit_n_s([[3, 4, 0], [0, 0, 0]], [1.0, 1.0, 5.0], allow_negative=True)
    assert np.array_equal(fit.n_s, [0.0, 0.0])
    assert np.array_equal(fit.test_statistic, [0.0, 0.0])


def test_two_cells_have_a_closed_form():
    # score 0: 60 (R1 - 1)/(1 + x (R1 - 1)) + 40 (R2 - 1)/(1 + x (R2 - 1)) = 0 with R = 2, 0 gives x = 0.2
    fit = fit_n_s([[60, 40], [40, 60]], [2.0, 0.0], allow_negative=True)
    assert fit.n_s == pytest.approx([20.0, -20.0], rel=1e-12)
    statistic = 2.0 * (60.0 * np.log(1.2) + 40.0 * np.log(0.8))
    assert fit.test_statistic == pytest.approx([statistic, -statistic], rel=1e-12)


def test_unoccupied_cells_limit_n_s():
    # nothing in the cell of R = -3: still its density 1 + n_s/N (R - 1) may not be negative, so n_s <= N/4
    fit = fit_n_s([[0, 100]], [-3.0, 2.0])
    assert fit.n_s[0] == pytest.approx(25.0)
    assert fit.test_statistic[0] == pytest.approx(200.0 * np.log(1.25))


@pytest.mark.parametrize("ratio", [[0.5, 2.0], [0.99, 1.01], [0.9999, 1.0001]])
def test_no_more_events_are_signal_than_there_are(ratio):
    fit = fit_n_s([[0, 100], [1, 99], [60, 40]], ratio)
    assert fit.n_s.max() <= 100.0
    assert fit.n_s[0] == 100.0
    assert fit.test_statistic[0] == pytest.approx(200.0 * np.log(ratio[1]))


def test_trials_do_not_feel_their_neighbours():
    rng = np.random.default_rng(3)
    counts = rng.multinomial(5_000, rng.dirichlet(np.ones(50)), size=300)
    ratio = np.exp(rng.normal(size=50))
    together = fit_n_s(counts, ratio, allow_negative=True)
    for first, last in ((0, 1), (17, 51), (250, 300)):
        alone = fit_n_s(counts[first:last], ratio, allow_negative=True)
        assert np.array_equal(alone.n_s, together.n_s[first:last])
        assert np.array_equal(alone.test_statistic, together.test_statistic[first:last])


@pytest.mark.parametrize("n_events", [1, 99, 100, 250, 1_000, 30_000])
def test_grid_agrees_with_the_published_loop(n_events):
    rng = np.random.default_rng(n_events)
    background = np.sin((np.arange(36) + 0.5) / 36 * np.pi)
    signal = np.exp(-np.arange(36) / 3.0)
    ratio = signal / signal.sum() / (background / background.sum())
    ratio[-1] = 0.0
    for n_injected in (0, n_events // 200, n_events // 50):
        for _ in range(6):
            counts = rng.multinomial(n_events - n_injected, background / background.sum())
            counts += rng.multinomial(n_injected, signal / signal.sum())
            n_s, statistic = reference_grid(counts, ratio)
            fit = fit_n_s_grid(counts[np.newaxis], ratio)
            assert fit.n_s[0] == n_s
            assert abs(fit.test_statistic[0] - statistic) < 1e-9 * max(1.0, statistic)


@settings(max_examples=200, deadline=None)
@given(cells)
def test_grid_is_never_beaten_by_a_neighbour(pairs):
    counts = np.array([count for count, _ in pairs])
    ratio = np.array([ratio for _, ratio in pairs])
    fit = fit_n_s_grid(counts[np.newaxis], ratio)
    n_s, statistic = fit.n_s[0], fit.test_statistic[0]
    assert n_s == int(n_s)
    assert 0 <= n_s <= max(counts.sum() // 100 - 1, 0)
    tolerance = 1e-9 * max(1.0, statistic)
    for neighbour in (n_s - 1, n_s + 1):
        if not 0 <= neighbour < counts.sum() // 100 or np.any(1.0 + neighbour / counts.sum() * (ratio - 1.0) < 0.0):
            continue
        assert 2.0 * log_likelihood_ratio(neighbour, counts, ratio) <= statistic + tolerance


@pytest.mark.parametrize(
    ("counts", "ratio", "message"),
    [
        ([[1, 2]], [1.0], "do not fit"),
        ([1, 2], [1.0, 2.0], "do not fit"),
        ([[1, 2]], [1.0, np.inf], "not finite"),
        ([[1.5, 2]], [1.0, 2.0], "whole numbers"),
        ([[-1, 2]], [1.0, 2.0], "whole numbers"),
    ],
)
def test_impossible_input_is_refused(counts, ratio, message):
    with pytest.raises(PhysicsError, match=message):
        fit_n_s(counts, ratio)


def test_all_compiled_fits_have_as_many_lanes():
    assert fit._LANES == series.LANES
