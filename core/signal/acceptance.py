"""How many events a detector would see of annihilation or decay in each source, per strength.

Of annihilation n_s = <σv> Σ_k J_k A_k with A_k = T/(8π m²) Σ ∫ dE A_eff(E, δ_k) dN/dE, summed over neutrino species,
interactions and classes, for dark matter that is its own antiparticle; half of it for Dirac particles. Of decay 1/τ, D
and 4π m stand in the places of <σv>, J and 8π m².
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.dark_matter.channels import FLAVOURS, Channel, Flavour, listed
from core.dark_matter.processes import ANNIHILATION, Process, process_of, strength_column
from core.errors import InputError, PhysicsError
from core.response.model import Response
from core.signal.flux import flux_per_strength
from core.spectra.spectrum import Spectrum

Reals = NDArray[np.float64]

MAX_RELATIVE_ERROR = 0.03
# Of the highest neutrino energy, relative to the edges of the reconstructed ones: below the lower one all events are
# reconstructed above their true energy; above the higher one the upper edge takes the top of the spectrum.
MIGRATION_ONLY_BELOW = 1.4
LIMITED_ABOVE = 0.9
MIGRATION_ONLY = "migration only"
LIMITED_BY_CUT = "sensitivity limited by the {:.0f} GeV cut"

TABLE_PATTERNS = ("n_s_per_{}", "n_s_per_{}_total_error")


@dataclass(frozen=True)
class TotalAcceptance:
    """Expected events of all sources per strength of the process, and its error from the number of simulated events."""

    n_s_per_strength: float
    n_s_per_strength_error: float

    @property
    def relative_error(self) -> float:
        """Error over value; infinite where nothing is expected."""
        return self.n_s_per_strength_error / self.n_s_per_strength if self.n_s_per_strength > 0.0 else float("inf")


@dataclass(frozen=True)
class Acceptance:
    """Expected events per strength of each source: per cross section (cm⁻³ s), of decay per rate (s).

    `signal_counts`: (n_sources, 6, 2, 2, nE) by species, interaction, class and true energy bin, before migration.
    `n_s_per_strength`: (n_sources,), its sums. `n_s_per_strength_error`: (n_sources,), from the number of simulated
    events. `total`: of all sources; sources at one declination share their simulated events, and so their errors.
    """

    signal_counts: Reals
    n_s_per_strength: Reals
    n_s_per_strength_error: Reals
    total: TotalAcceptance
    process: Process = ANNIHILATION

    @property
    def source_weight(self) -> Reals:
        """The share of each source in all expected events, (n_sources,); 0 where none are expected."""
        total = self.total.n_s_per_strength
        return self.n_s_per_strength / total if total > 0.0 else np.zeros_like(self.n_s_per_strength)


def source_acceptance(
    response: Response, spectra: Mapping[Flavour, Spectrum], sources: pa.Table, mass: float
) -> Acceptance:
    """Return the expected events of each source per strength of the process that the sources name.

    `spectra` at Earth, of all six species. `sources`: the `sources` product. `mass` in GeV. Continua are integrated
    exactly over each bin of true energy; a line is the response at its energy. Raises PhysicsError for a mass that is
    not positive, a source without its factor, or a line outside the response.
    """
    if not 0.0 < mass < np.inf:
        raise PhysicsError(f"mass {mass} GeV: needed is a positive, finite mass")
    process, dec = process_of(sources), np.asarray(sources["dec"].to_numpy(), dtype=np.float64)
    neutrinos = neutrinos_in_bins(spectra, response.true_energy_edges)
    shares = response.zenith_shares(-np.sin(dec))
    scale = flux_per_strength(process, process.factors(sources), mass) * response.livetime
    seen = response.effective_area * neutrinos[:, None, None, :, None]
    signal_counts = scale[:, None, None, None, None] * np.moveaxis(seen @ shares.T, -1, 0)
    variance = ((response.effective_area_error * neutrinos[:, None, None, :, None]) ** 2).sum(axis=(0, 1, 2, 3))
    n_s = signal_counts.sum(axis=(1, 2, 3, 4))
    error = scale * np.sqrt(shares**2 @ variance)
    total_error = float(np.sqrt((scale @ shares) ** 2 @ variance))
    return Acceptance(signal_counts, n_s, error, TotalAcceptance(float(n_s.sum()), total_error), process)


def neutrinos_in_bins(spectra: Mapping[Flavour, Spectrum], energy_edges: Reals) -> Reals:
    """Return the neutrinos per annihilation of each species in bins of energy, (6, nE), lines included.

    A line stands for the response at its energy: it is split between the two bins whose centres (in ln E) enclose it,
    so that the effective area is interpolated between them, linear in ln E: over 40 bins a decade the same as log-log
    within 0.2 %, and not drawn down by bins of few simulated events. PhysicsError for a line outside the bins.
    """
    missing = [flavour for flavour in FLAVOURS if flavour not in spectra]
    if missing:
        raise PhysicsError(f"spectra lack the species {listed(missing)}; needed are {listed(FLAVOURS)}")
    centres = 0.5 * (np.log(energy_edges[1:]) + np.log(energy_edges[:-1]))
    neutrinos = np.stack([spectra[flavour].counts_in_bins(energy_edges) for flavour in FLAVOURS])
    for index, flavour in enumerate(FLAVOURS):
        for energy, weight in spectra[flavour].lines:
            if not energy_edges[0] <= energy <= energy_edges[-1]:
                raise PhysicsError(
                    f"line at {energy:g} GeV: the response spans {energy_edges[0]:g}-{energy_edges[-1]:g} GeV"
                )
            upper = int(np.clip(np.searchsorted(centres, np.log(energy)), 1, len(centres) - 1))
            part = (np.log(energy) - centres[upper - 1]) / (centres[upper] - centres[upper - 1])
            part = float(np.clip(part, 0.0, 1.0))
            neutrinos[index, upper - 1] += (1.0 - part) * weight
            neutrinos[index, upper] += part * weight
    return neutrinos


def acceptance_table(sources: pa.Table, acceptance: Acceptance) -> pa.Table:
    """Return the `acceptance` product: a row a source, the error of the sum of all in each."""
    n_sources, per_strength = len(acceptance.n_s_per_strength), f"n_s_per_{acceptance.process.strength}"
    return pa.table(
        {
            "source": sources["source"],
            per_strength: acceptance.n_s_per_strength,
            f"{per_strength}_error": acceptance.n_s_per_strength_error,
            "source_weight": acceptance.source_weight,
            f"{per_strength}_total_error": np.full(n_sources, acceptance.total.n_s_per_strength_error),
        }
    )


def acceptance_from_table(table: pa.Table) -> TotalAcceptance:
    """Return the sum of all sources from an `acceptance` product; InputError if it lacks a column or a row."""
    if table.num_rows == 0:
        raise InputError("the acceptance has no rows: one a source is needed")
    expected, error = (table[strength_column(table, pattern)].to_numpy() for pattern in TABLE_PATTERNS)
    return TotalAcceptance(float(expected.sum()), float(error[0]))


def pair_limitation(
    total: TotalAcceptance,
    channel: Channel,
    mass: float,
    reco_energy_range: tuple[float, float],
    process: Process = ANNIHILATION,
) -> str:
    """Return what limits a pair of channel and mass in a sample: "" for nothing.

    `mass` in GeV; `reco_energy_range`: the lowest and the highest reconstructed energy (GeV) of the sample.
    PhysicsError if the simulation has too few events to serve the pair: an error of n_s of 3 % or more.
    """
    if not total.n_s_per_strength > 0.0:
        raise PhysicsError(
            f"{channel} at {mass:g} GeV is not served: no simulated event stands for its neutrinos; take another mass, "
            "or a sample with more simulation"
        )
    if not total.relative_error < MAX_RELATIVE_ERROR:
        raise PhysicsError(
            f"{channel} at {mass:g} GeV is not served: its expected events are known to {total.relative_error:.1%} "
            f"from the simulation, allowed is {MAX_RELATIVE_ERROR:.0%}; take another mass, or a sample with more "
            "simulation"
        )
    lowest, highest = reco_energy_range
    highest_neutrino = process.spectrum_mass(mass)
    if highest_neutrino < MIGRATION_ONLY_BELOW * lowest:
        return MIGRATION_ONLY
    return LIMITED_BY_CUT.format(highest) if highest_neutrino > LIMITED_ABOVE * highest else ""
