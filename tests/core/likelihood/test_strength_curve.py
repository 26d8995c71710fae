"""The likelihood of one strength as a curve: closed forms of two cells, and the interval of the fit."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import PhysicsError
from core.likelihood.interval import likelihood_interval
from core.likelihood.strength_curve import PARABOLA_FROM, StrengthCurve

STEP = 1e20  # of E/(N B) per strength in either of two cells


def two_cells(high: float, low: float) -> StrengthCurve:
    return StrengthCurve(np.array([STEP, -STEP]), np.array([high, low]))


@pytest.mark.parametrize(("high", "low"), [(60.0, 40.0), (51.0, 49.0), (40.0, 60.0), (50.0, 50.0)])
def test_the_best_strength_of_two_cells(high: float, low: float) -> None:
    """d/ds [h ln(1 + as) + l ln(1 - as)] = 0 at s = (h - l)/((h + l) a), and nothing below 0 is a strength."""
    curve = two_cells(high, low)
    assert curve.best == pytest.approx(max(high - low, 0.0) / (100.0 * STEP), abs=1e-9 / STEP)
    assert curve.end == pytest.approx(1.0 / STEP)


def test_the_fall_of_two_cells() -> None:
    fraction = np.array([0.0, 0.1, 0.3, 0.5])
    fall = two_cells(60.0, 40.0).fall(fraction / STEP)
    best = 60.0 * math.log(1.2) + 40.0 * math.log(0.8)
    expected = 2.0 * (best - 60.0 * np.log1p(fraction) - 40.0 * np.log1p(-fraction))
    np.testing.assert_allclose(fall, expected, rtol=1e-9)


def test_of_many_events_the_limit_is_that_of_a_gaussian() -> None:
    curve = two_cells(5e7, 5e7)
    for confidence, z in ((0.9, 1.2815516), (0.95, 1.6448536)):
        assert curve.upper_limit(confidence) == pytest.approx(z / (STEP * math.sqrt(1e8)), rel=1e-4)


def test_beyond_what_can_be_tested_the_curve_rises_smoothly() -> None:
    curve = two_cells(60.0, 40.0)
    near = PARABOLA_FROM * curve.end * np.array([1.0 - 1e-6, 1.0 + 1e-6])
    before, after = curve.fall(near)
    assert after > before
    assert after == pytest.approx(before, rel=1e-3)
    far = curve.fall(curve.end * np.array([1.0, 10.0, 1e4]))
    assert np.isfinite(far).all()
    assert (np.diff(far) > 0.0).all()


@settings(deadline=None)  # the first one compiles
@given(
    counts=st.lists(st.integers(20, 400), min_size=4, max_size=4),
    excess=st.lists(st.floats(1.5, 6.0), min_size=2, max_size=2),
)
def test_the_limit_is_the_end_of_the_interval_of_the_fit(counts: list[int], excess: list[float]) -> None:
    """Where the best fit is not negative both count from the same maximum; n_s is the strength times N here."""
    relative = np.array([excess[0], -excess[0], excess[1], -0.8 * excess[1]])
    events = np.array(counts)
    curve = StrengthCurve(relative, events.astype(float))
    interval = likelihood_interval(events[np.newaxis], 1.0 + relative, 1.2815515655446004**2)
    if interval.best[0] < 0.0 or interval.high[0] / events.sum() > 0.9 * PARABOLA_FROM * curve.end:
        return
    assert curve.best == pytest.approx(interval.best[0] / events.sum(), abs=1e-7)
    assert curve.upper_limit(0.9) == pytest.approx(interval.high[0] / events.sum(), rel=1e-6)


@pytest.mark.parametrize(
    ("excess", "events", "said"),
    [
        ([0.1, 0.2], [1.0], "one of each a cell"),
        ([0.1, 0.2], [1.0, -1.0], "less than 0 events"),
        ([0.1, 0.0], [0.0, 5.0], "no cell with events"),
    ],
)
def test_what_is_no_likelihood_is_refused(excess: list[float], events: list[float], said: str) -> None:
    with pytest.raises(PhysicsError, match=said):
        StrengthCurve(np.array(excess), np.array(events))
