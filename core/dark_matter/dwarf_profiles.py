"""The dark matter profile of each dwarf galaxy from its J factors, and J beyond the widest aperture that is published.

An NFW profile ρ = ρ_s / [x (1 + x)²], x = r/r_s (Navarro, Frenk & White 1997, arXiv:astro-ph/9611107), cut off at the
tidal radius, gives within the projected radius R = D sin θ of a galaxy at the distance D

    J(θ) = (4π ρ_s² r_s³ / D²) [ ∫_0^c dx/(1 + x)⁴ - ∫_y^c dx sqrt(x² - y²) / (x (1 + x)⁴) ],

y = min(R/r_s, c), c = r_t/r_s: each shell's share outside the cylinder about the line of sight is taken off. Rays are
taken as parallel and 1/l² as 1/D²: that is (r_t/D)²/3 of the outermost shell's J, under 1 % for r_t < 0.17 D. The
tidal radius is where the galaxy's mean density is that of the Milky Way within its galactocentric distance, for a flat
rotation curve (King 1962; Springel et al. 2008, arXiv:0809.0898). Satellites of other hosts are cut off by it alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray

from core.coordinates import angular_separation
from core.dark_matter.halo import SOLAR_DISTANCE
from core.dark_matter.sources import APERTURES_DEG
from core.errors import PhysicsError
from core.units import DEGREE, KILOPARSEC

if TYPE_CHECKING:
    import pandas as pd


Reals = NDArray[np.float64]

SOLAR_MASS = 1.115e57  # GeV
GRAVITATION = 4.30091e-6  # kpc (km/s)² per solar mass
ROTATION_SPEED_KM_S = 220.0
SUN_DISTANCE_KPC = SOLAR_DISTANCE / KILOPARSEC
GALACTIC_CENTRE = (266.405 * DEGREE, -28.936 * DEGREE)

# Prior ranges, flat in the logarithm: r_s in kpc, ρ_s in solar masses per kpc³.
LOG10_SCALE_RADIUS_KPC = (-2.0, 1.0)
LOG10_SCALE_DENSITY = (4.0, 14.0)
_STEPS = (121, 201)
# Errors of J within several apertures come from one fit to the stars, and nearly all of them is common: what is common
# is taken as the smallest of them, what is left as independent, and never below this.
LEAST_SHAPE_ERROR = 0.05  # of log10 J
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(48)
RELATIVE_RADII = (1e-8, 1e8)  # of tidal radii to scale radii
_N_NODES = 4001


@dataclass(frozen=True)
class DwarfProfile:
    """An NFW profile of a dwarf galaxy: best fit, and J of all of it over that within half a degree.

    `scale_density` in GeV cm⁻³, radii in kpc. `log10_beyond`: log10 of J_total/J(0.5 deg), the median over the prior
    ranges with the fit's likelihood; its errors are to the 16 % and 84 % quantiles. `chi_square` of the best fit.
    """

    source: str
    scale_density: float
    scale_radius_kpc: float
    tidal_radius_kpc: float
    log10_j_total: float
    log10_beyond: float
    log10_beyond_error_low: float
    log10_beyond_error_high: float
    chi_square: float


def nfw_j_factor(
    scale_density: ArrayLike,
    scale_radius_kpc: ArrayLike,
    distance_kpc: float,
    angle: ArrayLike,
    tidal_radius_kpc: ArrayLike,
) -> Reals:
    """Return J (GeV² cm⁻⁵) within an angle (rad) of an NFW dwarf; the arguments broadcast.

    `scale_density` in GeV cm⁻³. An angle of π/2 or more is all of the galaxy.
    """
    density, radius, theta, tidal = np.broadcast_arrays(
        *(np.asarray(values, dtype=np.float64) for values in (scale_density, scale_radius_kpc, angle, tidal_radius_kpc))
    )
    concentration = tidal / radius
    reach = np.where(theta >= 0.5 * np.pi, np.inf, distance_kpc * np.sin(np.minimum(theta, 0.5 * np.pi)) / radius)
    edge = np.minimum(reach, concentration)
    outside = _outside(edge, concentration) if np.any(edge < concentration) else 0.0
    inside = (1.0 - (1.0 + concentration) ** -3) / 3.0 - outside
    scale = 4.0 * np.pi * density**2 * radius**3 / distance_kpc**2 * KILOPARSEC
    return np.asarray(scale * inside)


def _outside(edge: Reals, concentration: Reals) -> Reals:
    """Return ∫_y^c dx sqrt(x² - y²)/(x (1 + x)⁴), by x = y cosh t."""
    span = np.arccosh(np.maximum(concentration / np.maximum(edge, 1e-300), 1.0))
    t = 0.5 * span[..., None] * (_NODES + 1.0)
    # By multiplications alone: cosh, sinh and powers would be most of the time that the profiles take.
    rising = np.exp(t)
    falling = 1.0 / rising
    cosine, sine = 0.5 * (rising + falling), 0.5 * (rising - falling)
    own = edge[..., None]
    square = np.square(1.0 + own * cosine)
    integrand = own * np.square(sine) / (cosine * np.square(square))
    return np.asarray(0.5 * span * (integrand @ _WEIGHTS))


def tidal_radius_kpc(scale_density: ArrayLike, scale_radius_kpc: ArrayLike, galactocentric_kpc: float) -> Reals:
    """Return the radius (kpc) within which an NFW dwarf is as dense as the Milky Way within its distance from it.

    m(x)/x³ = ρ_host/(3 ρ_s), m = ln(1 + x) - x/(1 + x), ρ_host = v²/(4π G d²)·3: by a table in ln x, and one step of
    Newton's method in ln x from there.
    """
    density, radius = np.broadcast_arrays(
        np.asarray(scale_density, dtype=np.float64), np.asarray(scale_radius_kpc, dtype=np.float64)
    )
    host = 3.0 * ROTATION_SPEED_KM_S**2 / (4.0 * np.pi * GRAVITATION * galactocentric_kpc**2)  # solar masses per kpc³
    target = host * SOLAR_MASS / KILOPARSEC**3 / (3.0 * density)
    nodes, denseness = _denseness_table()
    log_x = np.interp(-np.log(target), -denseness, nodes)
    x = np.exp(log_x)
    mass = _nfw_mass(x)
    slope = (x / (1.0 + x)) ** 2 / mass - 3.0
    return np.asarray(np.exp(log_x - (np.log(mass / x**3) - np.log(target)) / slope) * radius)


@cache
def _denseness_table() -> tuple[Reals, Reals]:
    """Return ln x and ln [m(x)/x³], which falls, at nodes."""
    low, high = RELATIVE_RADII
    nodes = np.linspace(np.log(low), np.log(high), _N_NODES)
    return nodes, np.log(_nfw_mass(np.exp(nodes)) / np.exp(3.0 * nodes))


def _nfw_mass(x: Reals) -> Reals:
    """Return ln(1 + x) - x/(1 + x), by its series where the difference would cancel."""
    small = x < 1e-3
    exact = np.log1p(x) - x / (1.0 + x)
    return np.asarray(np.where(small, x**2 * (0.5 - 2.0 * x / 3.0), exact))


def galactocentric_distance_kpc(ra: float, dec: float, distance_kpc: float) -> float:
    """Return the distance (kpc) from the Galactic Centre of a galaxy at (ra, dec) in rad, given that from the Sun."""
    angle = float(angular_separation(ra, dec, *GALACTIC_CENTRE))
    square = distance_kpc**2 + SUN_DISTANCE_KPC**2 - 2.0 * distance_kpc * SUN_DISTANCE_KPC * np.cos(angle)
    return float(np.sqrt(square))


def fitted_profile(
    source: str, distance_kpc: float, galactocentric_kpc: float, angles: Reals, log10_j: Reals, low: Reals, high: Reals
) -> DwarfProfile:
    """Return the profile of a galaxy from log10 J within some angles (n,) rad and its errors, downwards and upwards.

    The least of χ² = c²/σ_c² + Σ_a (r_a - c)²/τ_a² on a grid over the prior ranges, r_a the model's log10 J less the
    given one, c their common part, σ_c the error on the side of c. PhysicsError for fewer than two angles.
    """
    if len(angles) < 2 or not np.all(np.isfinite([*angles, *log10_j, *low, *high])):
        raise PhysicsError(f"{source} has {len(angles)} J factors with errors: a profile needs two or more")
    if not 0.0 < distance_kpc < np.inf:
        raise PhysicsError(f"distance of {source} is {distance_kpc} kpc: needed is one above 0")
    radius, density = _grid()
    tidal = tidal_radius_kpc(density, radius, galactocentric_kpc)
    model = np.stack([nfw_j_factor(density, radius, distance_kpc, angle, tidal) for angle in angles])
    total = nfw_j_factor(density, radius, distance_kpc, np.pi, tidal)
    is_half = np.isclose(angles, 0.5 * DEGREE)
    half = (
        model[is_half.argmax()] if is_half.any() else nfw_j_factor(density, radius, distance_kpc, 0.5 * DEGREE, tidal)
    )
    chi_square = _chi_square(np.log10(model), log10_j, low, high)
    best = np.unravel_index(int(np.argmin(chi_square)), chi_square.shape)
    beyond = np.log10(total / half)
    weight = np.exp(-0.5 * (chi_square - chi_square[best]))
    order = np.argsort(beyond, axis=None)
    share = np.cumsum(weight.ravel()[order]) / weight.sum()
    lower, median, upper = np.interp([0.16, 0.5, 0.84], share, beyond.ravel()[order])
    return DwarfProfile(
        source=source,
        scale_density=float(density[best]),
        scale_radius_kpc=float(radius[best]),
        tidal_radius_kpc=float(tidal[best]),
        log10_j_total=float(np.log10(total[best])),
        log10_beyond=float(median),
        log10_beyond_error_low=float(median - lower),
        log10_beyond_error_high=float(upper - median),
        chi_square=float(chi_square[best]),
    )


@cache
def _grid() -> tuple[Reals, Reals]:
    """Return scale radii (kpc) and scale densities (GeV cm⁻³) over the prior ranges, (n_radii, n_densities) each."""
    radius = np.logspace(*LOG10_SCALE_RADIUS_KPC, _STEPS[0])
    density = np.logspace(*LOG10_SCALE_DENSITY, _STEPS[1]) * SOLAR_MASS / KILOPARSEC**3
    first, second = np.meshgrid(radius, density, indexing="ij")
    return first, second


def _chi_square(model: Reals, log10_j: Reals, low: Reals, high: Reals) -> Reals:
    """Return χ² of models (n_apertures, ...) of log10 J: a common error and what is left of each aperture's own."""
    residual = model - log10_j.reshape(-1, *([1] * (model.ndim - 1)))
    mean_error = 0.5 * (low + high)
    common = int(np.argmin(mean_error))
    own = np.maximum(mean_error**2 - mean_error[common] ** 2, LEAST_SHAPE_ERROR**2)
    weight = (1.0 / own) / np.sum(1.0 / own)
    shared = np.tensordot(weight, residual, axes=1)
    error = np.where(shared > 0.0, high[common], low[common])
    shape = np.tensordot(1.0 / own, (residual - shared) ** 2, axes=1)
    return np.asarray(shared**2 / (error**2 + 1.0 / np.sum(1.0 / own)) + shape)


