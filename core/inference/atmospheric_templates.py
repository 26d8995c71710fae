"""Templates of the atmospheric expectation: the counts of the 128 bins, expanded in what a fit varies.

The sum over true energies, directions and species is done once. What is left depends on Δm²32 as Chebyshev polynomials
(interpolated), on θ23 as its five quartic powers (exact, `core.spectra.atmospheric_oscillation`) and on the shape of
the flux as a power series of exp(Σ θ_k ∂ ln Φ/∂θ_k).
"""

from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import product

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import NDArray

from core.dark_matter.channels import FLAVOURS
from core.events.atmosphere import PRODUCED, AtmosphericFlux, shipped_atmospheric_flux
from core.events.classes import INTERACTIONS
from core.events.flux_uncertainty import FLUX_SHAPES, log_flux_slopes
from core.response.folded import (
    N_CELLS,
    TRUE_COS_ZENITH_EDGES,
    TRUE_ENERGY_EDGES,
    TRUE_SHAPE,
    FoldedResponse,
    public_folded_response,
)
from core.response.hyperplanes import NEUTRINO_GROUPS, neutrino_group
from core.spectra.atmospheric_oscillation import (
    N_POWERS,
    PRODUCTION_HEIGHT,
    TRANSITIONS,
    quartic_powers,
    quartic_probabilities,
    quartic_slopes,
)

Reals = NDArray[np.float64]

MASS_SPLITTING_RANGE = (1.2e-3, 3.8e-3)
N_MASS_SPLITTINGS = 14
# Points within each true bin over which flux and probability are averaged; the effective area rises like E^1.5.
POINTS_IN_ENERGY, POINTS_IN_COS_ZENITH = 3, 3
AREA_INDEX = 1.5

ORIGINS = ("e", "mu")
# Powers of the flux shapes: all up to the second, and the third of the spectral index.
POWERS: tuple[tuple[int, ...], ...] = (
    *(powers for powers in product(range(3), repeat=len(FLUX_SHAPES)) if sum(powers) <= 2),
    (3, 0, 0),
)
_NOMINAL_SPLITTING, _NOMINAL_SIN2_THETA23 = 2.4e-3, 0.5


@dataclass(frozen=True, eq=False)
class AtmosphericTemplates:
    """Counts of the bins as coefficients, and their variance from the number of simulated events.

    `coefficients` (n_splittings, n_powers · 5 · 2 origins · 4 groups · N_CELLS): Chebyshev in Δm²32, then POWERS of the
    flux shapes, the quartic powers of θ23, origin "e" or "mu", group, bin. `variance` (N_CELLS,) at Δm²32 = 2.4e-3 eV²,
    sin²θ23 = 0.5 and nominal flux.
    """

    coefficients: Reals
    variance: Reals

    def counts(self, mass_splitting: float, sin2_theta23: float, shapes: Reals) -> Reals:
        """Return the counts by origin, group and bin, (2, 4, N_CELLS); shapes (3,), 0 is nominal."""
        return np.asarray(self.counts_and_slopes(mass_splitting, sin2_theta23, shapes)[0])

    def counts_and_slopes(self, mass_splitting: float, sin2_theta23: float, shapes: Reals) -> tuple[Reals, Reals]:
        """Return the counts (2, 4, N_CELLS) and their derivatives by Δm²32, sin²θ23 and shapes, (5, 2, 4, N_CELLS)."""
        blocks = _at_splitting(self, mass_splitting)
        angle, angle_slope = quartic_powers(sin2_theta23), quartic_slopes(sin2_theta23)
        power, power_slopes = _monomials(shapes)
        weights = np.array(
            [np.outer(power, angle), np.outer(power, angle_slope), *(np.outer(slope, angle) for slope in power_slopes)]
        ).reshape(2 + len(FLUX_SHAPES), -1)
        at_splitting = weights @ blocks[0]
        slopes = np.vstack([weights[:1] @ blocks[1], at_splitting[1:]])
        shape = (len(ORIGINS), len(NEUTRINO_GROUPS), N_CELLS)
        return at_splitting[0].reshape(shape), slopes.reshape(-1, *shape)


@lru_cache(maxsize=4)
def _at_splitting(templates: AtmosphericTemplates, mass_splitting: float) -> Reals:
    """Return the coefficients at Δm²32 and their derivative by it, (2, n_powers · 5, 2 · 4 · N_CELLS).

    Differences along the other parameters keep Δm²32: the largest of the sums is then the one that was done before.
    """
    found = _chebyshev_weights(mass_splitting) @ templates.coefficients
    found.flags.writeable = False
    return np.asarray(found.reshape(2, len(POWERS) * N_POWERS, -1))


