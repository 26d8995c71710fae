"""The compiled loops of the profile over J factors, against closed forms of one and of several sources."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from core.likelihood.j_profile_loops import ProfiledSky, _cholesky, _solve, profiled_curve, profiled_ends

Z90 = 1.2815515655


def gaussian(projections: list[float], information: list[list[float]], error: float) -> ProfiledSky:
    """ln L = d θ - θ I θ/2 of sources whose ln J are known to an error."""
    errors = np.full(len(projections), error)
    nothing = np.empty(0), np.empty((0, len(projections)))
    return ProfiledSky(*nothing, np.array(projections), np.array(information), errors, errors)


def test_known_factors_leave_the_parabola() -> None:
    sky = gaussian([8.0], [[4.0]], 0.0)
    strengths = np.linspace(0.0, 5.0, 11)
    np.testing.assert_allclose(profiled_curve(sky, strengths), -8.0 * strengths + 2.0 * strengths**2, atol=1e-9)


def test_the_ends_of_the_parabola_are_its_roots() -> None:
    (best, low, high, limit, fall), shifts = profiled_ends(gaussian([8.0], [[4.0]], 0.0), 1.2815515655**2, 1.0)
    assert (best, low, high) == pytest.approx((2.0, 1.5, 2.5), rel=1e-6)
    assert limit == pytest.approx(2.0 + 0.5 * 1.2815515655, rel=1e-6)
    assert fall == pytest.approx(16.0)
    assert shifts == pytest.approx([0.0])


@pytest.mark.parametrize("strength", [0.3, 1.0, 2.5])
def test_the_profile_is_the_minimum_over_the_factors(strength: float) -> None:
    projections, information, error = [3.0, 1.0], [[4.0, 0.5], [0.5, 1.0]], 0.6
    sky = gaussian(projections, information, error)

    def minus_log_likelihood(shifts: np.ndarray) -> float:
        theta = strength * np.exp(shifts)
        fit = np.dot(projections, theta) - 0.5 * theta @ np.array(information) @ theta
        return float(-fit + 0.5 * np.sum(shifts**2) / error**2)

    expected = minimize(minus_log_likelihood, np.zeros(2), tol=1e-12).fun
    assert profiled_curve(sky, np.array([strength]))[0] == pytest.approx(expected, rel=1e-6)


def test_wider_errors_make_weaker_limits() -> None:
    limits = [profiled_ends(gaussian([8.0], [[4.0]], error), 1.64, 1.0)[0][3] for error in (0.0, 0.2, 0.5, 1.0)]
    assert limits == sorted(limits)


def counting(n_events: float, background: float, error: float = 0.0) -> ProfiledSky:
    """ln L = n ln(1 + θ) - b θ: n events in one cell where b are expected, and b more for each unit of strength."""
    errors = np.full(1, error)
    return ProfiledSky(np.array([n_events]), np.ones((1, 1)), np.array([-background]), np.zeros((1, 1)), errors, errors)


@pytest.mark.parametrize(("n_events", "best"), [(30.0, 2.0), (10.0, 0.0), (4.0, 0.0)])
def test_events_in_one_cell_are_fitted_as_they_are_counted(n_events: float, best: float) -> None:
    """The best strength is n/b - 1, or 0; its ends and limit are where n ln(1 + θ) - b θ has fallen as far."""
    (found, low, high, limit, fall), _ = profiled_ends(counting(n_events, 10.0), Z90**2, 1.0)
    assert found == pytest.approx(best, abs=1e-6)

    def fallen(strength: float) -> float:
        at_best = n_events * np.log1p(best) - 10.0 * best
        return float(2.0 * (at_best - n_events * np.log1p(strength) + 10.0 * strength))

    assert fallen(high) == pytest.approx(1.0, rel=1e-5)
    assert fallen(limit) == pytest.approx(Z90**2, rel=1e-5)
    assert fall == pytest.approx(fallen(0.0), abs=1e-8)
    if best:
        assert fallen(low) == pytest.approx(1.0, rel=1e-5)
    else:
        assert low == 0.0


def test_a_negative_parabola_is_best_at_none_and_ends_at_its_outer_root() -> None:
    """-d θ + θ²/2 with d = -1: 2 ln L has fallen by θ² + 2 θ."""
    (best, low, _, limit, fall), _ = profiled_ends(gaussian([-1.0], [[1.0]], 0.0), 3.0, 1.0)
    assert (best, low, fall) == (0.0, 0.0, 0.0)
    assert limit == pytest.approx(1.0, rel=1e-6)


def test_of_a_signal_without_doubt_only_the_factor_s_own_error_is_left() -> None:
    """θ is known to 1e-5 of 1: s moves by exp of the errors, upwards of that by which J may be lower than thought."""
    sky = ProfiledSky(
        np.empty(0), np.empty((0, 1)), np.array([1e10]), np.array([[1e10]]), np.array([0.3]), np.array([0.1])
    )
    (best, low, high, limit, _), shifts = profiled_ends(sky, Z90**2, 1.0)
    assert best == pytest.approx(1.0, rel=1e-4)
    assert (low, high) == pytest.approx((np.exp(-0.1), np.exp(0.3)), rel=1e-4)
    assert limit == pytest.approx(np.exp(0.3 * Z90), rel=1e-4)
    assert shifts[0] == pytest.approx(-0.3 * Z90, rel=1e-4)


def test_strengths_that_no_density_allows_are_infinitely_unlikely() -> None:
    """Half as many events as 1 - θ/2 leaves: no density is left at 2."""
    sky = ProfiledSky(np.ones(1), np.full((1, 1), -0.5), np.zeros(1), np.zeros((1, 1)), np.zeros(1), np.zeros(1))
    values = profiled_curve(sky, np.array([0.0, 1.0, 2.0, 3.0]))
    assert values.tolist() == [0.0, pytest.approx(np.log(2.0)), np.inf, np.inf]


@settings(max_examples=25, deadline=None)
@given(
    projections=st.lists(st.floats(-3.0, 6.0), min_size=2, max_size=3),
    error=st.floats(0.0, 0.8),
    events=st.floats(0.0, 20.0),
)
def test_ends_are_where_the_profile_has_fallen_as_far_as_asked(
    projections: list[float], error: float, events: float
) -> None:
    n_sources = len(projections)
    errors = np.full(n_sources, error)
    sky = ProfiledSky(
        np.array([events]), np.linspace(0.2, 0.4, n_sources)[np.newaxis], np.array(projections),
        np.eye(n_sources) + 0.2, errors, errors,
    )  # fmt: skip
    (best, low, high, limit, fall), _ = profiled_ends(sky, Z90**2, 1.0)
    assert 0.0 <= low <= best <= high <= limit
    zero, at_low, at_best, at_high, at_limit = profiled_curve(sky, np.array([0.0, low, best, high, limit])) * 2.0
    assert at_high - at_best == pytest.approx(1.0, abs=1e-4)
    assert at_limit - at_best == pytest.approx(Z90**2, abs=1e-4)
    assert zero - at_best == pytest.approx(fall, abs=1e-5)
    assert low == 0.0 or at_low - at_best == pytest.approx(1.0, abs=1e-4)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(-2.0, 2.0), min_size=9, max_size=9), st.lists(st.floats(-5.0, 5.0), min_size=3, max_size=3))
def test_a_factor_solves_what_it_was_made_of(entries: list[float], right: list[float]) -> None:
    root = np.array(entries).reshape(3, 3)
    matrix, solution = root @ root.T + np.eye(3), np.empty(3)
    factor = matrix.copy()
    assert _cholesky(factor)
    _solve(factor, np.array(right), solution)
    np.testing.assert_allclose(matrix @ solution, right, atol=1e-9)


@pytest.mark.parametrize("matrix", [np.zeros((2, 2)), -np.eye(2), np.ones((2, 2)), np.array([[1.0, 2.0], [2.0, 1.0]])])
def test_what_is_not_positive_definite_has_no_factor(matrix: np.ndarray) -> None:
    assert not _cholesky(matrix.copy())
