"""Flavours at Earth: over astronomical distances oscillation leaves only its average.

P_ab = Σ_i |U_ai|² |U_bi|², the same for neutrinos and antineutrinos. Angles from NuFIT 6.0, normal ordering, with IC24
and Super-Kamiokande atmospheric data: Esteban et al., JHEP 12 (2024) 216, arXiv:2410.05380.

Vacuum only: what the Earth's matter adds is `core.spectra.earth_matter`; where that is left out,
`earth_matter_systematic` states it as an uncertainty.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.dark_matter.channels import LINE_CHANNELS, Channel
from core.errors import PhysicsError

Array = NDArray[np.float64]

REFERENCE = "NuFIT 6.0, normal ordering, IC24 with SK atmospheric data: JHEP 12 (2024) 216, arXiv:2410.05380"


@dataclass(frozen=True)
class MixingAngles:
    """sin² of the three mixing angles and the CP phase (rad)."""

    sin2_theta12: float
    sin2_theta13: float
    sin2_theta23: float
    delta_cp: float

    def __post_init__(self) -> None:
        """Refuse what is no angle, with PhysicsError."""
        for name in ("sin2_theta12", "sin2_theta13", "sin2_theta23"):
            value = getattr(self, name)
            if not 0.0 <= value <= 1.0:
                raise PhysicsError(f"{name} = {value} is no squared sine: it lies between 0 and 1")
        if not np.isfinite(self.delta_cp):
            raise PhysicsError(f"delta_cp = {self.delta_cp} is no angle in rad")


NUFIT_60 = MixingAngles(0.308, 0.02215, 0.470, float(np.radians(212.0)))
# One standard deviation (mean of upper and lower) of the same four, NuFIT 6.0.
NUFIT_60_ERRORS = MixingAngles(0.0115, 0.00057, 0.015, float(np.radians(33.5)))

LINES_MOVE_BELOW = 14.0


def mixing_matrix(angles: MixingAngles = NUFIT_60) -> NDArray[np.complex128]:
    """Return U, (3, 3): rows νe, νμ, ντ, columns ν1, ν2, ν3 (PDG convention)."""
    s12, s13, s23 = (np.sqrt(s) for s in (angles.sin2_theta12, angles.sin2_theta13, angles.sin2_theta23))
    c12, c13, c23 = (np.sqrt(1.0 - s) for s in (angles.sin2_theta12, angles.sin2_theta13, angles.sin2_theta23))
    phase = np.exp(1j * angles.delta_cp)
    return np.array(
        [
            [c12 * c13, s12 * c13, s13 / phase],
            [-s12 * c23 - c12 * s23 * s13 * phase, c12 * c23 - s12 * s23 * s13 * phase, s23 * c13],
            [s12 * s23 - c12 * c23 * s13 * phase, -c12 * s23 - s12 * c23 * s13 * phase, c23 * c13],
        ]
    )


def averaged_probabilities(angles: MixingAngles = NUFIT_60) -> Array:
    """Return P, (3, 3): P[a, b] is the chance that flavour a at production is flavour b at Earth (e, mu, tau)."""
    weights = np.abs(mixing_matrix(angles)) ** 2
    return np.asarray(weights @ weights.T)


def averaged_probability_errors(angles: MixingAngles = NUFIT_60, errors: MixingAngles = NUFIT_60_ERRORS) -> Array:
    """Return the standard deviation of each element of P, (3, 3), from the angles' errors taken as independent.

    Central differences of one standard deviation, summed in quadrature: σ² = Σ_k [(P(k + σ_k) - P(k - σ_k))/2]².
    """
    variance = np.sum([shift**2 for shift in _one_sigma_shifts(angles, errors)], axis=0)
    return np.asarray(np.sqrt(variance))


def arriving_errors(made: Array, angles: MixingAngles = NUFIT_60, errors: MixingAngles = NUFIT_60_ERRORS) -> Array:
    """Return the standard deviation, (3,), that the angles' errors leave on what arrives of `made`, (3,): e, mu, tau.

    Σ_a P_ab made_a is shifted as a whole, angle by angle, for the elements of P are not independent.
    """
    variance = np.zeros(3)
    for shift in _one_sigma_shifts(angles, errors):
        variance += (made @ shift) ** 2
    return np.asarray(np.sqrt(variance))


def earth_matter_systematic(channel: Channel, mass: float) -> float:
    """Return by how much the expected events are wrong, relative, where matter in the Earth is left out.

    Computed with `core.spectra.earth_matter` for the dwarf galaxies and the response of the public sample, each source
    behind its own part of the Earth: lines of νe move by up to 9 % (at 8 GeV), of νμ and ντ by 6 %, below 14 GeV;
    everything else by up to 2 %; the mean of the three lines not at all, for all flavours arrive alike.
    """
    if channel == "nunu":
        return 0.0
    if channel in LINE_CHANNELS and mass < LINES_MOVE_BELOW:
        return 0.09 if channel == "nuenue" else 0.06
    return 0.02


def flavour_shares(by_flavour: Mapping[str, float]) -> Array:
    """Return the shares of e, mu and tau, (3,), neutrinos and antineutrinos together, summing to 1."""
    totals = np.array([by_flavour[f"nu{name}"] + by_flavour[f"nu{name}bar"] for name in ("e", "mu", "tau")])
    if not totals.sum() > 0.0:
        raise PhysicsError("there are no neutrinos to share among flavours")
    return np.asarray(totals / totals.sum())


def _one_sigma_shifts(angles: MixingAngles, errors: MixingAngles) -> list[Array]:
    """Return by how much one standard deviation of each angle moves P, (3, 3) each."""
    shifts = []
    for name in ("sin2_theta12", "sin2_theta13", "sin2_theta23", "delta_cp"):
        up, down = (_shifted(angles, name, sign * getattr(errors, name)) for sign in (1.0, -1.0))
        shifts.append((averaged_probabilities(up) - averaged_probabilities(down)) / 2.0)
    return shifts


def _shifted(angles: MixingAngles, name: str, shift: float) -> MixingAngles:
    values = {
        key: getattr(angles, key) + (shift if key == name else 0.0)
        for key in ("sin2_theta12", "sin2_theta13", "sin2_theta23", "delta_cp")
    }
    return MixingAngles(**values)
