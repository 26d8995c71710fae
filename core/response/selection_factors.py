"""Pairwise factors between true zenith, reconstructed energy and reconstructed zenith, by iterative proportional fits.

Selection cuts act on reconstructed energy and zenith together. What they do beyond the kernels is described by one
factor a pair of variables; raking (Deming & Stephan 1940, doi:10.1214/aoms/1177731829) finds the factors with which
the model has each pairwise sum of the simulation, the fit of largest likelihood for a log-linear model.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]

MAX_ITERATIONS = 200
TOLERANCE = 1e-4
ALL_PAIRS = ("reco_zenith_energy", "true_zenith_energy", "true_reco_zenith")
PRIOR_EVENTS = 3.0  # a cell of fewer events is drawn to what the kernels alone say


@dataclass
class PairwiseFactors:
    """h (zones, energies), e (energies, bands) and g (zones, bands), as in Response."""

    true_zenith_energy: Reals
    reco_zenith_energy: Reals
    true_reco_zenith: Reals

    @classmethod
    def neutral(cls, n_energies: int, n_bands: int) -> "PairwiseFactors":
        """Return factors that change nothing."""
        return cls(np.ones((n_bands, n_energies)), np.ones((n_energies, n_bands)), np.ones((n_bands, n_bands)))

    def product(self, zone: NDArray[np.int64]) -> Reals:
        """Return h e g for directions in given zones (n_directions,): (n_directions, energies, bands)."""
        return np.asarray(
            self.true_zenith_energy[zone][:, :, None] * self.reco_zenith_energy * self.true_reco_zenith[zone][:, None]
        )


@dataclass(frozen=True)
class RakedEvents:
    """Weighted events that share one set of factors: several species, several true energy bins.

    `joint`: (n_species, directions, energies, bands) summed over true energies. `by_direction`: (n_species, nE,
    directions). `by_energy`: (n_species, nE, energies). `event_weight`: Σ w²/Σ w, the weight of a typical event.
    """

    joint: Reals
    by_direction: Reals
    by_energy: Reals
    event_weight: float


def rake(
    events: RakedEvents,
    kernels: Reals,
    migration: Reals,
    factors: PairwiseFactors,
    zone: NDArray[np.int64],
    pairs: tuple[str, ...] = ALL_PAIRS,
) -> tuple[PairwiseFactors, Reals]:
    """Return factors and energy migration (n_species, nE, energies) with which the model has the events' sums.

    `kernels`: (n_species, directions, energies, bands) probabilities of the bands. `zone`: (directions,). `pairs`: the
    factors that are fitted; the others stay.
    """
    wanted = _pairwise_sums(events.joint.sum(axis=0), zone)
    prior = PRIOR_EVENTS * events.event_weight
    for _ in range(MAX_ITERATIONS):
        largest = 0.0
        for name in pairs:
            predicted = _pairwise_sums(_predicted(events, kernels, migration, factors, zone), zone)
            change = (getattr(wanted, name) + prior) / (getattr(predicted, name) + prior)
            setattr(factors, name, getattr(factors, name) * change)
            largest = max(largest, float(np.abs(np.log(change)).max()))
        factors = _normalised(factors)
        migration = _raked_migration(events, kernels, migration, factors, zone)
        if largest < TOLERANCE:
            break
    return factors, migration


def _pairwise_sums(joint: Reals, zone: NDArray[np.int64]) -> PairwiseFactors:
    by_zone = np.zeros((zone.max() + 1, *joint.shape[1:]))
    np.add.at(by_zone, zone, joint)
    return PairwiseFactors(by_zone.sum(axis=2), by_zone.sum(axis=0), by_zone.sum(axis=1))


def _per_direction(events: RakedEvents, migration: Reals, kept: Reals) -> Reals:
    """Return the events in each (species, nE, direction) over the model's norm there."""
    norm = np.einsum("ser,sdr->sed", migration, kept)
    return np.asarray(np.divide(events.by_direction, norm, out=np.zeros_like(norm), where=norm > 0.0))


def _predicted(
    events: RakedEvents, kernels: Reals, migration: Reals, factors: PairwiseFactors, zone: NDArray[np.int64]
) -> Reals:
    model = kernels * factors.product(zone)
    scaled = _per_direction(events, migration, model.sum(axis=3))
    return np.asarray((np.einsum("sed,ser->sdr", scaled, migration)[..., None] * model).sum(axis=0))


def _raked_migration(
    events: RakedEvents, kernels: Reals, migration: Reals, factors: PairwiseFactors, zone: NDArray[np.int64]
) -> Reals:
    kept = (kernels * factors.product(zone)).sum(axis=3)
    predicted = migration * np.einsum("sed,sdr->ser", _per_direction(events, migration, kept), kept)
    change = np.divide(events.by_energy, predicted, out=np.zeros_like(predicted), where=predicted > 0.0)
    raked = migration * change
    total = raked.sum(axis=2, keepdims=True)
    return np.asarray(np.where(total > 0.0, raked / np.where(total > 0.0, total, 1.0), migration))


def _normalised(factors: PairwiseFactors) -> PairwiseFactors:
    return PairwiseFactors(
        factors.true_zenith_energy / factors.true_zenith_energy.mean(axis=1, keepdims=True),
        factors.reco_zenith_energy / factors.reco_zenith_energy.mean(),
        factors.true_reco_zenith / factors.true_reco_zenith.mean(axis=1, keepdims=True),
    )
