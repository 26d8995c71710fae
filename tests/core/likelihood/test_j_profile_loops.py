"""The compiled loops of the profile over J factors, against closed forms of one and of several sources."""

import numpy as np
import pytest
from scipy.optimize import minimize

from core.likelihood.j_profile_loops import ProfiledSky, profiled_curve, profiled_ends


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
