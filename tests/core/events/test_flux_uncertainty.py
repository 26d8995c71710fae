"""One standard deviation of the atmospheric flux in shape."""

import numpy as np
import pytest

from core.events.flux_uncertainty import PIVOT_ENERGY, log_flux_slopes


def test_the_spectral_index_turns_the_flux_about_its_pivot() -> None:
    slopes = log_flux_slopes("mu", False, np.array([PIVOT_ENERGY, PIVOT_ENERGY * np.e]), 0.3)
    np.testing.assert_allclose(slopes[0], [0.0, 1.0], atol=1e-12)


@pytest.mark.parametrize("flavour", ["e", "mu"])
def test_neutrinos_rise_where_antineutrinos_fall(flavour: str) -> None:
    energy = np.array([5.0, 20.0, 80.0])
    neutrinos, antineutrinos = (log_flux_slopes(flavour, bar, energy, -0.5)[1] for bar in (False, True))
    np.testing.assert_allclose(neutrinos, -antineutrinos)
    assert np.all(np.diff(neutrinos) > 0.0)
    assert np.all((neutrinos > 0.0) & (neutrinos < 0.25))


def test_only_electron_neutrinos_at_the_horizon_follow_the_up_horizontal_ratio() -> None:
    horizon, up = (log_flux_slopes("e", False, 20.0, cosine)[2] for cosine in (0.0, -1.0))
    assert horizon < 0.0
    assert abs(up) < 0.05 * abs(horizon)
    assert log_flux_slopes("mu", False, 20.0, 0.0)[2] == 0.0
