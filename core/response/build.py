"""The public response, derived from the simulated neutrinos of the three-year release."""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.dark_matter.channels import FLAVOURS
from core.events.classes import EVENT_CLASSES
from core.events.public_release import (
    LIVETIME,
    RECO_COS_ZENITH_EDGES,
    RECO_ENERGY_EDGES,
    SimulatedNeutrinos,
    read_simulation,
)
from core.response.kernels import zenith_probabilities
from core.response.mixture_fit import KAPPA_GRID, KernelPrior, fit_two_kernels, mixture_errors, nearest_kappa
from core.response.model import SPECIES_SHAPE, Response
from core.response.selection_factors import ALL_PAIRS, PairwiseFactors, RakedEvents, rake
from core.units import DEGREE

Reals = NDArray[np.float64]
Integers = NDArray[np.int64]

BINS_PER_DECADE = 40
TRUE_ENERGY_EDGES: Reals = 10.0 ** (np.arange(3 * BINS_PER_DECADE + 1) / BINS_PER_DECADE)
TRUE_COS_ZENITH_EDGES: Reals = np.linspace(-1.0, 1.0, 17)
# Kernels and factors are fitted in coarser bins: 1, 4.0, 6.0, 7.9, 10.6, 13.3, ... 63, 1000 GeV.
ANGULAR_ENERGY_EDGES: Reals = TRUE_ENERGY_EDGES[[0, 24, 31, 36, 41, 45, 49, 53, 57, 61, 66, 72, 120]]
# Directions of the fits: three to each zenith bin of the effective area.
FIT_COS_ZENITH_EDGES: Reals = np.linspace(-1.0, 1.0, 49)
# Weights of the fits fall like the fluxes that are looked at, so that no bin hangs on its few most energetic events.
FIT_SPECTRAL_INDEX = 3.0
N_PASSES = 3
# A factor between true and reconstructed zenith could stand in for the width of the kernels. So kernels are fitted
# without it, and it takes up only what no isotropic kernel can say.
PAIRS_BESIDE_KERNELS = ("reco_zenith_energy", "true_zenith_energy")
MIN_EFFECTIVE_EVENTS = 60.0
# Kernels of one species and reconstructed energy are drawn to those of all events of their class and true energy,
# and these, softly, to widths of 12 and 33 deg.
WIDEST_PRIOR = KernelPrior(nearest_kappa(12.0 * DEGREE), nearest_kappa(33.0 * DEGREE), spread=1.0)
KERNEL_SPREAD = 0.4

# Neutral currents look alike whatever the flavour: species of the fits are the six of charged current, then the
# neutral current of neutrinos and of antineutrinos.
N_FIT_SPECIES = len(FLAVOURS) + 2
NEUTRAL_CURRENT = np.array([6, 6, 6, 7, 7, 7])
# A muon from a charged current is selected unlike anything else: it has factors of its own.
FACTOR_GROUPS = (np.array([1, 4]), np.array([0, 2, 3, 5, 6, 7]))


@dataclass(frozen=True)
class ResponseBins:
    """The edges of a Response, of the same names; angular energies are a subset of the true energies' edges."""

    true_energy_edges: Reals
    true_cos_zenith_edges: Reals
    reco_energy_edges: Reals
    reco_cos_zenith_edges: Reals
    angular_energy_edges: Reals

    @property
    def n_energies(self) -> int:
        """Number of reconstructed energies."""
        return len(self.reco_energy_edges) - 1

    @property
    def n_bands(self) -> int:
        """Number of bands of reconstructed cos zenith."""
        return len(self.reco_cos_zenith_edges) - 1

    @property
    def zone(self) -> Integers:
        """The band in which each direction of the fits lies, (n_directions,)."""
        centres = 0.5 * (FIT_COS_ZENITH_EDGES[1:] + FIT_COS_ZENITH_EDGES[:-1])
        return bin_of(centres, self.reco_cos_zenith_edges)