@cache
def public_templates() -> AtmosphericTemplates:
    """Return the templates of the shipped flux and folded response; some seconds, once a process."""
    return atmospheric_templates(public_folded_response(), shipped_atmospheric_flux())


def atmospheric_templates(
    response: FoldedResponse, flux: AtmosphericFlux, production_height: float = PRODUCTION_HEIGHT
) -> AtmosphericTemplates:
    """Return the templates of a folded response under an atmospheric flux; `production_height` in km."""
    bins = _TrueBins.of(flux)
    nodes = chebyshev.chebpts1(N_MASS_SPLITTINGS)
    values = [
        _folded(response, bins.arriving(_splitting_at(node), production_height), bins.monomials) for node in nodes
    ]
    vandermonde = chebyshev.chebvander(nodes, N_MASS_SPLITTINGS - 1)
    coefficients = np.asarray(np.linalg.solve(vandermonde, np.array(values).reshape(N_MASS_SPLITTINGS, -1)), np.float64)
    arriving = bins.arriving(_NOMINAL_SPLITTING, production_height)
    at_angle = np.einsum("q,stqez->stez", quartic_powers(_NOMINAL_SIN2_THETA23), arriving)
    return AtmosphericTemplates(response.livetime * coefficients, response.livetime**2 * _variance(response, at_angle))


@dataclass(frozen=True)
class _TrueBins:
    """Flux at production on the points within the true bins, and the flux shapes' monomials at the bins' centres.

    `energy` (nE · points,), `cos_zenith` (nz · points,); `flux` (2 ν/ν̄, 2 origins, those); `monomials` (2, 2, n_powers,
    nE, nz).
    """

    energy: Reals
    cos_zenith: Reals
    flux: Reals
    monomials: Reals

    @classmethod
    def of(cls, flux: AtmosphericFlux) -> "_TrueBins":
        energy = np.exp(_points(np.log(TRUE_ENERGY_EDGES), POINTS_IN_ENERGY))
        cos_zenith = _points(TRUE_COS_ZENITH_EDGES, POINTS_IN_COS_ZENITH)
        produced = [[f"nu{origin}{bar}" for origin in ORIGINS] for bar in ("", "bar")]
        fluxes = np.array([[flux_on_grid(flux, name, energy, cos_zenith) for name in names] for names in produced])
        centres = np.sqrt(TRUE_ENERGY_EDGES[1:] * TRUE_ENERGY_EDGES[:-1])[:, None]
        middle = 0.5 * (TRUE_COS_ZENITH_EDGES[1:] + TRUE_COS_ZENITH_EDGES[:-1])[None]
        monomials = [
            [_taylor_terms(log_flux_slopes(origin, bar, centres, middle)) for origin in ORIGINS]
            for bar in (False, True)
        ]
        return cls(energy, cos_zenith, fluxes, np.array(monomials))

    def arriving(self, mass_splitting: float, production_height: float) -> Reals:
        """Return mean flux times probability in the true bins, (2 ν/ν̄, 6 TRANSITIONS, 5, nE, nz)."""
        origin = [ORIGINS.index(made) for made, _ in TRANSITIONS]
        means = []
        for antineutrino in (0, 1):
            oscillation = quartic_probabilities(
                self.energy, self.cos_zenith, mass_splitting, bool(antineutrino), production_height=production_height
            )
            means.append(self._mean(oscillation.coefficients * self.flux[antineutrino][origin][:, None]))
        return np.array(means)

    def _mean(self, values: Reals) -> Reals:
        """Return means over the points of each true bin, weighted with E^AREA_INDEX dE."""
        shape = (*values.shape[:-2], TRUE_SHAPE[2], POINTS_IN_ENERGY, TRUE_SHAPE[3], POINTS_IN_COS_ZENITH)
        weight = (self.energy ** (AREA_INDEX + 1.0)).reshape(TRUE_SHAPE[2], POINTS_IN_ENERGY)
        weight = weight / weight.sum(axis=1, keepdims=True)
        return np.asarray(np.einsum("...epzq,ep->...ez", values.reshape(shape), weight) / POINTS_IN_COS_ZENITH)


def _folded(response: FoldedResponse, arriving: Reals, monomials: Reals) -> Reals:
    """Return the counts per s of (n_powers, 5, 2 origins, 4 groups, N_CELLS); arguments as of _TrueBins."""
    n_powers = monomials.shape[2]
    counts = np.zeros((n_powers, N_POWERS, len(ORIGINS), len(NEUTRINO_GROUPS), N_CELLS))
    for species, origin in product(range(len(FLAVOURS)), range(len(ORIGINS))):
        antineutrino, transition = _arrival(species, origin)
        terms = monomials[antineutrino, origin][:, None] * arriving[antineutrino, transition][None]
        for interaction in range(len(INTERACTIONS)):
            seen = response.by_species(species, interaction) @ terms.reshape(n_powers * N_POWERS, -1).T
            group = neutrino_group(species, interaction)
            counts[:, :, origin, group] += seen.T.reshape(n_powers, N_POWERS, N_CELLS)
    return counts


