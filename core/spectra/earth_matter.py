"""Flavours behind the Earth: what its matter does to neutrinos that reach the South Pole through it.

Over astronomical distances the mass states have lost their phases. They reach the Earth as a mixture, and
P_ab(E, ϑ) = Σ_i |U_ai|² P_ib(E, ϑ) with P_ib = |⟨ν_b| S |ν_i⟩|². S is the product of exp(-i H L) over the shells that
the neutrino crosses, H = U diag(0, Δm²₂₁, Δm²₃₁) U†/(2E) + diag(V, 0, 0), V = √2 G_F N_e; for antineutrinos U* and -V
(Blennow & Smirnov, arXiv:1306.2903). Density: PREM (Dziewonski & Anderson, Phys. Earth Planet. Inter. 25 (1981) 297) in
shells of constant density. Absorption, below 1 % up to 1 TeV, is left out.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.dark_matter.processes import process_of
from core.errors import PhysicsError
from core.spectra.grid import Array
from core.spectra.oscillation import NUFIT_60, MixingAngles, mixing_matrix
from core.spectra.spectrum import ProducedSpectra

EARTH_RADIUS = 6371.0
DETECTOR_RADIUS = EARTH_RADIUS - 2.0
# Δm²₂₁ and Δm²₃₁ in eV²: NuFIT 6.0, normal ordering.
SPLITTINGS = np.array([0.0, 7.49e-5, 2.513e-3])
# √2 G_F N_e in eV per g/cm³ of electrons; eV km in units of ħc.
POTENTIAL = 7.6324e-14
PHASE_PER_KM = 5.06773e9
GIGAELECTRONVOLT = 1e9

# Outer radius (km) of each region and its density in g/cm³, a polynomial in r/R with the lowest power first.
PREM: tuple[tuple[float, tuple[float, ...]], ...] = (
    (1221.5, (13.0885, 0.0, -8.8381)),
    (3480.0, (12.5815, -1.2638, -3.6426, -5.5281)),
    (5701.0, (7.9565, -6.4761, 5.5283, -3.0807)),
    (5771.0, (5.3197, -1.4836)),
    (5971.0, (11.2494, -8.0298)),
    (6151.0, (7.1089, -3.8045)),
    (6346.6, (2.6910, 0.6924)),
    (6368.0, (2.73,)),
    (EARTH_RADIUS, (0.92,)),
)
CORE_RADIUS = 3480.0
ELECTRONS_PER_NUCLEON_IN_CORE, ELECTRONS_PER_NUCLEON_ABOVE = 0.4656, 0.4957
SHELL_THICKNESS = 300.0

# Energies (GeV) at which P is computed: 50 a decade, each the mean of four within its step. Below, where no event is
# counted, it is that of vacuum.
ENERGY_RANGE = (0.5, 1000.0)
ENERGIES_PER_DECADE = 50
ENERGIES_PER_STEP = 4


@dataclass(frozen=True)
class Directions:
    """Where neutrinos come from: cosines of the zenith angle at the South Pole, and positive weights, (n,) each.

    Raises PhysicsError if there are none, or what is no cosine or no weight among them.
    """

    cos_zenith: tuple[float, ...]
    weight: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.cos_zenith or len(self.cos_zenith) != len(self.weight):
            raise PhysicsError(
                f"{len(self.cos_zenith)} directions with {len(self.weight)} weights: needed are as many of both, from 1"
            )
        if not all(abs(cosine) <= 1.0 for cosine in self.cos_zenith):
            raise PhysicsError(f"directions {self.cos_zenith} are no cosines of zenith angles, -1 to 1")
        if not all(0.0 < weight < float("inf") for weight in self.weight):
            raise PhysicsError(f"weights {self.weight} of directions are not all positive numbers")


def source_directions(sources: pa.Table) -> Directions:
    """Return the directions of the `sources` product, weighted with J or D factors: at the Pole cos ϑ = -sin dec."""
    factors = process_of(sources).factors(sources)
    return Directions(tuple((-np.sin(sources["dec"].to_numpy())).tolist()), tuple(factors.tolist()))


@dataclass(frozen=True)
class ArrivalProbabilities:
    """P_ab at some energies: `energy` (n,) GeV; `neutrinos` and `antineutrinos` (n, 3, 3), rows a, columns b."""

    energy: Array
    neutrinos: Array
    antineutrinos: Array

    def mixed(self, produced: ProducedSpectra, below: Array) -> ProducedSpectra:
        """Return spectra at production as they arrive, P linear in ln E; `below` is P under the lowest energy, (3, 3).

        The errors stay behind, as those of `ProducedSpectra.mixed`.
        """
        energy = np.append(produced.mass * 10.0**produced.log10_x, produced.mass)
        made = np.hstack([produced.counts, produced.line[:, None]])
        arriving = np.concatenate(
            [
                np.einsum("an,nab->bn", half, self._at(energy, probabilities, below))
                for half, probabilities in zip(np.split(made, 2), (self.neutrinos, self.antineutrinos), strict=True)
            ]
        )
        counts, line = arriving[:, :-1], arriving[:, -1]
        return ProducedSpectra(
            produced.channel, produced.mass, produced.log10_x, counts, line, n_events=produced.n_events
        )

    def _at(self, energy: Array, probabilities: Array, below: Array) -> Array:
        place = np.interp(np.log(energy), np.log(self.energy), np.arange(len(self.energy)))
        index = np.minimum(place.astype(int), len(self.energy) - 2)
        part = (place - index)[:, None, None]
        between = (1.0 - part) * probabilities[index] + part * probabilities[index + 1]
        return np.where((energy < self.energy[0])[:, None, None], below, between)


@lru_cache(maxsize=8)
def mean_arrival_probabilities(directions: Directions, angles: MixingAngles = NUFIT_60) -> ArrivalProbabilities:
    """Return P_ab behind the Earth, the weighted mean of directions, from 0.5 GeV to 1 TeV."""
    weights = np.array(directions.weight)
    low, high = np.log10(ENERGY_RANGE)
    n_steps = round((high - low) * ENERGIES_PER_DECADE)
    step = (high - low) / n_steps
    within = (np.arange(ENERGIES_PER_STEP) + 0.5) / ENERGIES_PER_STEP - 0.5
    centres = low + step * np.arange(n_steps + 1)
    fine = 10.0 ** (centres[:, None] + step * within).ravel()
    means = []
    for antineutrino in (False, True):
        of_directions = [arrival_probabilities(fine, cosine, antineutrino, angles) for cosine in directions.cos_zenith]
        mean = np.tensordot(weights / weights.sum(), np.array(of_directions), axes=1)
        means.append(mean.reshape(-1, ENERGIES_PER_STEP, 3, 3).mean(axis=1))
    return ArrivalProbabilities(10.0**centres, *means)


def arrival_probabilities(
    energy: Array, cos_zenith: float, antineutrino: bool = False, angles: MixingAngles = NUFIT_60
) -> Array:
    """Return P_ab (n, 3, 3) of neutrinos from far away that arrive from one direction; energy (n,) in GeV."""
    lengths, densities = crossed_shells(cos_zenith)
    mixing = mixing_matrix(angles)
    sign = -1.0 if antineutrino else 1.0
    if antineutrino:
        mixing = mixing.conj()
    evolution = np.broadcast_to(np.eye(3, dtype=np.complex128), (len(energy), 3, 3))
    per_density = {density: _eigenstates(energy, sign * density, mixing) for density in np.unique(densities)}
    for length, density in zip(lengths, densities, strict=True):
        values, states = per_density[density]
        phases = np.exp(-1j * values * length * PHASE_PER_KM)
        evolution = (states * phases[:, None, :]) @ states.conj().swapaxes(1, 2) @ evolution
    of_mass_states = np.abs(evolution @ mixing) ** 2
    return np.asarray(np.einsum("ai,nbi->nab", np.abs(mixing) ** 2, of_mass_states))


def crossed_shells(cos_zenith: float) -> tuple[Array, Array]:
    """Return length (km) and electron density (g/cm³ times electrons per nucleon) of what is crossed, in order."""
    radii, densities = _shells()
    impact = DETECTOR_RADIUS * np.sqrt(1.0 - cos_zenith**2)
    start, end = -np.sqrt(EARTH_RADIUS**2 - impact**2), -DETECTOR_RADIUS * cos_zenith
    half_chords = np.sqrt(radii[radii > impact] ** 2 - impact**2)
    places = np.unique(np.concatenate([[start, end], half_chords, -half_chords]))
    places = places[(places >= start) & (places <= end)]
    middle = np.hypot((places[1:] + places[:-1]) / 2.0, impact)
    return np.diff(places), densities[np.searchsorted(radii, middle)]


@lru_cache(maxsize=1)
def _shells() -> tuple[Array, Array]:
    """Return outer radius and mean electron density of the shells, from the centre outwards."""
    radii: list[float] = []
    densities: list[float] = []
    inner = 0.0
    for outer, coefficients in PREM:
        electrons = ELECTRONS_PER_NUCLEON_IN_CORE if outer <= CORE_RADIUS else ELECTRONS_PER_NUCLEON_ABOVE
        edges = np.linspace(inner, outer, int(np.ceil((outer - inner) / SHELL_THICKNESS)) + 1)
        middle = (edges[1:] + edges[:-1]) / 2.0 / EARTH_RADIUS
        radii += edges[1:].tolist()
        densities += (electrons * np.polynomial.polynomial.polyval(middle, coefficients)).tolist()
        inner = outer
    return np.array(radii), np.array(densities)


def _eigenstates(energy: Array, density: float, mixing: NDArray[np.complex128]) -> tuple[Array, NDArray[np.complex128]]:
    """Return eigenvalues (n, 3) in eV and eigenvectors (n, 3, 3) of H at an electron density, negative for ν̄."""
    in_vacuum = (mixing * SPLITTINGS) @ mixing.conj().T
    hamiltonian = in_vacuum / (2.0 * GIGAELECTRONVOLT * energy[:, None, None])
    hamiltonian[:, 0, 0] += POTENTIAL * density
    values, states = np.linalg.eigh(hamiltonian)
    return values, states
