"""The closed form of a sensitivity whose yields vary."""

import numpy as np
import pytest
from scipy.special import ndtri

from core.inference.signal_systematics import SignalParts

YIELDS = np.full((4, 2), 1e20)
PARTS = SignalParts(YIELDS, np.array([0.2, 0.4]), np.array([0.3, 0.6]), 0.3, 1_000_000)


def test_a_signal_far_below_the_background_needs_its_gaussian_number_of_events() -> None:
    """n s = z (N I)^½ with n = 8e20 per strength and s = 0.3, to the share of signal in the variance."""
    expected = float(ndtri(0.9)) * np.sqrt(1e6 * 0.3) / 0.3 / 8e20
    assert PARTS.sensitivity(YIELDS[None])[0] == pytest.approx(expected, rel=2e-3)


def test_what_is_seen_more_often_is_found_at_a_smaller_strength() -> None:
    nominal, more = PARTS.sensitivity(np.array([YIELDS, 1.25 * YIELDS]))
    assert more == pytest.approx(nominal / 1.25, rel=1e-9)


def test_the_marginalised_strength_is_the_root_of_the_mean_exclusion() -> None:
    assert PARTS.marginalised_sensitivity(YIELDS[None]) == pytest.approx(PARTS.sensitivity(YIELDS[None])[0], rel=1e-6)
    draws = np.array([0.8 * YIELDS, 1.2 * YIELDS])
    low, high = sorted(PARTS.sensitivity(draws))
    marginalised = PARTS.marginalised_sensitivity(draws)
    assert low < marginalised < high
    assert marginalised > PARTS.sensitivity(YIELDS[None])[0]
