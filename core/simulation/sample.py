"""The sample `simulated-7y`: seven seasons of events drawn from a response, not measured by any detector.

Seven seasons IC86_2011 ... IC86_2017 of a detector that does not change. Its response is the public one, continued to
reconstructed energies of 1000 GeV by the model of core.response.continued; a neutrino of true energy 1-1000 GeV is

1. seen with the effective area, constant in each of the 40 bins a decade of true energy and 16 bins of cos zenith;
2. reconstructed with an energy and a direction by core.simulation.reconstruction; its `angular_error` is the published
   analysis' width at that energy, whatever its true error;
3. placed at any azimuth and at any time of the season's good runs alike, from which its right ascension follows.

Data are atmospheric neutrinos alone, without muons: the flux of core.events.atmosphere, oscillated, in the livetime of
the good runs. Simulated events are thrown over bins of energy E_b (centre), cos zenith, species, interaction and class
with the density A ΔE ΔΩ E_b^-2.5 over its sum S, so that

    weight = S E_b^2.5 / N,   Σ weight over a bin = A_eff ΔE ΔΩ,

for N, the simulated events of a season: each season is a simulation of the detector by itself.

Random numbers belong to blocks of events: Philox (Salmon et al., SC11, doi:10.1145/2063384.2063405) with a key from
run seed, kind and season, and the block as its counter. Any split of a season into parts gives the same events.
"""

import hashlib
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.coordinates import local_to_equatorial
from core.dark_matter.channels import FLAVOURS, Flavour
from core.errors import InputError
from core.events.angular_error import published_angular_error
from core.events.atmosphere import AtmosphericFlux, shipped_atmospheric_flux
from core.events.classes import EVENT_CLASSES, INTERACTIONS
from core.events.columns import Kind, empty_event_table, event_schema, event_table
from core.response.continued import continued_response
from core.response.from_events import EVENT_BINS
from core.simulation.reconstruction import TrueEvents, reconstructed
from core.simulation.seasons import SAMPLE, SEASONS, known_season, simulated_livetime, times_in_good_runs

__all__ = [
    "N_SIMULATED",
    "RECO_ENERGY_EDGES",
    "SAMPLE",
    "SEASONS",
    "SIMULATED_BINS",
    "Cells",
    "finished_table",
    "random_generator",
    "random_key",
    "reconstructed_columns",
    "simulated_events",
]

Reals = NDArray[np.float64]
Integers = NDArray[np.int64]
Columns = dict[str, NDArray[Any]]

# Reconstructed energies of the sample in bins: the public ones, continued, 8 a decade.
RECO_ENERGY_EDGES: Reals = 10.0 ** (np.arange(6, 25) / 8.0)
SIMULATED_BINS = replace(EVENT_BINS, reco_energy_edges=RECO_ENERGY_EDGES)

N_SIMULATED = 2_100_000
BLOCK = 10_000

GENERATION_INDEX = 2.5


@dataclass(frozen=True)
class Cells:
    """Bins from which neutrinos are drawn: (above the public range?, flavour, interaction, class, nE, nz), flat.

    `cumulative` ends at 1; `total` is what the bins hold together.
    """

    shape: tuple[int, ...]
    cumulative: Reals
    total: float

    @classmethod
    def of(cls, content: Reals) -> "Cells":
        """Return bins of given content, of any shape."""
        cumulative = np.cumsum(content.ravel())
        return cls(content.shape, cumulative / cumulative[-1], float(cumulative[-1]))

    def drawn(self, uniform: Reals) -> tuple[Integers, ...]:
        """Return the indices of cells (n,), one array an axis, at given uniform numbers."""
        return tuple(np.unravel_index(np.searchsorted(self.cumulative, uniform, side="right"), self.shape))


