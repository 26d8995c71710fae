"""Atmospheric neutrinos: the flux at the South Pole, and how many events a simulation expects of it.

The flux is that of Honda et al. 2015 (arXiv:1502.03916), South Pole, solar minimum, averaged over azimuth. On the way
to the detector muon neutrinos oscillate to tau neutrinos (two flavours). This serves one end: to see whether weights
and data belong together before anything is built on them.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import ArrayLike, NDArray

from core.dark_matter.channels import FLAVOURS, Flavour, listed
from core.errors import InputError
from core.files import read_text
from core.products.digests import digest_of_file
from core.units import METRE

Floats = NDArray[np.float64]

SHIPPED_FLUX = Path(__file__).parent / "atmospheric_flux.parquet"
SOURCE = "Honda et al. 2015, arXiv:1502.03916: South Pole, solar minimum, all azimuths"

# Species in the order of the published table; tau neutrinos come only by oscillation.
PRODUCED: tuple[Flavour, ...] = ("numu", "numubar", "nue", "nuebar")
ENERGY_RANGE = (1.0, 1000.0)

MASS_SPLITTING = 2.5e-3  # eV²
SINE_SQUARED_TWO_THETA = 0.98
PHASE = 1.267  # of Δm² L / E with eV², km, GeV
EARTH_RADIUS_KM = 6371.0
PRODUCTION_HEIGHT_KM = 15.0

# A sample whose expectation differs more from its data than this share is worth a question.
MOST_DIFFERENCE = 0.3


@dataclass(frozen=True)
class AtmosphericFlux:
    """Flux at production of the four PRODUCED species: `flux` (4, n_cos_zenith, n_energy) in GeV⁻¹ cm⁻² s⁻¹ sr⁻¹.

    `cos_zenith` (n_cos_zenith,) bin centres, ascending, 1 is straight above; `energy` (n_energy,) GeV, log spaced.
    """

    cos_zenith: Floats
    energy: Floats
    flux: Floats

    def produced(self, flavour: Flavour, energy: ArrayLike, cos_zenith: ArrayLike) -> Floats:
        """Return the flux before oscillation, (n,), log-log in energy and linear in cos zenith; 0 for tau neutrinos."""
        energy, cos_zenith = np.broadcast_arrays(np.asarray(energy, np.float64), np.asarray(cos_zenith, np.float64))
        if flavour not in PRODUCED:
            return np.zeros(energy.shape)
        log_flux = np.log(self.flux[PRODUCED.index(flavour)])
        row, row_share = _between(self.cos_zenith, np.clip(cos_zenith, self.cos_zenith[0], self.cos_zenith[-1]))
        column, column_share = _between(np.log(self.energy), np.log(energy))
        at_low = log_flux[row, column] * (1 - column_share) + log_flux[row, column + 1] * column_share
        at_high = log_flux[row + 1, column] * (1 - column_share) + log_flux[row + 1, column + 1] * column_share
        flux: Floats = np.exp(at_low * (1 - row_share) + at_high * row_share)
        return flux

    def at_detector(self, flavour: Flavour, energy: ArrayLike, cos_zenith: ArrayLike) -> Floats:
        """Return the flux of a species after oscillation, (n,): energies in GeV, cosines of the zenith angle."""
        if flavour in ("nue", "nuebar"):
            return self.produced(flavour, energy, cos_zenith)
        muon: Flavour = "numubar" if flavour.endswith("bar") else "numu"
        disappeared = disappearance(energy, cos_zenith)
        share = 1.0 - disappeared if flavour == muon else disappeared
        return self.produced(muon, energy, cos_zenith) * share


@dataclass(frozen=True)
class ExpectationCheck:
    """Events that a simulation expects of the atmosphere, beside those measured in the same livetime."""

    n_expected: float
    n_measured: int

    @property
    def ratio(self) -> float:
        """Expected over measured events."""
        return self.n_expected / self.n_measured if self.n_measured else float("inf")

    @property
    def is_consistent(self) -> bool:
        """Tell whether the two agree to 30 %."""
        return abs(self.ratio - 1.0) <= MOST_DIFFERENCE

    @property
    def message(self) -> str:
        """What a person should know."""
        text = f"{self.n_expected:.0f} atmospheric neutrinos are expected, {self.n_measured} events were measured"
        if self.is_consistent:
            return text
        return f"{text}: a factor {self.ratio:.2f}; look at the weights' scale, the number of files and the livetime"


def atmospheric_rate(simulation: pa.Table, flux: AtmosphericFlux | None = None) -> float:
    """Return Σ weight · flux in s⁻¹ over simulated events in the canonical schema, each with its own species' flux."""
    return float(atmospheric_rates(simulation, flux).sum())