def dwarf_profiles(catalogue: pd.DataFrame) -> pa.Table:
    """Return the profiles of the galaxies of a catalogue (core.sources), a row each.

    Galaxies without J factors and their errors within two apertures, or without a distance, have none: of a catalogue
    of such there is no row.
    """
    profiles = [profile for _, row in catalogue.iterrows() if (profile := _profile_of_row(row)) is not None]
    columns = {
        "source": "source",
        "scale_density": "scale_density",
        "scale_radius_kpc": "scale_radius_kpc",
        "tidal_radius_kpc": "tidal_radius_kpc",
        "log10_j_factor_total": "log10_j_total",
        "log10_j_total_over_half_degree": "log10_beyond",
        "log10_j_total_over_half_degree_error_low": "log10_beyond_error_low",
        "log10_j_total_over_half_degree_error_high": "log10_beyond_error_high",
        "profile_chi_square": "chi_square",
    }
    values = {name: [getattr(profile, field) for profile in profiles] for name, field in columns.items()}
    types = {name: pa.string() if name == "source" else pa.float64() for name in columns}
    return pa.table({name: pa.array(own, types[name]) for name, own in values.items()})


def _profile_of_row(row: pd.Series[str]) -> DwarfProfile | None:
    """Return the profile of a row of a catalogue, None where it has no two J factors with errors or no distance."""
    found = []
    for aperture in APERTURES_DEG:
        names = [f"log10_j_factor_{aperture:g}deg{ending}" for ending in ("", "_error_low", "_error_high")]
        values = [float(str(row.get(name, np.nan))) for name in names]
        if np.all(np.isfinite(values)):
            found.append((aperture * DEGREE, *values))
    distance, ra, dec = (float(str(row[name])) for name in ("distance_kpc", "ra_deg", "dec_deg"))
    if len(found) < 2 or not np.isfinite(distance):
        return None
    angles, log10_j, low, high = np.array(found).T
    galactocentric = galactocentric_distance_kpc(ra * DEGREE, dec * DEGREE, distance)
    return fitted_profile(str(row["source"]), distance, galactocentric, angles, log10_j, low, high)