PUBLIC_BINS = ResponseBins(
    TRUE_ENERGY_EDGES, TRUE_COS_ZENITH_EDGES, RECO_ENERGY_EDGES, RECO_COS_ZENITH_EDGES, ANGULAR_ENERGY_EDGES
)


def rebuild(release: Path) -> Response:
    """Return the response that the simulation of the release gives; InputError if the release is not what it should be.

    `release`: the folder that holds neutrino_mc.csv.bz2.
    """
    return response_of(read_simulation(release), PUBLIC_BINS, LIVETIME)


def response_of(events: SimulatedNeutrinos, bins: ResponseBins, livetime: float) -> Response:
    """Return the response that simulated events give in bins; livetime in s."""
    area, area_error = effective_area(events, bins)
    fit = _ReconstructionFit(events, bins)
    fit.run()
    return Response(
        **vars(bins),
        effective_area=area,
        effective_area_error=area_error,
        livetime=livetime,
        **fit.response_fields(),
    )


def effective_area(events: SimulatedNeutrinos, bins: ResponseBins = PUBLIC_BINS) -> tuple[Reals, Reals]:
    """Return the effective area Σ w/(ΔE ΔΩ) and its error, each (6, 2, 2, nE, nz) cm²."""
    energy_edges, zenith_edges = bins.true_energy_edges, bins.true_cos_zenith_edges
    shape = (*SPECIES_SHAPE, len(energy_edges) - 1, len(zenith_edges) - 1)
    index = np.ravel_multi_index(
        (
            events.flavour,
            events.interaction,
            events.event_class,
            bin_of(events.true_energy, energy_edges),
            bin_of(events.true_cos_zenith, zenith_edges),
        ),
        shape,
    )
    size = int(np.prod(shape))
    phase_space = np.diff(energy_edges)[:, None] * 2.0 * np.pi * np.diff(zenith_edges)
    area = np.bincount(index, events.weight, size).reshape(shape) / phase_space
    squares = np.bincount(index, events.weight**2, size).reshape(shape)
    return area, np.asarray(np.sqrt(squares) / phase_space)


def bin_of(values: Reals, edges: Reals) -> Integers:
    """Return the bin of each value (n,); what lies beyond the outermost edges counts to the outermost bins."""
    return np.asarray(np.clip(np.searchsorted(edges, values, side="right") - 1, 0, len(edges) - 2), dtype=np.int64)


@dataclass(frozen=True)
class _Counts:
    """Weighted events in bins.

    `weights`: (species of the fits, classes, nE, directions, reconstructed energies, bands). `squares`: Σ w² in
    (species of the fits, classes, nE, reconstructed energies).
    """

    weights: Reals
    squares: Reals

    @classmethod
    def of(cls, events: SimulatedNeutrinos, bins: ResponseBins) -> "_Counts":
        n_true = len(bins.true_energy_edges) - 1
        species = np.where(events.interaction == 0, events.flavour, NEUTRAL_CURRENT[events.flavour])
        energy = bin_of(events.true_energy, bins.true_energy_edges)
        direction = bin_of(events.true_cos_zenith, FIT_COS_ZENITH_EDGES)
        weight = events.weight * events.true_energy**-FIT_SPECTRAL_INDEX
        shape = (N_FIT_SPECIES, len(EVENT_CLASSES), n_true, len(bins.zone), bins.n_energies, bins.n_bands)
        index = (species, events.event_class, energy, direction, events.reco_energy_bin, events.reco_cos_zenith_bin)
        weights = np.bincount(np.ravel_multi_index(index, shape), weight, int(np.prod(shape))).reshape(shape)
        coarse_shape = (*shape[:3], bins.n_energies)
        coarse = np.ravel_multi_index((*index[:3], index[4]), coarse_shape)
        squares = np.bincount(coarse, weight**2, int(np.prod(coarse_shape))).reshape(coarse_shape)
        return cls(np.asarray(weights, dtype=np.float64), np.asarray(squares, dtype=np.float64))


