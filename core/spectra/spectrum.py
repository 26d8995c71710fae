"""A neutrino spectrum of one species, and the spectra of all six that one annihilation makes."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.dark_matter.channels import FLAVOURS, Channel, Flavour
from core.spectra.grid import Array, trapezoid_widths

Line = tuple[float, float]


@dataclass(frozen=True)
class Spectrum:
    """Neutrinos of one species per annihilation: a continuum on nodes and lines beside it.

    `energy`: (n,) GeV, increasing, its last node is the mass of the annihilating particle (x = 1). `dn_de`: (n,) per
    GeV and annihilation. `lines`: (energy in GeV, neutrinos per annihilation) of each. Between the nodes E dN/dE is
    linear in ln E, below the first node the spectrum is taken to be zero; so every integral here is exact, and equal
    to the trapezoid rule over ln E on the nodes.
    """

    energy: Array
    dn_de: Array
    lines: tuple[Line, ...] = ()

    @property
    def mass(self) -> float:
        """The mass of the annihilating particle, GeV."""
        return float(self.energy[-1])

    def multiplicity(self) -> float:
        """Return the neutrinos per annihilation, lines included."""
        return float(self._node_counts().sum() + sum(weight for _, weight in self.lines))

    def energy_fraction(self) -> float:
        """Return the share of the annihilation's energy 2 m that the species carries, lines included."""
        carried = (self._node_counts() * self.energy).sum() + sum(energy * weight for energy, weight in self.lines)
        return float(carried / (2.0 * self.mass))

    def counts_in_bins(self, energy_edges: Array) -> Array:
        """Return the neutrinos of the continuum, without lines, in each bin of energy: edges (n + 1,) → (n,)."""
        with np.errstate(divide="ignore"):
            log_edges = np.log(np.asarray(energy_edges, dtype=np.float64))
        return np.asarray(np.diff(self._counts_below(log_edges)))

    def _node_counts(self) -> Array:
        return self.dn_de * self.energy * trapezoid_widths(np.log(self.energy))

    def _counts_below(self, log_energy: Array) -> Array:
        """Return ∫ E dN/dE d(ln E) up to each point, (n,): a quadratic between two nodes."""
        nodes, density = np.log(self.energy), self.dn_de * self.energy
        steps = np.diff(nodes)
        below = np.concatenate([[0.0], np.cumsum(steps * (density[1:] + density[:-1]) / 2.0)])
        point = np.clip(log_energy, nodes[0], nodes[-1])
        index = np.clip(np.searchsorted(nodes, point, side="right") - 1, 0, len(steps) - 1)
        part = point - nodes[index]
        slope = (density[index + 1] - density[index]) / steps[index]
        return np.asarray(below[index] + part * (density[index] + slope * part / 2.0))


@dataclass(frozen=True)
class ProducedSpectra:
    """What one annihilation makes where it happens, all six species on common nodes of x = E/m.

    `log10_x`: (n,), ending at 0. `counts`: (6, n), neutrinos per annihilation on each node, whose sum is the
    continuum's multiplicity. `line`: (6,), neutrinos per annihilation with x = 1. The statistical errors of
    multiplicity and energy fraction, each (6,), are None where the source does not state them.
    """

    channel: Channel
    mass: float
    log10_x: Array
    counts: Array
    line: Array
    multiplicity_error: Array | None = None
    energy_fraction_error: Array | None = None
    n_events: int = 0

    def multiplicity(self) -> Array:
        """Return the neutrinos per annihilation of each species, (6,)."""
        return np.asarray(self.counts.sum(axis=1) + self.line)

    def energy_fraction(self) -> Array:
        """Return each species' share of the annihilation's energy 2 m, (6,)."""
        return np.asarray((self.counts @ 10.0**self.log10_x + self.line) / 2.0)

    def spectrum(self, flavour: Flavour) -> Spectrum:
        """Return the spectrum of one species where it is made."""
        index = FLAVOURS.index(flavour)
        return self._spectrum(self.counts[index], float(self.line[index]))

    def spectra(self) -> Mapping[Flavour, Spectrum]:
        """Return the spectra of all species where they are made."""
        return {flavour: self.spectrum(flavour) for flavour in FLAVOURS}

    def mixed(self, probabilities: NDArray[np.float64]) -> "ProducedSpectra":
        """Return the spectra after neutrinos and antineutrinos have changed flavour with P, (3, 3): P_ab of a → b.

        The errors stay behind: those of the flavours are not independent.
        """
        counts = np.concatenate([probabilities.T @ half for half in (self.counts[:3], self.counts[3:])])
        line = np.concatenate([probabilities.T @ half for half in (self.line[:3], self.line[3:])])
        return ProducedSpectra(self.channel, self.mass, self.log10_x, counts, line, n_events=self.n_events)

    def _spectrum(self, counts: Array, line: float) -> Spectrum:
        energy = self.mass * 10.0**self.log10_x
        dn_de = counts / (energy * np.log(10.0) * trapezoid_widths(self.log10_x))
        return Spectrum(energy, dn_de, ((self.mass, line),) if line > 0.0 else ())