def _variance(response: FoldedResponse, arriving: Reals) -> Reals:
    """Return Σ (w Φ)² of the simulated events in each bin, (N_CELLS,) per s²; flux (2 ν/ν̄, 6 TRANSITIONS, nE, nz)."""
    variance = np.zeros(N_CELLS)
    for species in range(len(FLAVOURS)):
        arrivals = [_arrival(species, origin) for origin in range(len(ORIGINS))]
        flux = np.sum([arriving[arrival] for arrival in arrivals], axis=0).ravel()
        for interaction in range(len(INTERACTIONS)):
            variance += response.by_species(species, interaction, squares=True) @ flux**2
    return variance


def _arrival(species: int, origin: int) -> tuple[int, int]:
    """Return whether a species is an antineutrino, and the place of its TRANSITION from an origin."""
    name = FLAVOURS[species]
    detected = name.removeprefix("nu").removesuffix("bar")
    return int(name.endswith("bar")), TRANSITIONS.index((ORIGINS[origin], detected))


def flux_on_grid(flux: AtmosphericFlux, flavour: str, energy: Reals, cos_zenith: Reals) -> Reals:
    """Return the flux at production, (nE, nz) GeV⁻¹ cm⁻² s⁻¹ sr⁻¹, of the published averages over bins of cos zenith.

    In cos zenith the derivative of a spline through the bins' cumulative sums, so that each bin keeps its average:
    between centres of bins a straight line would flatten the peak at the horizon. Log-log in energy.
    """
    from scipy.interpolate import CubicSpline

    published = flux.flux[PRODUCED.index(flavour)]
    width = float(flux.cos_zenith[1] - flux.cos_zenith[0])
    edges = np.append(flux.cos_zenith - 0.5 * width, flux.cos_zenith[-1] + 0.5 * width)
    cumulative = np.vstack([np.zeros(published.shape[1]), np.cumsum(published * width, axis=0)])
    density = CubicSpline(edges, cumulative, axis=0).derivative()(cos_zenith)
    log_energy = np.log(flux.energy)
    return np.asarray(
        np.exp(np.array([np.interp(np.log(energy), log_energy, np.log(row)) for row in density])).T, dtype=np.float64
    )


def _points(edges: Reals, n_points: int) -> Reals:
    """Return points spread evenly within each bin, (n_bins · n_points,)."""
    within = (np.arange(n_points) + 0.5) / n_points
    return np.asarray((edges[:-1, None] + np.diff(edges)[:, None] * within).ravel())


def _taylor_terms(slopes: Reals) -> Reals:
    """Return Π_k slope_k^p_k / p_k! for each of POWERS, (n_powers, ...), of slopes (3, ...)."""
    factorial = np.array([1.0, 1.0, 2.0, 6.0])
    return np.array(
        [
            np.prod([slope**p / factorial[p] for slope, p in zip(slopes, powers, strict=True)], axis=0)
            for powers in POWERS
        ]
    )


def _monomials(shapes: Reals) -> tuple[Reals, Reals]:
    """Return Π_k θ_k^p_k for each of POWERS, (n_powers,), and the derivatives by θ_k, (3, n_powers)."""
    powers = np.array(POWERS)
    each = shapes[None] ** powers
    slopes = []
    for index in range(len(FLUX_SHAPES)):
        own = powers[:, index] * shapes[index] ** np.maximum(powers[:, index] - 1, 0)
        slopes.append(own * np.delete(each, index, axis=1).prod(axis=1))
    return each.prod(axis=1), np.array(slopes)


def _splitting_at(node: float) -> float:
    low, high = MASS_SPLITTING_RANGE
    return float(0.5 * (low + high) + 0.5 * (high - low) * node)


def _chebyshev_weights(mass_splitting: float) -> Reals:
    """Return the Chebyshev polynomials at Δm²32 and their derivatives by it, (2, n_splittings)."""
    low, high = MASS_SPLITTING_RANGE
    node = (2.0 * mass_splitting - low - high) / (high - low)
    order = np.arange(N_MASS_SPLITTINGS)
    angle = np.arccos(np.clip(node, -1.0 + 1e-12, 1.0 - 1e-12))
    slope = order * np.sin(order * angle) / np.sin(angle) * 2.0 / (high - low)
    return np.array([np.cos(order * angle), slope])