class _ReconstructionFit:
    """Kernels and factors in turn, until both describe the simulated events."""

    def __init__(self, events: SimulatedNeutrinos, bins: ResponseBins) -> None:
        self.n_energies, self.n_bands, self.zone = bins.n_energies, bins.n_bands, bins.zone
        self.counts = _Counts.of(events, bins)
        centres = 0.5 * (FIT_COS_ZENITH_EDGES[1:] + FIT_COS_ZENITH_EDGES[:-1])
        self.probabilities = zenith_probabilities(KAPPA_GRID, centres, bins.reco_cos_zenith_edges)
        first = np.searchsorted(bins.true_energy_edges, bins.angular_energy_edges)
        self.energies = [slice(low, high) for low, high in pairwise(first)]
        shape = (N_FIT_SPECIES, len(EVENT_CLASSES), len(self.energies), self.n_energies)
        self.core, self.tail = np.ones(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
        self.fraction, self.kernel_errors = np.zeros(shape), np.full((3, *shape), np.inf)
        by_energy = self.counts.weights.sum(axis=(3, 5))
        self.migration = _shares(by_energy, self.energies)
        self.is_filled = by_energy.sum(axis=(0, 1, 2)) > 0.0
        self.factors = {
            (group, event_class, angular): PairwiseFactors.neutral(self.n_energies, self.n_bands)
            for group in range(len(FACTOR_GROUPS))
            for event_class in range(len(EVENT_CLASSES))
            for angular in range(len(self.energies))
        }

    def run(self) -> None:
        for cell in self.factors:
            for _ in range(N_PASSES):
                self._fit_kernels(*cell)
                self._rake(*cell, PAIRS_BESIDE_KERNELS)
            self._rake(*cell, ALL_PAIRS)

    def _fit_kernels(self, group: int, event_class: int, angular: int) -> None:
        selection = self.factors[group, event_class, angular].product(self.zone)
        cell = (FACTOR_GROUPS[group], event_class, self.energies[angular])
        counts, squares = self.counts.weights[cell].sum(axis=1), self.counts.squares[cell].sum(axis=1)
        if counts.sum() == 0.0:
            return
        prior = self._common_kernels(counts.sum(axis=0), float(squares.sum()), selection)
        for species, of_species, its_squares in zip(FACTOR_GROUPS[group], counts, squares, strict=True):
            for energy in np.flatnonzero(self.is_filled).tolist():
                chosen = _enough(of_species.sum(axis=(0, 2)), its_squares, energy)
                pooled = of_species[:, chosen].sum(axis=1)
                if pooled.sum() == 0.0:
                    continue
                kept = selection[:, energy]
                n_effective = float(pooled.sum() ** 2 / its_squares[chosen].sum())
                fit = fit_two_kernels(pooled, self.probabilities, kept, prior, n_effective)
                index = (species, event_class, angular, energy)
                self.core[index], self.tail[index], self.fraction[index] = fit.core, fit.tail, fit.tail_fraction
                self.kernel_errors[:, *index] = mixture_errors(pooled, self.probabilities, kept, fit, n_effective)

    def _common_kernels(self, counts: Reals, squares: float, selection: Reals) -> KernelPrior:
        """Return the kernels of all species and reconstructed energies, as what is expected of each."""
        n_effective = float(counts.sum() ** 2 / squares)
        flat = counts.reshape(-1, self.n_bands)
        probabilities = np.repeat(self.probabilities, self.n_energies, axis=1)
        fit = fit_two_kernels(flat, probabilities, selection.reshape(-1, self.n_bands), WIDEST_PRIOR, n_effective)
        return KernelPrior(fit.core, fit.tail, KERNEL_SPREAD)

    def _rake(self, group: int, event_class: int, angular: int, pairs: tuple[str, ...]) -> None:
        species = FACTOR_GROUPS[group]
        index = (species, event_class, angular)
        share = self.fraction[index][..., None, None]
        kernels = (1.0 - share) * self.probabilities[self.core[index]] + share * self.probabilities[self.tail[index]]
        weights = self.counts.weights[species, event_class, self.energies[angular]]
        total = weights.sum()
        if total == 0.0:
            return
        squares = self.counts.squares[species, event_class, self.energies[angular]].sum()
        events = RakedEvents(weights.sum(axis=1), weights.sum(axis=(3, 4)), weights.sum(axis=(2, 4)), squares / total)
        before = self.migration[species, event_class, self.energies[angular]]
        self.factors[group, event_class, angular], after = rake(
            events, np.swapaxes(kernels, 1, 2), before, self.factors[group, event_class, angular], self.zone, pairs
        )
        self.migration[species, event_class, self.energies[angular]] = after

    def response_fields(self) -> dict[str, Reals]:
        """Return the fields of Response that describe the reconstruction, by all species."""
        by_energy, squares = self.counts.weights.sum(axis=(3, 4, 5)), self.counts.squares.sum(axis=3)
        n_effective = np.divide(by_energy**2, squares, out=np.zeros_like(squares), where=squares > 0.0)[..., None]
        variance = self.migration * (1.0 - self.migration)
        with np.errstate(divide="ignore", invalid="ignore"):
            migration_error = np.where(n_effective > 0.0, np.sqrt(variance / n_effective), np.inf)
        fields = {
            "energy_migration": self.migration,
            "energy_migration_error": migration_error,
            "kappa_core": KAPPA_GRID[self.core],
            "kappa_core_error": self.kernel_errors[0],
            "kappa_tail": KAPPA_GRID[self.tail],
            "kappa_tail_error": self.kernel_errors[1],
            "tail_fraction": self.fraction,
            "tail_fraction_error": self.kernel_errors[2],
            "true_zenith_energy_factor": self._factor("true_zenith_energy"),
            "reco_zenith_energy_factor": self._factor("reco_zenith_energy"),
            "true_reco_zenith_factor": self._factor("true_reco_zenith"),
        }
        return {name: _by_species(values) for name, values in fields.items()}

    def _factor(self, name: str) -> Reals:
        first = getattr(self.factors[0, 0, 0], name)
        values = np.empty((N_FIT_SPECIES, len(EVENT_CLASSES), len(self.energies), *first.shape))
        for (group, event_class, angular), factors in self.factors.items():
            values[FACTOR_GROUPS[group], event_class, angular] = getattr(factors, name)
        return values


def _enough(by_energy: Reals, squares: Reals, energy: int) -> slice:
    """Return the reconstructed energies around one that hold enough events for a fit."""
    n_energies = len(by_energy)
    for reach in range(n_energies):
        chosen = slice(max(energy - reach, 0), energy + reach + 1)
        if by_energy[chosen].sum() ** 2 > MIN_EFFECTIVE_EVENTS * squares[chosen].sum():
            return chosen
    return slice(0, n_energies)


def _shares(by_energy: Reals, energies: list[slice]) -> Reals:
    """Return the share of each reconstructed energy; where a true energy holds no event, that of its angular bin."""
    filled = by_energy.copy()
    for chosen in energies:
        together = by_energy[:, :, chosen].sum(axis=2, keepdims=True) + 1e-300
        empty = filled[:, :, chosen].sum(axis=3, keepdims=True) == 0.0
        filled[:, :, chosen] = np.where(empty, together, filled[:, :, chosen])
    return np.asarray(filled / filled.sum(axis=3, keepdims=True))


def _by_species(values: Reals) -> Reals:
    """Return values of the fits' species (8, 2, ...) as (6, 2, 2, ...)."""
    return np.stack([values[: len(FLAVOURS)], values[NEUTRAL_CURRENT]], axis=1)
