"""The fit of two numbers of events: against closed forms, a general optimiser, and the fit of one alone."""

import numpy as np
import pytest
from scipy.optimize import minimize

from core.errors import PhysicsError
from core.likelihood import fit_n_s
from core.likelihood.two_templates import fit_two_templates, information_matrix, profiled_drop, ratio_beside_free
from core.pdfs.joint_cells import merge_events_jointly, merge_jointly

N_EVENTS = 20_000


def small_sky(seed: int = 3, n_cells: int = 60) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Background, and two ratios that are partly alike, each with mean 1 over the background."""
    generator = np.random.default_rng(seed)
    background = generator.dirichlet(np.full(n_cells, 5.0))
    ratios = 1.0 + generator.normal(0.0, 0.5, (2, n_cells)).clip(-0.9, 3.0)
    ratios[1] += 0.5 * (ratios[0] - 1.0)
    ratios -= (ratios - 1.0) @ background[:, None]
    return background, ratios[0], ratios[1]


def expected_counts(n_signal: float, n_beside: float) -> np.ndarray:
    background, first, second = small_sky()
    return background * (N_EVENTS + n_signal * (first - 1.0) + n_beside * (second - 1.0))


def log_likelihood(counts: np.ndarray, n_signal: float, n_beside: float) -> float:
    _, first, second = small_sky()
    density = 1.0 + (n_signal * (first - 1.0) + n_beside * (second - 1.0)) / counts.sum()
    return float(np.sum(counts * np.log(density))) if density.min() > 0.0 else -np.inf


@pytest.mark.parametrize(("n_signal", "n_beside"), [(300.0, 1000.0), (0.0, -800.0), (-200.0, 0.0)])
def test_expected_counts_are_fitted_by_what_they_are_made_of(n_signal: float, n_beside: float) -> None:
    _, first, second = small_sky()
    fit = fit_two_templates(expected_counts(n_signal, n_beside)[None, :], first, second)
    assert fit.n_signal[0] == pytest.approx(n_signal, abs=1e-5)
    assert fit.n_beside[0] == pytest.approx(n_beside, abs=1e-5)


def test_a_general_optimiser_finds_no_better_fit() -> None:
    background, first, second = small_sky()
    generator = np.random.default_rng(5)
    for counts in generator.multinomial(500, background, size=10):
        fit = fit_two_templates(counts[None, :], first, second)
        found = log_likelihood(counts, fit.n_signal[0], fit.n_beside[0])

        def minus(numbers: np.ndarray, counts: np.ndarray = counts) -> float:
            return -log_likelihood(counts, *numbers)

        best = minimize(minus, [0.0, 0.0], method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-10})
        assert found >= -best.fun - 1e-7


def test_fits_are_unbiased_and_scatter_as_the_information_says() -> None:
    background, first, second = small_sky()
    counts = np.random.default_rng(7).poisson(expected_counts(300.0, 500.0), size=(4000, background.size))
    fit = fit_two_templates(counts, first, second)
    covariance = N_EVENTS * np.linalg.inv(information_matrix(background, first, second))
    error = np.sqrt(covariance[0, 0])
    assert fit.n_signal.mean() == pytest.approx(300.0, abs=4.0 * error / np.sqrt(4000))
    assert fit.n_signal.std() == pytest.approx(error, rel=0.05)
    assert fit.n_beside.std() == pytest.approx(np.sqrt(covariance[1, 1]), rel=0.05)
    assert np.corrcoef(fit.n_signal, fit.n_beside)[0, 1] == pytest.approx(
        covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1]), abs=0.05
    )


def test_the_profiled_interval_covers_as_it_says() -> None:
    background, first, second = small_sky()
    counts = np.random.default_rng(8).poisson(expected_counts(300.0, 500.0), size=(4000, background.size))
    assert np.mean(profiled_drop(counts, first, second, 300.0) <= 1.0) == pytest.approx(0.683, abs=0.02)


def test_one_ratio_stands_for_the_fit_beside_a_free_signal() -> None:
    """To first order: the fit of the ratio that the second signal cannot mimic."""
    background, first, second = small_sky()
    counts = np.random.default_rng(9).poisson(expected_counts(0.0, 0.0), size=(500, background.size))
    both = fit_two_templates(counts, first, second).n_signal
    one = fit_n_s(counts, ratio_beside_free(background, first, second), allow_negative=True).n_s
    error = both.std()
    assert np.std(both - one) < 0.1 * error
    assert information_matrix(background, ratio_beside_free(background, first, second), second)[0, 1] == pytest.approx(
        0.0, abs=1e-12
    )


def test_the_statistic_is_the_drop_to_no_signal_with_its_sign() -> None:
    background, first, second = small_sky()
    counts = np.random.default_rng(10).poisson(expected_counts(100.0, 0.0), size=(200, background.size))
    fit = fit_two_templates(counts, first, second)
    assert np.abs(fit.test_statistic) == pytest.approx(profiled_drop(counts, first, second, 0.0), abs=1e-8)
    assert np.all(np.sign(fit.test_statistic) == np.sign(fit.n_signal))


def test_no_density_is_negative_whatever_the_counts() -> None:
    _, first, second = small_sky()
    extreme = np.zeros((3, first.size), dtype=int)
    extreme[0, np.argmax(first)] = 5
    extreme[1, np.argmin(second)] = 1
    extreme[2, :2] = 40
    fit = fit_two_templates(extreme, first, second)
    for n_signal, n_beside, n_events in zip(fit.n_signal, fit.n_beside, extreme.sum(axis=1), strict=True):
        assert np.min(1.0 + (n_signal * (first - 1.0) + n_beside * (second - 1.0)) / n_events) > -1e-9


def test_without_events_or_without_a_difference_nothing_is_found() -> None:
    _, first, second = small_sky()
    empty = fit_two_templates(np.zeros((1, first.size)), first, second)
    assert (empty.n_signal[0], empty.n_beside[0], empty.test_statistic[0]) == (0.0, 0.0, 0.0)
    flat = np.ones(first.size)
    fit = fit_two_templates(np.full((1, first.size), 7), flat, flat)
    assert (fit.n_signal[0], fit.n_beside[0], fit.test_statistic[0]) == (0.0, 0.0, 0.0)


def test_a_signal_beside_that_is_the_background_changes_nothing() -> None:
    background, first, _ = small_sky()
    counts = np.random.default_rng(11).poisson(expected_counts(100.0, 0.0), size=(50, background.size))
    fit = fit_two_templates(counts, first, np.ones(first.size))
    alone = fit_n_s(counts, first, allow_negative=True)
    assert fit.n_signal == pytest.approx(alone.n_s, rel=1e-6)
    assert fit.test_statistic == pytest.approx(alone.test_statistic, abs=1e-7)
    assert np.all(fit.n_beside == 0.0)


def test_a_number_that_no_density_allows_is_infinitely_far() -> None:
    _, first, second = small_sky()
    counts = np.full((1, first.size), 3)
    assert profiled_drop(counts, first, second, 100.0 * counts.sum())[0] == np.inf


@pytest.mark.parametrize(
    ("counts", "change", "message"),
    [
        (np.ones((1, 5)), 0.0, "do not fit"),
        (-np.ones((1, 60)), 0.0, "negative"),
        (np.ones((1, 60)), np.nan, "not finite"),
        (np.ones((1, 60)), 100.0, "one side of 1"),
    ],
)
def test_impossible_input_is_refused(counts: np.ndarray, change: float, message: str) -> None:
    _, first, second = small_sky()
    with pytest.raises(PhysicsError, match=message):
        fit_two_templates(counts, first + change, second)


def test_merging_keeps_sums_and_loses_little() -> None:
    generator = np.random.default_rng(12)
    background = generator.dirichlet(np.full(40_000, 5.0))
    one, two = generator.dirichlet(np.full(40_000, 2.0), size=2)
    ratios = one / background, two / background
    cells = merge_jointly(*ratios, background, one, two)
    assert cells.background.sum() == pytest.approx(1.0)
    assert np.sum(cells.background * cells.ratio) == pytest.approx(1.0)
    assert np.sum(cells.background * cells.ratio_beside) == pytest.approx(1.0)
    assert np.all(np.abs(cells.information_loss) < 2e-3)
    counts = generator.multinomial(5000, background)
    merged, first, second = merge_events_jointly(counts, *ratios, background)
    assert merged.sum() == 5000
    assert first == pytest.approx(cells.ratio)
    assert second == pytest.approx(cells.ratio_beside)
