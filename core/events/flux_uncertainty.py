"""How uncertain the atmospheric flux is in shape: what one standard deviation of each cause does to ln Φ.

Ratios of neutrinos to antineutrinos and of vertical to horizontal directions hang on the production of pions and kaons
in the air; their errors are those of Barr et al., Phys. Rev. D 74 (2006) 094009, arXiv:astro-ph/0611266, figures 7 and
9, as straight lines in log-log between two energies, with Gaussians in cos zenith, as IceCube's analyses of DeepCore's
oscillation samples use them.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Reals = NDArray[np.float64]

# Of the spectral index: where the flux does not change, GeV.
PIVOT_ENERGY = 24.09
FLUX_SHAPES = ("spectral_index", "nu_nubar_ratio", "up_horizontal_ratio")


@dataclass(frozen=True)
class _PowerLaw:
    """An error that grows from `low` at `low_energy` to `high` at `high_energy` (GeV), cut off above `cutoff`."""

    low: float
    high: float
    low_energy: float
    high_energy: float
    cutoff: float = math.inf

    def __call__(self, energy: Reals) -> Reals:
        slope = math.log(self.high / self.low) / math.log(self.high_energy / self.low_energy)
        error = self.low * (energy / self.low_energy) ** slope * np.exp(-energy / self.cutoff)
        return np.asarray(error, dtype=np.float64)


# Sums of what pions and kaons give, Barr et al. figure 7 (all directions) and figure 9 (between directions).
_ALL_DIRECTIONS = {"mu": _PowerLaw(0.03, 0.43, 10**0.5, 1e3), "e": _PowerLaw(0.055, 0.53, 10**0.5, 1e3)}
_BY_DIRECTION = {"mu": _PowerLaw(0.006, 0.05, 10**0.5, 1e2, 1000.0), "e": _PowerLaw(0.009, 0.1, 10**0.5, 1e2, 650.0)}


def log_flux_slopes(flavour: str, antineutrino: bool, energy: ArrayLike, cos_zenith: ArrayLike) -> Reals:
    """Return ∂ ln Φ by the FLUX_SHAPES, (3, ...), of "e" or "mu" at production; energy in GeV; the arguments broadcast.

    Spectral index: ln(E/24.09 GeV) per unit of Δγ (Φ ∝ E^Δγ). ν/ν̄ ratio, per standard deviation: half the ratio's
    error, upwards for neutrinos, downwards for antineutrinos. Up/horizontal ratio, per standard deviation: at the
    horizon less νe and ν̄e from kaons; νμ, nearly all from pions at these energies, stay.
    """
    energy, cosine = np.broadcast_arrays(np.asarray(energy, np.float64), np.asarray(cos_zenith, np.float64))
    shape = _BY_DIRECTION[flavour](energy)
    if flavour == "mu":
        ratio = _ALL_DIRECTIONS["mu"](energy) - 2.5 * shape * (_gaussian(cosine, 0.36) - 0.6)
        horizontal = np.zeros_like(energy)
    else:
        ratio = _ALL_DIRECTIONS["e"](energy) - shape * (1.5 * _gaussian(cosine, 0.36) - 0.7)
        horizontal = -0.3 * shape * _gaussian(cosine, 0.35)
    sign = -0.5 if antineutrino else 0.5
    return np.array([np.log(energy / PIVOT_ENERGY), sign * ratio, horizontal])


def _gaussian(cosine: Reals, width: float) -> Reals:
    return np.asarray(np.exp(-0.5 * (cosine / width) ** 2) / (math.sqrt(2.0 * math.pi) * width))
