"""The smooth dark matter halo of the Galaxy: density profiles, and what lines of sight through it hold.

A profile is a shape rho(r/r_s), scaled to its density at the Sun. Halo and Sun as in the papers named with each
profile; densities in GeV cm^-3, lengths in cm. Substructure is left out.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.dark_matter.processes import ANNIHILATION, Process
from core.errors import ConfigError
from core.units import KILOPARSEC

Reals = NDArray[np.float64]

ProfileName = Literal["nfw", "einasto", "burkert", "isothermal"]

SOLAR_DISTANCE = 8.122 * KILOPARSEC  # GRAVITY Collaboration 2018, arXiv:1807.09409
OUTER_RADIUS = 200.0 * KILOPARSEC  # beyond it there is no halo: 1e-6 of J, the virial radius for D
EINASTO_ALPHA = 0.17

_LEAST_ANGLE = 1e-9
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(96)
_ANGLE_NODES, _ANGLE_WEIGHTS = np.polynomial.legendre.leggauss(200)


def _nfw(x: Reals) -> Reals:
    """Navarro, Frenk & White 1997, arXiv:astro-ph/9611107."""
    return np.asarray(1.0 / (x * (1.0 + x) ** 2))


def _einasto(x: Reals) -> Reals:
    """Navarro et al. 2004, arXiv:astro-ph/0311231, equation 5."""
    return np.asarray(np.exp(-2.0 / EINASTO_ALPHA * (x**EINASTO_ALPHA - 1.0)))


def _burkert(x: Reals) -> Reals:
    """Burkert 1995, arXiv:astro-ph/9504041, equation 2."""
    return np.asarray(1.0 / ((1.0 + x) * (1.0 + x**2)))


def _isothermal(x: Reals) -> Reals:
    """Bahcall & Soneira 1980, doi:10.1086/190685: a core, and a flat rotation curve far outside."""
    return np.asarray(1.0 / (1.0 + x**2))


@dataclass(frozen=True)
class HaloProfile:
    """A spherical halo: its shape against r/r_s, `scale_radius` r_s (cm) and `local_density` at the Sun (GeV cm^-3).

    `reference`: the papers of the shape and of the parameters. `solar_distance` and `outer_radius` in cm.
    """

    name: ProfileName
    shape: Callable[[Reals], Reals]
    scale_radius: float
    local_density: float
    reference: str
    solar_distance: float = SOLAR_DISTANCE
    outer_radius: float = OUTER_RADIUS

    def density(self, radius: ArrayLike) -> Reals:
        """Return the density (GeV cm^-3) at distances from the centre (cm), of any shape; 0 beyond the outer radius."""
        radii = np.asarray(radius, dtype=np.float64)
        at_sun = self.shape(np.array(self.solar_distance / self.scale_radius))
        inside = self.local_density / at_sun * self.shape(radii / self.scale_radius)
        return np.where(radii <= self.outer_radius, inside, 0.0)


# The NFW halo and the distance of the Sun are those behind the project's comparison of halo and dwarfs.
PROFILES: Mapping[ProfileName, HaloProfile] = {
    profile.name: profile
    for profile in (
        HaloProfile(
            "nfw",
            _nfw,
            20.0 * KILOPARSEC,
            0.40,
            "Navarro, Frenk & White 1997, arXiv:astro-ph/9611107; local density of McMillan 2017, arXiv:1608.00971, "
            "whose scale radius of 19.6 kpc is rounded",
        ),
        HaloProfile(
            "einasto",
            _einasto,
            20.0 * KILOPARSEC,
            0.40,
            "Navarro et al. 2004, arXiv:astro-ph/0311231; alpha and scale radius of Pieri et al. 2011, "
            "arXiv:0908.0195; local density of McMillan 2017, arXiv:1608.00971",
        ),
        HaloProfile(
            "burkert",
            _burkert,
            9.26 * KILOPARSEC,
            0.487,
            "Burkert 1995, arXiv:astro-ph/9504041; scale radius and local density of Nesti & Salucci 2013, "
            "arXiv:1304.5127",
        ),
        HaloProfile(
            "isothermal",
            _isothermal,
            4.38 * KILOPARSEC,
            0.40,
            "Bahcall & Soneira 1980, doi:10.1086/190685; scale radius of Cirelli et al. 2011, arXiv:1012.4515, table "
            "1; local density of McMillan 2017, arXiv:1608.00971",
        ),
    )
}


def halo_profile(name: str) -> HaloProfile:
    """Return the profile of a name; ConfigError if there is none."""
    for known in get_args(ProfileName):
        if name == known:
            return PROFILES[known]
    raise ConfigError(f"halo profile {name!r} is not known: known are {', '.join(PROFILES)}")


def line_of_sight(profile: HaloProfile, angle: ArrayLike, process: Process = ANNIHILATION) -> Reals:
    """Return J (GeV^2 cm^-5 sr^-1), of decay D (GeV cm^-2 sr^-1), against the angle to the Galactic centre.

    J = ∫ rho^2 dl, D = ∫ rho dl from the Sun outwards; `angle` (rad) of any shape. With b = R sin(angle) the least
    distance from the centre and l - R cos(angle) = b sinh(t), r = b cosh(t): the integrand is smooth in t for every
    power of r, so that Gauss-Legendre quadrature reaches 1e-8 down to the cusp, cut at 1e-9 rad.
    """
    angles = np.atleast_1d(np.asarray(angle, dtype=np.float64))
    angles = np.clip(angles, _LEAST_ANGLE, np.pi - _LEAST_ANGLE)
    nearest = profile.solar_distance * np.sin(angles)
    start = -np.arcsinh(1.0 / np.tan(angles))
    end = np.arccosh(profile.outer_radius / nearest)
    total = np.zeros_like(angles)
    # Through the nearest point the integrand turns: its two sides apart.
    for low, high in ((start, np.maximum(start, 0.0)), (np.maximum(start, 0.0), end)):
        half = 0.5 * (high - low)
        radius = nearest[..., None] * np.cosh((low + half)[..., None] + half[..., None] * _NODES)
        total += half * ((profile.density(radius) ** _power(process) * radius) @ _WEIGHTS)
    return total.reshape(np.shape(angle))


def within_angle(profile: HaloProfile, greatest: float = np.pi, process: Process = ANNIHILATION) -> float:
    """Return J (GeV^2 cm^-5), of decay D (GeV cm^-2), within an angle (rad) of the Galactic centre; all sky if none.

    2π ∫ J(ψ) sin ψ dψ with ψ = greatest u^3, which the cusp's 1/ψ leaves smooth.
    """
    u = 0.5 * (1.0 + _ANGLE_NODES)
    angle = greatest * u**3
    jacobian = 3.0 * greatest * u**2 * 0.5 * _ANGLE_WEIGHTS
    return float(2.0 * np.pi * np.sum(line_of_sight(profile, angle, process) * np.sin(angle) * jacobian))


def _power(process: Process) -> int:
    """Annihilation needs two particles at one place, decay one."""
    return 1 if process.is_decay else 2