def atmospheric_rates(simulation: pa.Table, flux: AtmosphericFlux | None = None) -> Floats:
    """Return weight · flux in s⁻¹ of each simulated event in the canonical schema, (n_events,), its own species' flux.

    Events of unknown species are given the mean flux of all six, which is good to some ten per cent at best. The
    zenith angle is that of the declination at the Pole, cos zenith = -sin δ.
    """
    flux = shipped_atmospheric_flux() if flux is None else flux
    energy = simulation["true_energy"].to_numpy()
    cos_zenith = -np.sin(simulation["true_dec"].to_numpy())
    flavour = simulation["flavour"].to_numpy()
    arriving = np.zeros(simulation.num_rows)
    for species in FLAVOURS:
        own = flavour == species
        arriving[own] = flux.at_detector(species, energy[own], cos_zenith[own])
    is_unknown = pc.is_null(simulation["flavour"]).to_numpy()
    if is_unknown.any():
        fluxes = [flux.at_detector(species, energy[is_unknown], cos_zenith[is_unknown]) for species in FLAVOURS]
        arriving[is_unknown] = np.mean(fluxes, axis=0)
    rates: Floats = simulation["weight"].to_numpy() * arriving
    return rates


def expected_rates(simulation: pa.Table) -> Floats:
    """Return the atmospheric rate in s⁻¹ of each simulated event, (n_events,).

    The sample's own `atmospheric_rate` where it has one, else weight · flux as `atmospheric_rates` has it.
    """
    own = simulation["atmospheric_rate"]
    if own.null_count == 0:
        return np.asarray(own.to_numpy(), dtype=np.float64)
    has_own = pc.is_valid(own).to_numpy()
    rates = atmospheric_rates(simulation)
    rates[has_own] = own.drop_null().to_numpy()
    return rates


def disappearance(energy: ArrayLike, cos_zenith: ArrayLike) -> Floats:
    """Return the probability that a muon neutrino arrives as tau neutrino: sin²2θ sin²(1.267 Δm² L / E), (n,)."""
    cosine = np.asarray(cos_zenith, dtype=np.float64)
    top = EARTH_RADIUS_KM + PRODUCTION_HEIGHT_KM
    length = np.sqrt(top**2 - EARTH_RADIUS_KM**2 * (1.0 - cosine**2)) - EARTH_RADIUS_KM * cosine
    phase = PHASE * MASS_SPLITTING * length / np.asarray(energy, dtype=np.float64)
    probability: Floats = SINE_SQUARED_TWO_THETA * np.sin(phase) ** 2
    return probability


@cache
def shipped_atmospheric_flux() -> AtmosphericFlux:
    """Return the flux that comes with this package, 1 to 1000 GeV."""
    table = pq.read_table(SHIPPED_FLUX, partitioning=None)
    cos_zenith = np.unique(table["cos_zenith"].to_numpy())
    energy = np.unique(table["energy"].to_numpy())
    values = [table[species].to_numpy().reshape(cos_zenith.size, energy.size) for species in PRODUCED]
    return AtmosphericFlux(cos_zenith, energy, np.array(values, dtype=np.float64))


def read_honda_table(path: Path) -> AtmosphericFlux:
    """Return the flux of a published table (`…-aa.d`): blocks of cos zenith, in m⁻² s⁻¹ sr⁻¹ GeV⁻¹.

    Raises InputError where the text is not such a table.
    """
    text = read_text(path)
    heads = re.findall(r"cosZ = *(-?[\d.]+) *-- *(-?[\d.]+)", text)
    bodies = re.split(r"average flux[^\n]*\n[^\n]*\n", text)[1:]
    try:
        blocks = np.array([[line.split() for line in body.strip().splitlines()] for body in bodies], dtype=np.float64)
    except ValueError as error:
        raise InputError(f"{path} is no table of the atmospheric flux: {error}") from error
    if blocks.ndim != 3 or blocks.shape[2] != 1 + len(PRODUCED) or len(heads) != len(blocks):
        raise InputError(f"{path} is no table of the atmospheric flux: blocks of {listed(PRODUCED)} by energy are due")
    centres = np.array(heads, dtype=np.float64).mean(axis=1)
    order = np.argsort(centres)
    flux = blocks[order, :, 1:].transpose(2, 0, 1) / METRE**2
    return AtmosphericFlux(centres[order], blocks[0, :, 0], flux)


def write_shipped_flux(honda_table: Path, path: Path = SHIPPED_FLUX) -> None:
    """Write the part of the published table that this package ships, with its provenance in the file."""
    full = read_honda_table(honda_table)
    inside = (full.energy >= ENERGY_RANGE[0] * 0.999) & (full.energy <= ENERGY_RANGE[1] * 1.001)
    n_energies = int(np.count_nonzero(inside))
    columns: dict[str, Floats] = {
        "cos_zenith": np.repeat(full.cos_zenith, n_energies),
        "energy": np.tile(full.energy[inside], full.cos_zenith.size),
    }
    columns |= {species: full.flux[index][:, inside].ravel() for index, species in enumerate(PRODUCED)}
    provenance = {
        "source": SOURCE,
        "table": honda_table.name,
        "digest_of_table": digest_of_file(honda_table),
        "unit": "GeV-1 cm-2 s-1 sr-1, energy in GeV",
    }
    pq.write_table(pa.table(columns).replace_schema_metadata(provenance), path, compression="zstd")


def _between(grid: Floats, values: Floats) -> tuple[NDArray[np.int64], Floats]:
    """Return for each value the index of the grid point below and the share of the one above; ends extrapolate."""
    index = np.clip(np.searchsorted(grid, values, side="right") - 1, 0, grid.size - 2)
    return index, (values - grid[index]) / (grid[index + 1] - grid[index])
