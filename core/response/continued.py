"""The public response continued beyond its highest reconstructed energy, by a simple model: simulated, not measured.

The public sample keeps events reconstructed at 5.6-56 GeV. Those stay as the public response has them. Beside them
stand the events that a detector would have reconstructed above, up to 1000 GeV:

    A_above(E, c) = A_all(E, c) [Φ(x_1000) - Φ(x_56)],   x_r = [log10(E_r/E) - μ] / s,

with Φ the normal distribution: log10 of the reconstructed energy is normal around log10 E + μ, of constant width s.
μ and s are mean and rms of the public migration at true energies where its edges hardly matter: 15-30 GeV for charged
currents, 30-60 GeV for neutral ones, which show less of their energy. With G(E) = Φ(x_56) and the energy E_j at which
G = 85 %,

    A_all(E, c) = A(E, c) / G(E)          up to E_j, with A the public effective area,
    A_all(E, c) = A_all(E_j, c) E / E_j   beyond: the cross section grows with the energy, the efficiency stays;

A_all(E_j, c) is the mean of A E_j/(E G) over the true energies within 15 % of E_j. Above 56 GeV the selection factors
are 1, and ln κ of core and tail is linear in ln E, for each interaction and class: a weighted fit to the public
kernels at 10-63 GeV, continued, κ at most 1200 (1.7°); the share of the tail is their mean.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from core.events.classes import EVENT_CLASSES, INTERACTIONS
from core.response import public_response
from core.response.mixture_fit import KAPPA_GRID
from core.response.model import SPECIES_SHAPE, Response

Reals = NDArray[np.float64]

HIGHEST_RECO_ENERGY = 1000.0
# True energies (GeV) whose migration gives μ and s: charged and neutral currents.
RESOLUTION_RANGES = ((15.0, 30.0), (30.0, 60.0))
KERNEL_RANGE = (10.0, 63.0)
JOIN_SHARE = 0.85
JOIN_REACH = 0.15
# Averages over true energies weigh them like the fluxes that are looked at.
SPECTRAL_INDEX = 3.0


@dataclass(frozen=True)
class ContinuedKernels:
    """Kernels of events reconstructed above the public range, each (2 interactions, 2 classes, nE)."""

    kappa_core: Reals
    kappa_tail: Reals
    tail_fraction: Reals


@dataclass(frozen=True)
class ContinuedResponse:
    """`inside`: the public response. `area_above` (6, 2, 2, nE, nz) cm², of events reconstructed above it.

    `shift` μ and `spread` s of log10(reconstructed / true energy), (6, 2, 2).
    """

    inside: Response
    area_above: Reals
    shift: Reals
    spread: Reals
    kernels_above: ContinuedKernels

    @property
    def effective_area(self) -> Reals:
        """The effective area of all events, inside and above, (6, 2, 2, nE, nz) cm²."""
        return self.inside.effective_area + self.area_above


@cache
def continued_response() -> ContinuedResponse:
    """Return the public response continued to 1000 GeV reconstructed."""
    inside = public_response()
    shift, spread = energy_resolution(inside)
    area = area_above(inside, shift, spread)
    return ContinuedResponse(inside, area, shift, spread, kernels_above(inside))


def energy_resolution(response: Response) -> tuple[Reals, Reals]:
    """Return mean and rms of log10(reconstructed / true energy), each (6, 2, 2)."""
    energy, log_reco = _true_energy(response), _centres(np.log10(response.reco_energy_edges))
    difference = log_reco - np.log10(energy)[:, None]
    weights = _spectral_weight(response)[..., None] * response.energy_migration
    mean, variance = np.empty(SPECIES_SHAPE), np.empty(SPECIES_SHAPE)
    for interaction, (low, high) in enumerate(RESOLUTION_RANGES):
        chosen = (energy > low) & (energy < high)
        share = weights[:, interaction][:, :, chosen]
        share = share / share.sum(axis=(2, 3), keepdims=True)
        mean[:, interaction] = (share * difference[chosen]).sum(axis=(2, 3))
        variance[:, interaction] = (share * difference[chosen] ** 2).sum(axis=(2, 3)) - mean[:, interaction] ** 2
    return mean, np.sqrt(variance)


def area_above(response: Response, shift: Reals, spread: Reals) -> Reals:
    """Return the effective area of events reconstructed above the response's range, (6, 2, 2, nE, nz) cm²."""
    energy, top = _true_energy(response), float(np.log10(response.reco_energy_edges[-1]))
    below = ndtr(_deviation(top, energy, shift, spread))
    above = ndtr(-_deviation(top, energy, shift, spread))
    above -= ndtr(-_deviation(float(np.log10(HIGHEST_RECO_ENERGY)), energy, shift, spread))
    join = 10.0 ** (top - shift - ndtri(JOIN_SHARE) * spread)[..., None]
    near = np.abs(np.log(energy / join)) < JOIN_REACH
    everything = response.effective_area / below[..., None]
    share = near / near.sum(axis=-1, keepdims=True)
    at_join = np.einsum("ficez,fice->ficz", everything, share * join / energy)
    beyond = at_join[:, :, :, None, :] * (energy / join)[..., None]
    everything = np.where((energy > join)[..., None], beyond, everything)
    return np.asarray(everything * above[..., None])


