"""Oscillation of atmospheric neutrinos from the air through the Earth, with the angle θ23 taken out.

The evolution of three flavours in matter is S = R23 S̃ R23ᵀ: the rotation by θ23 commutes with the potential, which
acts on νe alone, so that S̃ does not depend on θ23 (Akhmedov et al., JHEP 04 (2004) 078, arXiv:hep-ph/0402175). Each
probability |S_ba|² is then a form of fourth degree in c = cos θ23 and s = sin θ23, exactly, and one S̃ serves all θ23.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.compiled import compiled
from core.spectra.earth_matter import (
    DETECTOR_RADIUS,
    EARTH_RADIUS,
    GIGAELECTRONVOLT,
    PHASE_PER_KM,
    POTENTIAL,
    crossed_shells,
)
from core.spectra.oscillation import NUFIT_60, MixingAngles

Reals = NDArray[np.float64]
Complexes = NDArray[np.complex128]

# Where neutrinos are made on average, as in IceCube's analyses of these data; km above the ground.
PRODUCTION_HEIGHT = 20.0
# Δm²21 in eV²: NuFIT 6.0.
SOLAR_SPLITTING = 7.49e-5

# (flavour at production, flavour at the detector): the air makes no ντ.
TRANSITIONS: tuple[tuple[str, str], ...] = (
    ("e", "e"), ("e", "mu"), ("e", "tau"), ("mu", "e"), ("mu", "mu"), ("mu", "tau"),
)  # fmt: skip
N_POWERS = 5


@dataclass(frozen=True)
class QuarticProbabilities:
    """Coefficients of the TRANSITIONS' probabilities: `coefficients` (6, 5, nE, nz), of c⁴, c³s, c²s², cs³, s⁴."""

    coefficients: Reals

    def at(self, sin2_theta23: float) -> Reals:
        """Return the probabilities (6, nE, nz) at sin²θ23."""
        return np.asarray(np.tensordot(quartic_powers(sin2_theta23), self.coefficients, axes=(0, 1)))


def quartic_powers(sin2_theta23: float) -> Reals:
    """Return c⁴, c³s, c²s², cs³, s⁴, (5,), of θ23 in the first quadrant."""
    cosine, sine = np.sqrt(1.0 - sin2_theta23), np.sqrt(sin2_theta23)
    return np.asarray(cosine ** np.arange(4, -1, -1) * sine ** np.arange(5))


def quartic_slopes(sin2_theta23: float) -> Reals:
    """Return the derivatives of `quartic_powers` with respect to sin²θ23, (5,); not at 0 and 1."""
    cosine, sine = np.sqrt(1.0 - sin2_theta23), np.sqrt(sin2_theta23)
    power = np.arange(5)
    by_angle = power * cosine ** (5 - power) * sine ** np.maximum(power - 1, 0)
    by_angle = by_angle - (4 - power) * cosine ** np.maximum(3 - power, 0) * sine ** (power + 1)
    return np.asarray(by_angle / (2.0 * sine * cosine))


def quartic_probabilities(
    energy: Reals,
    cos_zenith: Reals,
    mass_splitting: float,
    antineutrino: bool = False,
    angles: MixingAngles = NUFIT_60,
    production_height: float = PRODUCTION_HEIGHT,
) -> QuarticProbabilities:
    """Return the probabilities of neutrinos of energy (nE,) GeV and cos zenith (nz,) at the South Pole.

    `mass_splitting` is Δm²32 in eV², positive: normal ordering. Of the angles, θ12, θ13 and δ are used. The Earth is
    PREM in shells of constant density (`core.spectra.earth_matter`); `production_height` in km.
    """
    shells = [_path(float(cosine), production_height) for cosine in cos_zenith]
    densities, place = np.unique(np.concatenate([density for _, density in shells]), return_inverse=True)
    first = np.concatenate([[0], np.cumsum([len(length) for length, _ in shells])])
    lengths = np.concatenate([length for length, _ in shells]) * PHASE_PER_KM
    sign = -1.0 if antineutrino else 1.0
    values, states = _eigenstates(energy, sign * densities, mass_splitting, angles, antineutrino)
    evolution = _evolved(values, states, lengths, place.astype(np.int64), first.astype(np.int64))
    return QuarticProbabilities(_quartic(evolution))


def _path(cos_zenith: float, production_height: float) -> tuple[Reals, Reals]:
    """Return lengths (km) and electron densities on the way, the air first."""
    lengths, densities = crossed_shells(cos_zenith)
    impact2 = DETECTOR_RADIUS**2 * (1.0 - cos_zenith**2)
    in_air = np.sqrt((EARTH_RADIUS + production_height) ** 2 - impact2) - np.sqrt(EARTH_RADIUS**2 - impact2)
    return np.append(in_air, lengths), np.append(0.0, densities)


