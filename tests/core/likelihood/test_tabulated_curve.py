"""A likelihood told at some strengths: parabolas come back, and what is no curve is refused."""

import numpy as np
import pytest

from core.errors import PhysicsError
from core.likelihood.tabulated_curve import TabulatedCurve

SIGMA = 3e-22


def parabola(best: float, n: int = 41, offset: float = 0.0) -> TabulatedCurve:
    strengths = np.linspace(0.0, 8.0 * SIGMA, n)
    return TabulatedCurve(strengths, ((strengths - best) / SIGMA) ** 2 + offset)


@pytest.mark.parametrize("best", [0.0, 1.37 * SIGMA, 3.0 * SIGMA])
def test_a_parabola_comes_back_with_its_limit(best: float) -> None:
    curve = parabola(best, offset=7.0)
    assert curve.best == pytest.approx(best, abs=1e-3 * SIGMA)
    assert curve.upper_limit(0.9) == pytest.approx(best + 1.2815516 * SIGMA, abs=1e-3 * SIGMA)
    assert float(curve.fall(best + 2.0 * SIGMA)) == pytest.approx(4.0, abs=0.02)


def test_below_no_strength_the_fall_counts_from_zero() -> None:
    """Best at -1 sigma: (1 + x)^2 - 1 = 1.2816^2 at x = 0.6255."""
    curve = parabola(-SIGMA)
    assert curve.best == 0.0
    assert curve.upper_limit(0.9) == pytest.approx((np.sqrt(1.0 + 1.2815516**2) - 1.0) * SIGMA, rel=1e-3)


def test_beyond_the_last_strength_a_parabola_goes_on() -> None:
    curve = parabola(SIGMA)
    assert curve.end == 8.0 * SIGMA
    assert float(curve.fall(20.0 * SIGMA)) == pytest.approx(19.0**2, rel=0.02)


@pytest.mark.parametrize(
    ("strengths", "falls", "said"),
    [
        ([0.0, 1.0, 2.0], [0.0, 1.0, 4.0], "4 from 0"),
        ([1.0, 2.0, 3.0, 4.0], [0.0, 1.0, 4.0, 9.0], "4 from 0"),
        ([0.0, 2.0, 1.0, 4.0], [0.0, 1.0, 4.0, 9.0], "must rise"),
        ([0.0, 1.0, 2.0, 3.0], [3.0, 2.0, 1.0, 0.0], "must fall"),
    ],
)
def test_what_is_no_curve_is_refused(strengths: list[float], falls: list[float], said: str) -> None:
    with pytest.raises(PhysicsError, match=said):
        TabulatedCurve(np.array(strengths), np.array(falls))
