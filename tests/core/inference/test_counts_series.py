"""The compiled fit of counts to a power series, on series whose minimum is known."""

import numpy as np
import pytest

from core.inference.counts_series import BENT, fit_many

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

    def fit(self, counts: np.ndarray, *free: int, centres: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        may_move = np.isin(np.arange(N_PARAMETERS), free)
        around = np.zeros((len(counts), N_PARAMETERS)) if centres is None else centres
        starts = np.zeros((len(counts), N_PARAMETERS))
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
