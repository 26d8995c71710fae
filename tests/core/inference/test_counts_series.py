"""The compiled fit of counts to a power series, on series whose minimum is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from core.inference.counts_series import BENT, expectation, fit_many

N_PARAMETERS = 16
WIDE = 1e-12  # precision of a prior that says nothing


class Series:
    """Expectations that are linear in the parameters, without errors or priors unless told."""

    def __init__(self, expected: list[float], variance: float = 1e-12) -> None:
        self.expected = np.array(expected)
        n_bins = len(expected)
        self.slopes = np.zeros((N_PARAMETERS, n_bins))
        self.curvature = np.zeros((N_PARAMETERS, N_PARAMETERS, n_bins))
        self.bending = np.zeros((2, N_PARAMETERS + 1, n_bins))
        self.variance = np.full(n_bins, variance)
        self.precision = np.full(N_PARAMETERS, WIDE)
        self.low, self.high = np.full(N_PARAMETERS, -10.0), np.full(N_PARAMETERS, 10.0)

    def fit(
        self, counts: np.ndarray, *free: int, centres: np.ndarray | None = None, start: float = 0.0
    ) -> tuple[np.ndarray, np.ndarray]:
        may_move = np.isin(np.arange(N_PARAMETERS), free)
        around = np.zeros((len(counts), N_PARAMETERS)) if centres is None else centres
        starts = np.where(may_move, start, np.zeros((len(counts), N_PARAMETERS)))
        found, minimum = fit_many(
            counts, around, self.expected, self.slopes, self.curvature, self.bending,
            self.variance, self.precision, self.low, self.high, starts, may_move, 0.0,
        )  # fmt: skip
        return np.asarray(found), np.asarray(minimum)


def normalised() -> Series:
    """All bins scaled by 1 + d_0."""
    series = Series([100.0, 50.0, 10.0])
    series.slopes[0] = series.expected
    return series


def test_a_normalisation_is_the_ratio_of_sums() -> None:
    counts = np.array([[120.0, 45.0, 15.0], [100.0, 50.0, 10.0], [80.0, 60.0, 4.0]])
    found, minimum = normalised().fit(counts, 0)
    assert found[:, 0] == pytest.approx(counts.sum(axis=1) / 160.0 - 1.0, abs=1e-5)
    assert minimum[1] == pytest.approx(0.0, abs=1e-6)
    assert np.all(minimum[[0, 2]] > 0.0)


def test_what_is_not_free_stays() -> None:
    found, minimum = normalised().fit(np.array([[120.0, 45.0, 15.0]]))
    assert np.all(found == 0.0)
    counts, expected = np.array([120.0, 45.0, 15.0]), np.array([100.0, 50.0, 10.0])
    assert minimum[0] == pytest.approx(2.0 * np.sum(expected - counts + counts * np.log(counts / expected)), rel=1e-6)


def test_a_limit_is_not_crossed() -> None:
    series = normalised()
    series.high[0] = 0.05
    assert series.fit(np.array([[120.0, 45.0, 15.0]]), 0)[0][0, 0] == pytest.approx(0.05)


def test_a_prior_of_many_events_worth_holds_its_centre() -> None:
    series = normalised()
    centres = np.zeros((1, N_PARAMETERS))
    centres[0, 0] = 0.3
    series.precision[0] = 1e8
    found, _ = series.fit(np.array([[100.0, 50.0, 10.0]]), 0, centres=centres)
    assert found[0, 0] == pytest.approx(0.3, abs=1e-4)


def test_prior_and_counts_weigh_by_their_errors() -> None:
    """Near the minimum counts weigh as N = 160 does: a prior of the same precision about 0 halves the shift."""
    series = normalised()
    series.precision[0] = 160.0
    found, _ = series.fit(np.array([[101.0, 50.5, 10.1]]), 0)
    assert found[0, 0] == pytest.approx(0.005, rel=0.02)


def test_an_uncertain_expectation_costs_less() -> None:
    counts = np.array([[130.0]])
    known, uncertain = (Series([100.0], variance) for variance in (1e-12, 0.04))
    assert uncertain.fit(counts)[1][0] < known.fit(counts)[1][0]
    # χ² = (n - μ)²/(μ + σ²μ²), of Gaussian errors
    assert uncertain.fit(counts)[1][0] == pytest.approx(900.0 / (100.0 + 400.0), rel=0.2)


def test_terms_beyond_the_second_order_bend_two_parameters() -> None:
    """μ = 100 + m³ b/6 with b = 60: 180 counts are at m = 2."""
    series = Series([100.0])
    own = BENT[0]
    series.slopes[own] = 1e-6
    series.bending[0, own, 0] = 60.0
    series.low[own] = 0.5
    found, minimum = series.fit(np.array([[180.0]]), own)
    assert found[0, own] == pytest.approx(2.0, abs=1e-3)
    assert minimum[0] == pytest.approx(0.0, abs=1e-6)


@settings(max_examples=10, deadline=None)
@given(st.lists(st.floats(-1.0, 1.0), min_size=N_PARAMETERS, max_size=N_PARAMETERS), st.integers(0, 99))
def test_slopes_are_those_of_the_expectation(place: list[float], seed: int) -> None:
    """Of a series of all terms at any point, by differences along every parameter."""
    random, series = np.random.default_rng(seed), Series([100.0, 50.0])
    series.slopes[:] = random.normal(size=series.slopes.shape)
    half = random.normal(size=series.curvature.shape)
    series.curvature[:] = half + half.transpose(1, 0, 2)
    series.bending[:] = random.normal(size=series.bending.shape)
    terms = series.expected, series.slopes, series.curvature, series.bending
    point, step = np.array(place), 1e-4
    rows = expectation(point, *terms)[1]
    for k in range(N_PARAMETERS):
        ahead, behind = (expectation(point + side * step * np.eye(N_PARAMETERS)[k], *terms)[0] for side in (1.0, -1.0))
        np.testing.assert_allclose(rows[k], (ahead - behind) / (2.0 * step), atol=1e-5)


def test_a_series_is_its_polynomial() -> None:
    """100 + 3 x + 5 y + 7 x²/2 + 11 x y + m² (13 x + 17 m/3 + 19 m²/12)/2 at x = 2, y = 3, m = 2."""
    series, bent = Series([100.0]), BENT[1]
    series.slopes[:2, 0] = 3.0, 5.0
    series.curvature[0, 0, 0], series.curvature[0, 1, 0], series.curvature[1, 0, 0] = 7.0, 11.0, 11.0
    series.bending[1, 0, 0], series.bending[1, bent, 0], series.bending[1, N_PARAMETERS, 0] = 13.0, 17.0, 19.0
    point = np.zeros(N_PARAMETERS)
    point[[0, 1, bent]] = 2.0, 3.0, 2.0
    mean, rows = expectation(point, series.expected, series.slopes, series.curvature, series.bending)
    assert mean[0] == pytest.approx(100.0 + 6.0 + 15.0 + 14.0 + 66.0 + 2.0 * (26.0 + 34.0 / 3.0 + 19.0 / 3.0))
    assert rows[:2, 0] == pytest.approx([3.0 + 14.0 + 33.0 + 26.0, 5.0 + 22.0])
    assert rows[bent, 0] == pytest.approx(2.0 * 26.0 + 17.0 * 4.0 / 2.0 + 19.0 * 8.0 / 6.0)


@pytest.mark.parametrize("count", [0.0, 60.0, 100.0, 130.0])
def test_the_factor_of_a_bin_is_the_one_that_fits_best(count: float) -> None:
    """-2 ln L of one bin with its factor profiled, against a search over the factor."""

    def twice_minus_log_likelihood(factor: float) -> float:
        logarithm = count * np.log(count / (100.0 * factor)) if count else 0.0
        return float(2.0 * (100.0 * factor - count + logarithm) + (factor - 1.0) ** 2 / 0.04)

    best = minimize_scalar(twice_minus_log_likelihood, bounds=(1e-6, 3.0), method="bounded").fun if count else None
    # Without events the factor is 1 - μ σ² or, where that is negative, 0.
    wanted = best if best is not None else twice_minus_log_likelihood(0.0)
    assert Series([100.0], 0.04).fit(np.array([[count]]))[1][0] == pytest.approx(wanted, abs=1e-6)


@pytest.mark.parametrize(("second", "octant"), [(60.0, 1.0), (40.0, -1.0)])
@pytest.mark.parametrize("start", [0.6, -0.6])
def test_the_better_octant_is_found_from_either(second: float, octant: float, start: float) -> None:
    """μ = 100 + 50 d², which is 150 at d = 1 and at -1, and 50 + 10 d, which tells them apart."""
    series, angle = Series([100.0, 50.0]), BENT[1]
    series.curvature[angle, angle, 0], series.slopes[angle, 1] = 100.0, 10.0
    found, minimum = series.fit(np.array([[150.0, second]]), angle, start=start)
    assert found[0, angle] == pytest.approx(octant, abs=1e-4)
    assert minimum[0] == pytest.approx(0.0, abs=1e-6)


def test_histograms_are_fitted_each_for_itself() -> None:
    """Also behind one of no events at all, whose normalisation goes to where the expectation may not follow."""
    counts = np.array([[0.0, 0.0, 0.0], [120.0, 45.0, 15.0]])
    found, minimum = normalised().fit(counts, 0)
    alone, least = normalised().fit(counts[1:], 0)
    assert found[1, 0] == alone[0, 0]
    assert minimum[1] == least[0]
    assert -1.0 < found[0, 0] < -0.95
    assert minimum[0] == pytest.approx(2.0 * 160.0 * (1.0 + found[0, 0]), rel=1e-6)


def test_what_expects_nothing_from_the_start_stays_there() -> None:
    series = Series([0.0, 50.0])
    found, minimum = series.fit(np.array([[3.0, 50.0]]), 0, start=0.5)
    assert found[0, 0] == 0.5
    assert minimum[0] == 1e15
