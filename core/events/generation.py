"""How simulated neutrinos were drawn, as their frames tell it: numbers, energies, directions and the area crossed."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.errors import InputError
from core.events.profiles import KeyProfile
from core.events.quantities import quantity

# Entries of the map that holds the OneWeight (I3MCWeightDict), as NuGen and GENIE write them.
ENERGY_ENTRIES = ("MinEnergyLog", "MaxEnergyLog", "PowerLawIndex")
ZENITH_ENTRIES = ("MinZenith", "MaxZenith")
CIRCLE_ENTRY = "InjectionSurfaceR"
CYLINDER_ENTRIES = ("CylinderRadius", "CylinderHeight")
# The cylinder (m) of NuGen before it wrote down which (simweights takes the same).
DEFAULT_CYLINDER = (950.0, 1900.0)
CM_PER_M = 100.0


class Distribution(NamedTuple):
    """Density from which primaries were drawn: a power law in energy, even in solid angle, over an area.

    Energies as log10 of GeV, angles in rad, lengths in cm. With a `height` of 0 the area is a circle across the
    direction, else the projection of an upright cylinder.
    """

    log10_energy_min: float
    log10_energy_max: float
    power_law_index: float
    zenith_min: float
    zenith_max: float
    radius: float
    height: float

    def density(self, energy: ArrayLike, cos_zenith: ArrayLike) -> NDArray[np.float64]:
        """Return the probability density in 1/(GeV cm² sr) at energies (GeV) and cos zenith, (n,); 0 outside.

        p = E^-γ / ∫E^-γ dE · 1 / (2π Δcosθ A(θ)), A = π r² or π r² |cosθ| + 2 r h sinθ, as simweights takes it.
        """
        energies, cosines = np.asarray(energy, dtype=np.float64), np.asarray(cos_zenith, dtype=np.float64)
        low, high = 10.0**self.log10_energy_min, 10.0**self.log10_energy_max
        power = 1.0 - self.power_law_index
        integral = math.log(high / low) if power == 0.0 else (high**power - low**power) / power
        lowest, highest = math.cos(self.zenith_max), math.cos(self.zenith_min)
        area = np.full(cosines.shape, math.pi * self.radius**2)
        if self.height > 0.0:
            area = area * np.abs(cosines) + 2.0 * self.radius * self.height * np.sqrt(1.0 - cosines**2)
        density = energies**-self.power_law_index / (integral * 2.0 * math.pi * (highest - lowest) * area)
        inside = (energies >= low) & (energies <= high) & (cosines >= lowest) & (cosines <= highest)
        return np.asarray(np.where(inside, density, 0.0))


class Generation(NamedTuple):
    """Events that were drawn for one file, and how; `distribution` None where the frames do not tell it."""

    n_generated: float
    distribution: Distribution | None


def generation_of(frame: Mapping[str, Any], profile: KeyProfile) -> Generation | None:
    """Return how an event was drawn, None for one that is no weighted neutrino."""
    try:
        n_generated = quantity(profile.n_generated).value_in(frame)
    except InputError:
        return None
    if n_generated is None or not n_generated > 0.0:
        return None
    weights = frame.get(quantity(profile.oneweight).key)
    return Generation(n_generated, _distribution(weights) if isinstance(weights, Mapping) else None)


def _distribution(weights: Mapping[str, Any]) -> Distribution | None:
    """Return the distribution that a map of weights tells, None if it tells it not or impossibly."""
    if any(name not in weights for name in (*ENERGY_ENTRIES, *ZENITH_ENTRIES)):
        return None
    low, high, index, nearest, farthest = (float(weights[name]) for name in (*ENERGY_ENTRIES, *ZENITH_ENTRIES))
    radius, height = float(weights.get(CIRCLE_ENTRY, -1.0)), 0.0
    if not radius > 0.0:
        radius, height = (
            float(weights.get(name, usual)) for name, usual in zip(CYLINDER_ENTRIES, DEFAULT_CYLINDER, strict=True)
        )
    found = Distribution(low, high, index, nearest, farthest, CM_PER_M * radius, CM_PER_M * height)
    is_possible = all(math.isfinite(value) for value in found) and low < high and 0.0 <= nearest < farthest <= 3.15
    return found._replace(zenith_max=min(farthest, math.pi)) if is_possible and radius > 0.0 and height >= 0.0 else None
