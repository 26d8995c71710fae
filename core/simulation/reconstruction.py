"""Events after reconstruction, drawn one by one from the continued public response."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from core.response.continued import ContinuedResponse, continued_response, reconstructed_above

Reals = NDArray[np.float64]
Integers = NDArray[np.int64]

# Few events need many proposals: those that remain are given more at a time.
MOST_PROPOSALS = 512


@dataclass(frozen=True)
class TrueEvents:
    """Neutrinos that are seen, each array (n,).

    `flavour`, `interaction`, `event_class` index FLAVOURS, INTERACTIONS, EVENT_CLASSES; `energy_bin` the true energies
    of the response. `is_above`: reconstructed above the public range. `energy` GeV; directions in the detector, rad.
    """

    flavour: Integers
    interaction: Integers
    event_class: Integers
    energy_bin: Integers
    is_above: NDArray[np.bool_]
    energy: Reals
    zenith: Reals
    azimuth: Reals

    @property
    def species(self) -> tuple[Integers, Integers, Integers]:
        """Indices of flavour, interaction and class."""
        return self.flavour, self.interaction, self.event_class

    def __getitem__(self, chosen: NDArray[np.bool_]) -> "TrueEvents":
        return TrueEvents(**{name: values[chosen] for name, values in vars(self).items()})


@dataclass(frozen=True)
class _Proposals:
    """How events inside the public range are proposed and kept; k counts flavour, interaction and class together.

    `energy` (24, nE, zones, nr): cumulative probability of the reconstructed energies. `keep` (24, nA, zones, nr, nb):
    probability that an event proposed there is kept.
    """

    energy: Reals
    keep: Reals


def reconstructed(events: TrueEvents, generator: np.random.Generator) -> tuple[Reals, Reals, Reals]:
    """Return reconstructed energy (GeV), zenith and azimuth (rad), each (n,).

    Inside the public range an energy and a direction are drawn from migration and kernels and kept with a probability
    in proportion to the selection factors, else drawn again: so that both follow Response's P(r, b | E, c) exactly,
    and inside a band the kernel. A reconstructed energy is spread evenly over its bin in log energy.
    """
    response = continued_response()
    energy, cosine, turn = np.empty((3, len(events.energy)))
    above = events.is_above
    energy[above], cosine[above], turn[above] = _above(response, events[above], generator)
    energy[~above], cosine[~above], turn[~above] = _inside(response, events[~above], generator)
    return energy, *turned(events.zenith, events.azimuth, cosine, turn)


def turned(zenith: Reals, azimuth: Reals, cosine: Reals, turn: Reals) -> tuple[Reals, Reals]:
    """Return zenith and azimuth (0 to 2π) of directions at an angle of given cosine to others, all (n,) rad.

    `turn`: on which side, rad; 0 is towards the zenith.
    """
    sine = np.sqrt(np.maximum(1.0 - cosine**2, 0.0))
    up = cosine * np.cos(zenith) + sine * np.sin(zenith) * np.cos(turn)
    outward = cosine * np.sin(zenith) - sine * np.cos(zenith) * np.cos(turn)
    sideward = sine * np.sin(turn)
    return np.arctan2(np.hypot(outward, sideward), up), (azimuth + np.arctan2(sideward, outward)) % (2.0 * np.pi)


def kernel_cosine(kappa: Reals, uniform: Reals) -> Reals:
    """Return the cosine of the angle to a kernel's centre at given shares (n,) of its probability: inverse of its CDF.

    cos ψ = 1 + ln[1 - u (1 - exp(-2κ))]/κ, the von Mises-Fisher distribution on the sphere.
    """
    return np.asarray(np.maximum(1.0 + np.log1p(uniform * np.expm1(-2.0 * kappa)) / kappa, -1.0))


def _above(
    response: ContinuedResponse, events: TrueEvents, generator: np.random.Generator
) -> tuple[Reals, Reals, Reals]:
    uniform = generator.random((4, len(events.energy)))
    kernels, index = response.kernels_above, (events.interaction, events.event_class, events.energy_bin)
    is_tail = uniform[1] < kernels.tail_fraction[index]
    kappa = np.where(is_tail, kernels.kappa_tail[index], kernels.kappa_core[index])
    energy = reconstructed_above(response, events.species, events.energy, uniform[0])
    return energy, kernel_cosine(kappa, uniform[2]), 2.0 * np.pi * uniform[3]


def _inside(
    response: ContinuedResponse, events: TrueEvents, generator: np.random.Generator
) -> tuple[Reals, Reals, Reals]:
    proposals, inside = _proposals(), response.inside
    bands = inside.reco_cos_zenith_edges
    n_reco = len(inside.reco_energy_edges) - 1
    k = np.ravel_multi_index(events.species, inside.effective_area.shape[:3])
    angular, zone = inside.angular_bin[events.energy_bin], _bin_of(np.cos(events.zenith), bands)
    core, tail, share = (
        getattr(inside, name).reshape(-1, *inside.kappa_core.shape[3:])
        for name in ("kappa_core", "kappa_tail", "tail_fraction")
    )
    reco, cosine, turn = np.empty(len(k), dtype=np.int64), np.empty(len(k)), np.empty(len(k))
    left = np.arange(len(k))
    while len(left):
        n_proposals = int(np.clip(len(k) // len(left), 1, MOST_PROPOSALS))
        tried = np.repeat(left, n_proposals)
        uniform = generator.random((5, len(tried)))
        kk, aa, zz = k[tried], angular[tried], zone[tried]
        r = (uniform[0][:, None] >= proposals.energy[kk, events.energy_bin[tried], zz]).sum(axis=1)
        r = np.minimum(r, n_reco - 1)
        kappa = np.where(uniform[1] < share[kk, aa, r], tail[kk, aa, r], core[kk, aa, r])
        found, side = kernel_cosine(kappa, uniform[2]), 2.0 * np.pi * uniform[3]
        up = np.cos(turned(events.zenith[tried], events.azimuth[tried], found, side)[0])
        is_kept = uniform[4] < proposals.keep[kk, aa, zz, r, _bin_of(up, bands)]
        first = np.flatnonzero(is_kept)[np.unique(tried[is_kept], return_index=True)[1]]
        reco[tried[first]], cosine[tried[first]], turn[tried[first]] = r[first], found[first], side[first]
        left = np.setdiff1d(left, tried[first], assume_unique=True)
    edges = np.log10(inside.reco_energy_edges)
    energy = 10.0 ** (edges[reco] + generator.random(len(reco)) * np.diff(edges)[reco])
    return energy, cosine, turn


@cache
def _proposals() -> _Proposals:
    inside = continued_response().inside
    n_angular, n_reco, n_bands = inside.reco_zenith_energy_factor.shape[3:]
    factor = (
        inside.reco_zenith_energy_factor[:, :, :, :, None] * inside.true_reco_zenith_factor[:, :, :, :, :, None, :]
    ).reshape(-1, n_angular, n_bands, n_reco, n_bands)
    largest = factor.max(axis=-1)
    keep = factor / largest[..., None]
    per_zone = inside.true_zenith_energy_factor.reshape(-1, n_angular, n_bands, n_reco) * largest
    migration = inside.energy_migration.reshape(len(keep), -1, 1, n_reco)
    cumulative = np.cumsum(migration * per_zone[:, inside.angular_bin], axis=-1)
    return _Proposals(cumulative / cumulative[..., -1:], keep)


def _bin_of(values: Reals, edges: Reals) -> Integers:
    return np.asarray(np.clip(np.searchsorted(edges, values, side="right") - 1, 0, len(edges) - 2), dtype=np.int64)