def kernels_above(response: Response) -> ContinuedKernels:
    """Return the kernels of each interaction, class and true energy above the response's reconstructed energies."""
    energy, bins = _true_energy(response), response.angular_bin
    chosen = (energy > KERNEL_RANGE[0]) & (energy < KERNEL_RANGE[1])
    weights = (_spectral_weight(response)[..., None] * response.energy_migration)[:, :, :, chosen]
    logarithm = np.broadcast_to(np.log(energy[chosen])[:, None], weights.shape)
    shape = (len(INTERACTIONS), len(EVENT_CLASSES), len(energy))
    found = {name: np.empty(shape) for name in ("kappa_core", "kappa_tail", "tail_fraction")}
    for index in np.ndindex(*shape[:2]):
        share = weights[:, *index]
        for name, values in found.items():
            fine = getattr(response, name)[:, :, :, bins[chosen]][:, *index]
            if name == "tail_fraction":
                values[index] = np.average(fine, weights=share)
                continue
            slope, start = np.polyfit(
                logarithm[:, *index].ravel(), np.log(fine).ravel(), 1, w=np.sqrt(share / share.max()).ravel()
            )
            values[index] = np.minimum(np.exp(start + slope * np.log(energy)), KAPPA_GRID[-1])
    return ContinuedKernels(**found)


def reconstructed_above(
    response: ContinuedResponse, species: tuple[NDArray[np.int64], ...], energy: Reals, uniform: Reals
) -> Reals:
    """Return reconstructed energies (n,) GeV above the public range, at given uniform numbers (n,) in [0, 1).

    `species`: indices of (flavour, interaction, class), each (n,); `energy` (n,) the true energies.
    """
    shift, spread = response.shift[species], response.spread[species]
    edges = np.log10([response.inside.reco_energy_edges[-1], HIGHEST_RECO_ENERGY])
    low, high = (ndtr(-(edge - np.log10(energy) - shift) / spread) for edge in edges)
    deviation = -ndtri(high + (1.0 - uniform) * (low - high))
    logarithm = np.clip(np.log10(energy) + shift + spread * deviation, *edges)
    return np.asarray(10.0**logarithm)


def _deviation(log_reco: float, energy: Reals, shift: Reals, spread: Reals) -> Reals:
    return np.asarray((log_reco - np.log10(energy) - shift[..., None]) / spread[..., None])


def _true_energy(response: Response) -> Reals:
    return np.asarray(np.sqrt(response.true_energy_edges[1:] * response.true_energy_edges[:-1]))


def _centres(edges: Reals) -> Reals:
    return np.asarray(0.5 * (edges[1:] + edges[:-1]))


def _spectral_weight(response: Response) -> Reals:
    """Return what each true energy weighs in averages, (6, 2, 2, nE)."""
    per_energy = np.diff(response.true_energy_edges) * _true_energy(response) ** -SPECTRAL_INDEX
    return np.asarray(response.effective_area.mean(axis=-1) * per_energy)
