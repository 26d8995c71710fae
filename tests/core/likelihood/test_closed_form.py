"""The closed form of the sensitivity, on cells whose sums are round numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtri

from core.errors import PhysicsError
from core.likelihood.closed_form import closed_form

HALVES = np.array([0.5, 0.5])
SIGNAL = np.array([0.75, 0.25])
RATIO = SIGNAL / HALVES


def test_two_cells_by_hand() -> None:
    """e = ±1/2: I = 1/4, s = 1/4, so that σ(n_s) = √(N/I) = 2 √N."""
    found = closed_form(HALVES, SIGNAL, RATIO, 10_000)
    assert found.fisher_information == pytest.approx(0.25)
    assert found.slope == pytest.approx(0.25)
    assert found.n_s_uncertainty == pytest.approx(200.0)


def test_with_many_events_the_sensitivity_is_1_28_sigma() -> None:
    found = closed_form(HALVES, SIGNAL, RATIO, 10**12)
    assert found.sensitivity / found.n_s_uncertainty == pytest.approx(ndtri(0.9), rel=1e-4)


@given(
    st.lists(st.tuples(st.floats(0.01, 1.0), st.floats(0.01, 1.0)), min_size=2, max_size=8),
    st.integers(100, 10**7),
    st.floats(0.6, 0.999),
)
def test_the_sensitivity_is_where_the_mean_is_z_standard_deviations(
    cells: list[tuple[float, float]], n_events: int, confidence: float
) -> None:
    background, signal = (np.array(column) / np.sum(column) for column in zip(*cells, strict=True))
    ratio = signal / background
    if np.sum(background * (ratio - 1.0) ** 2) < 1e-6:
        return
    found = closed_form(background, signal, ratio, n_events, confidence)
    excess, mu = ratio - 1.0, found.sensitivity
    slope, information = np.sum(signal * excess), np.sum(background * excess**2)
    variance = (n_events - mu) * information + mu * np.sum(signal * excess**2) - mu**2 * slope**2 / n_events
    assert mu * slope == pytest.approx(ndtri(confidence) * np.sqrt(variance), rel=1e-6)


def test_a_scale_of_the_excess_drops_out() -> None:
    """Only the direction of the score matters, so that 2 e is as sensitive as e."""
    plain, doubled = (closed_form(HALVES, SIGNAL, 1.0 + f * (RATIO - 1.0), 10_000) for f in (1.0, 2.0))
    assert doubled.n_s_uncertainty == pytest.approx(plain.n_s_uncertainty)
    assert doubled.sensitivity == pytest.approx(plain.sensitivity)


def test_the_best_excess_is_signal_over_background() -> None:
    three = np.full(3, 1.0 / 3.0)
    signal = np.array([0.6, 0.3, 0.1])
    best = closed_form(three, signal, signal / three, 10_000).n_s_uncertainty
    for other in ([1.5, 1.2, 0.3], [2.0, 1.0, 0.0]):
        assert closed_form(three, signal, np.array(other), 10_000).n_s_uncertainty > best


@pytest.mark.parametrize("ratio", [np.ones(2), 2.0 - RATIO])
def test_signal_like_background_or_turned_about_is_refused(ratio: np.ndarray) -> None:
    with pytest.raises(PhysicsError, match="must be positive: signal and background of this model are the same"):
        closed_form(HALVES, SIGNAL, ratio, 10_000)
