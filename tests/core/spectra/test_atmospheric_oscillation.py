"""Three flavours through the Earth with θ23 taken out, against the evolution with all angles and closed forms."""

import numpy as np
import pytest

from core.spectra.atmospheric_oscillation import (
    PRODUCTION_HEIGHT,
    TRANSITIONS,
    _path,
    quartic_powers,
    quartic_probabilities,
    quartic_slopes,
)
from core.spectra.earth_matter import PHASE_PER_KM, SPLITTINGS, _eigenstates
from core.spectra.oscillation import NUFIT_60, MixingAngles, mixing_matrix

ENERGY = np.array([3.0, 7.0, 25.0, 100.0])
COS_ZENITH = np.array([-1.0, -0.84, -0.3, 0.0, 0.6])
FLAVOUR = {"e": 0, "mu": 1, "tau": 2}


@pytest.mark.parametrize("antineutrino", [False, True])
def test_probabilities_are_those_of_the_whole_evolution(antineutrino: bool) -> None:
    splitting = SPLITTINGS[2] - SPLITTINGS[1]
    found = quartic_probabilities(ENERGY, COS_ZENITH, splitting, antineutrino).at(NUFIT_60.sin2_theta23)
    mixing = mixing_matrix().conj() if antineutrino else mixing_matrix()
    for direction, cosine in enumerate(COS_ZENITH):
        evolution = np.broadcast_to(np.eye(3, dtype=complex), (len(ENERGY), 3, 3))
        for length, density in zip(*_path(float(cosine), PRODUCTION_HEIGHT), strict=True):
            values, states = _eigenstates(ENERGY, -density if antineutrino else density, mixing)
            phases = np.exp(-1j * values * length * PHASE_PER_KM)
            evolution = (states * phases[:, None, :]) @ states.conj().swapaxes(1, 2) @ evolution
        for place, (made, detected) in enumerate(TRANSITIONS):
            expected = np.abs(evolution[:, FLAVOUR[detected], FLAVOUR[made]]) ** 2
            np.testing.assert_allclose(found[place, :, direction], expected, atol=1e-10)


@pytest.mark.parametrize("sin2_theta23", [0.3, 0.5, 0.62])
def test_nothing_is_lost(sin2_theta23: float) -> None:
    found = quartic_probabilities(ENERGY, COS_ZENITH, 2.4e-3).at(sin2_theta23)
    np.testing.assert_allclose(found[:3].sum(axis=0), 1.0, atol=1e-10)
    np.testing.assert_allclose(found[3:].sum(axis=0), 1.0, atol=1e-10)


def test_without_theta12_and_theta13_muons_disappear_as_two_flavours_do() -> None:
    angles = MixingAngles(1e-14, 1e-14, 0.5, 0.0)
    found = quartic_probabilities(np.array([25.0]), COS_ZENITH, 2.4e-3, angles=angles).at(0.45)
    length = np.array([_path(float(cosine), PRODUCTION_HEIGHT)[0].sum() for cosine in COS_ZENITH])
    expected = 1.0 - 4.0 * 0.45 * 0.55 * np.sin(1.266933 * 2.4e-3 * length / 25.0) ** 2
    np.testing.assert_allclose(found[4, 0], expected, atol=1e-5)


def test_slopes_are_differences_of_powers() -> None:
    step = 1e-6
    expected = (quartic_powers(0.44 + step) - quartic_powers(0.44 - step)) / (2.0 * step)
    np.testing.assert_allclose(quartic_slopes(0.44), expected, atol=1e-8)