def _eigenstates(
    energy: Reals, densities: Reals, mass_splitting: float, angles: MixingAngles, antineutrino: bool
) -> tuple[Reals, Complexes]:
    """Return eigenvalues (nD, nE, 3) in eV and eigenvectors (nD, nE, 3, 3) of H̃, θ23 = 0, at electron densities."""
    s12, s13 = np.sqrt(angles.sin2_theta12), np.sqrt(angles.sin2_theta13)
    c12, c13 = np.sqrt(1.0 - angles.sin2_theta12), np.sqrt(1.0 - angles.sin2_theta13)
    phase = np.exp(1j * angles.delta_cp * (-1.0 if antineutrino else 1.0))
    rotation13 = np.array([[c13, 0.0, s13 / phase], [0.0, 1.0, 0.0], [-s13 * phase, 0.0, c13]])
    rotation12 = np.array([[c12, s12, 0.0], [-s12, c12, 0.0], [0.0, 0.0, 1.0]])
    mixing = rotation13 @ rotation12
    masses = np.array([0.0, SOLAR_SPLITTING, mass_splitting + SOLAR_SPLITTING])
    in_vacuum = (mixing * masses) @ mixing.conj().T
    hamiltonian = np.broadcast_to(
        in_vacuum / (2.0 * GIGAELECTRONVOLT * energy[:, None, None]), (len(densities), len(energy), 3, 3)
    ).copy()
    hamiltonian[:, :, 0, 0] += POTENTIAL * densities[:, None]
    values, states = np.linalg.eigh(hamiltonian)
    return values, states


@compiled
def _evolved(
    values: Reals, states: Complexes, lengths: Reals, place: NDArray[np.int64], first: NDArray[np.int64]
) -> Complexes:
    """Return S̃ (nE, nz, 3, 3): the product of the shells' evolutions, the first crossed on the right."""
    n_energies, n_directions = values.shape[1], len(first) - 1
    evolution = np.zeros((n_energies, n_directions, 3, 3), dtype=np.complex128)
    before, after = np.zeros((3, 3), dtype=np.complex128), np.zeros((3, 3), dtype=np.complex128)
    for energy in range(n_energies):
        for direction in range(n_directions):
            before[:] = 0.0
            for i in range(3):
                before[i, i] = 1.0
            for shell in range(first[direction], first[direction + 1]):
                value, state = values[place[shell], energy], states[place[shell], energy]
                for i in range(3):
                    turn = np.exp(-1j * value[i] * lengths[shell])
                    for j in range(3):
                        projected = 0.0j
                        for k in range(3):
                            projected += np.conj(state[k, i]) * before[k, j]
                        after[i, j] = turn * projected
                for i in range(3):
                    for j in range(3):
                        before[i, j] = state[i, 0] * after[0, j] + state[i, 1] * after[1, j] + state[i, 2] * after[2, j]
            evolution[energy, direction] = before
    return evolution


def _quartic(evolution: Complexes) -> Reals:
    """Return the coefficients (6, 5, nE, nz) of the TRANSITIONS from S̃ (nE, nz, 3, 3)."""
    s = np.moveaxis(evolution, (2, 3), (0, 1))
    none = np.zeros_like(s[0, 0])
    forms = [
        (s[0, 0], none, s[0, 0]),  # e → e: 1 = c² + s²
        None,
        None,
        None,
        (s[1, 1], s[1, 2] + s[2, 1], s[2, 2]),
        (s[2, 1], s[2, 2] - s[1, 1], -s[1, 2]),
    ]
    linear = {1: (s[1, 0], s[2, 0]), 2: (s[2, 0], -s[1, 0]), 3: (s[0, 1], s[0, 2])}
    rows = []
    for index, form in enumerate(forms):
        rows.append(_of_linear(*linear[index]) if form is None else _of_quadratic(*form))
    return np.array(rows)


def _of_quadratic(a: Complexes, b: Complexes, d: Complexes) -> list[Reals]:
    """Return the coefficients of |a c² + b cs + d s²|²."""
    return [
        np.abs(a) ** 2,
        2.0 * (a * b.conj()).real,
        np.abs(b) ** 2 + 2.0 * (a * d.conj()).real,
        2.0 * (b * d.conj()).real,
        np.abs(d) ** 2,
    ]


def _of_linear(a: Complexes, b: Complexes) -> list[Reals]:
    """Return the coefficients of |a c + b s|² (c² + s²)."""
    first, mixed, last = np.abs(a) ** 2, 2.0 * (a * b.conj()).real, np.abs(b) ** 2
    return [first, mixed, first + last, mixed, last]