def simulated_events(
    kind: Kind, season: str, part: int = 0, n_parts: int = 1, seed: int = 0, n_simulated: int = N_SIMULATED
) -> pa.Table:
    """Return a part of a season's events in the canonical schema.

    The parts 0 ... n_parts - 1 together are the season, whatever their number. `n_simulated`: events of simulation in
    all seasons together, a seventh of it in each. Raises InputError for an unknown kind, season or part.
    """
    event_schema(kind)
    if not 0 <= part < n_parts:
        raise InputError(f"part {part} of {n_parts} parts: parts are numbered from 0")
    if n_simulated < len(SEASONS):
        raise InputError(f"{n_simulated} simulated events: needed is one in each of {len(SEASONS)} seasons")
    key = random_key(seed, kind, known_season(season))
    n_events = n_simulated // len(SEASONS) if kind == "mc" else _n_proposals(season, key)
    draw = _simulated_block if kind == "mc" else _measured_block
    blocks = np.array_split(np.arange(-(-n_events // BLOCK)), n_parts)[part]
    columns = [
        draw(season, int(block), min(BLOCK, n_events - int(block) * BLOCK), random_generator(key, int(block)))
        for block in blocks
    ]
    if not columns:
        return empty_event_table(kind)
    together = {name: np.concatenate([block[name] for block in columns]) for name in columns[0]}
    if kind == "mc":
        together["weight"] *= 1.0 / n_events
    return finished_table(kind, season, together)


def _simulated_block(season: str, block: int, n_events: int, generator: np.random.Generator) -> Columns:
    """Return the columns of simulated events, weights still to be divided by the number of events."""
    cells = _generation_cells()
    events = _thrown(cells, n_events, generator)
    columns = reconstructed_columns(events, generator) | _timed(season, block, n_events, generator)
    edges = continued_response().inside.true_energy_edges
    weight = cells.total * (edges[1:] * edges[:-1])[events.energy_bin] ** (0.5 * GENERATION_INDEX)
    return columns | {
        "true_zenith": events.zenith,
        "true_azimuth": events.azimuth,
        "true_energy": events.energy,
        "flavour": np.array(FLAVOURS)[events.flavour],
        "interaction": np.array(INTERACTIONS)[events.interaction],
        "weight": weight,
    }


def _measured_block(season: str, block: int, n_proposals: int, generator: np.random.Generator) -> Columns:
    """Return the columns of atmospheric neutrinos: proposals at each bin's highest flux, thinned to the flux.

    Thinning a Poisson process leaves a Poisson process (Lewis & Shedler 1979, doi:10.1002/nav.3800260304).
    """
    proposed = _thrown(_atmospheric_cells(), n_proposals, generator)
    highest = _highest_flux()[proposed.flavour, proposed.energy_bin]
    flux = _flux_at_detector(proposed.flavour, proposed.energy, np.cos(proposed.zenith))
    events = proposed[generator.random(n_proposals) * highest < flux]
    n_events = len(events.energy)
    return reconstructed_columns(events, generator) | _timed(season, block, n_events, generator)


def _thrown(cells: Cells, n_events: int, generator: np.random.Generator) -> TrueEvents:
    """Return events spread evenly over energy, cos zenith and azimuth in bins that are drawn."""
    inside = continued_response().inside
    uniform = generator.random((4, n_events))
    is_above, flavour, interaction, event_class, energy_bin, zenith_bin = cells.drawn(uniform[0])
    energy_edges, zenith_edges = inside.true_energy_edges, inside.true_cos_zenith_edges
    energy = energy_edges[energy_bin] + uniform[1] * np.diff(energy_edges)[energy_bin]
    cos_zenith = zenith_edges[zenith_bin] + uniform[2] * np.diff(zenith_edges)[zenith_bin]
    direction = np.arccos(cos_zenith), 2.0 * np.pi * uniform[3]
    return TrueEvents(flavour, interaction, event_class, energy_bin, is_above == 1, energy, *direction)


def reconstructed_columns(events: TrueEvents, generator: np.random.Generator) -> Columns:
    """Return the columns that reconstruction fills, in the detector's own directions."""
    energy, zenith, azimuth = reconstructed(events, generator)
    return {
        "reco_energy": energy,
        "reco_zenith": zenith,
        "reco_azimuth": azimuth,
        "angular_error": published_angular_error(energy),
        "event_class": np.array(EVENT_CLASSES)[events.event_class],
    }


def _timed(season: str, block: int, n_events: int, generator: np.random.Generator) -> Columns:
    runs, mjd = times_in_good_runs(season, generator.random(n_events))
    return {"run": runs, "mjd": mjd, "event": block * BLOCK + np.arange(n_events)}


def finished_table(kind: Kind, season: str, columns: Columns) -> pa.Table:
    """Return events in the canonical schema: their columns with right ascensions and expected rates."""
    ra, dec = local_to_equatorial(columns["reco_zenith"], columns["reco_azimuth"], columns["mjd"])
    n_events = len(ra)
    columns = columns | {"reco_ra": ra, "reco_dec": dec, "sub_event": np.zeros(n_events, np.int64)}
    if kind == "mc":
        true_ra, true_dec = local_to_equatorial(columns["true_zenith"], columns["true_azimuth"], columns["mjd"])
        rate = np.empty(n_events)
        for index, flavour in enumerate(FLAVOURS):
            own = columns["flavour"] == flavour
            energy = columns["true_energy"][own].astype(np.float64)
            which = np.full(len(energy), index)
            rate[own] = columns["weight"][own] * _flux_at_detector(which, energy, -np.sin(true_dec[own]))
        columns |= {"true_ra": true_ra, "true_dec": true_dec, "atmospheric_rate": rate}
    kept = {name: columns[name] for name in event_schema(kind).names if name != "season"}
    return event_table(kind, {"season": np.full(n_events, season), **kept})


@cache
def _phase_space() -> Reals:
    """Return ΔE ΔΩ of the bins of true energy and cos zenith, (nE, nz) GeV sr."""
    inside = continued_response().inside
    solid_angle = 2.0 * np.pi * np.diff(inside.true_cos_zenith_edges)
    return np.asarray(np.diff(inside.true_energy_edges)[:, None] * solid_angle)


def _areas() -> Reals:
    """Return the effective area inside and above the public range, (2, 6, 2, 2, nE, nz) cm²."""
    continued = continued_response()
    return np.stack([continued.inside.effective_area, continued.area_above])


@cache
def _generation_cells() -> Cells:
    edges = continued_response().inside.true_energy_edges
    spectrum = (edges[1:] * edges[:-1]) ** (-0.5 * GENERATION_INDEX)
    return Cells.of(_areas() * _phase_space() * spectrum[:, None])


@cache
def _atmospheric_cells() -> Cells:
    return Cells.of(_areas() * _phase_space() * _highest_flux()[:, None, None, :, None])


@cache
def _atmospheric_flux() -> AtmosphericFlux:
    return shipped_atmospheric_flux()


@cache
def _highest_flux() -> Reals:
    """Return the highest flux of each species in each bin of true energy at any zenith, (6, nE).

    Fluxes before oscillation fall with energy, and between their tabulated zeniths they are monotonic.
    """
    low = continued_response().inside.true_energy_edges[:-1]
    flux = _atmospheric_flux()
    highest = []
    for flavour in FLAVOURS:
        made: Flavour = ("numubar" if flavour.endswith("bar") else "numu") if "tau" in flavour else flavour
        highest.append(flux.produced(made, low[:, None], np.array([-1.0, *flux.cos_zenith, 1.0])).max(axis=1))
    return np.stack(highest)


def _flux_at_detector(flavour: Integers, energy: Reals, cos_zenith: Reals) -> Reals:
    flux = np.empty(len(energy))
    for index, name in enumerate(FLAVOURS):
        own = flavour == index
        flux[own] = _atmospheric_flux().at_detector(name, energy[own], cos_zenith[own])
    return flux


def _n_proposals(season: str, key: int) -> int:
    """Return the number of proposed atmospheric neutrinos of a season, Poisson."""
    mean = simulated_livetime((season,)) * _atmospheric_cells().total
    return int(random_generator(key, 2**63).poisson(mean))


def random_key(seed: int, kind: str, season: str) -> int:
    """Return the 128-bit key of the random numbers of a kind of events in a season."""
    identity = f"{SAMPLE}\n{int(seed)}\n{kind}\n{season}"
    return int.from_bytes(hashlib.blake2b(identity.encode(), digest_size=16).digest(), "little")


def random_generator(key: int, block: int) -> np.random.Generator:
    """Return the random numbers of one block of events: its own part of the Philox counter."""
    return np.random.Generator(np.random.Philox(key=key, counter=block << 192))
