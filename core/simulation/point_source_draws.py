"""Simulated muon neutrinos, drawn from the effective area and the smearing of the ten-year point-source release.

True energies and declinations are drawn where the area is large; the weight of an event undoes that:
w = A(E, δ) / (n p), with n events of its species and their density p in energy and solid angle. So Σ w Φ T is the
integral of A Φ T over the tabulated area, whatever the flux Φ. The area is the mean of ν and ν̄: both species have it,
and half of the events.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.errors import InputError
from core.events.columns import event_table
from core.events.point_source_events import RUNS_A_YEAR
from core.events.point_source_release import PointSourceSeason
from core.response.point_source_tables import Smearing, TabulatedArea
from core.simulation.point_source_settings import LOG10_HIGHEST
from core.simulation.reconstruction import turned
from core.simulation.sample import random_generator, random_key
from core.units import DEGREE

Reals = NDArray[np.float64]
Integers = NDArray[np.int64]

SPECIES = ("numu", "numubar")
EVEN_SHARE = 0.1  # of the events
ANGULAR_FLOOR = 0.2 * DEGREE  # of the release's estimated errors


@dataclass(frozen=True)
class DrawnNeutrinos:
    """True values of neutrinos, each (n,): log10(E/GeV), sin(dec), and the weight among all of one species."""

    log10_energy: Reals
    sin_dec: Reals
    weight: Reals


def drawn_point_source_events(
    area: TabulatedArea, smearing: Smearing, season: PointSourceSeason, n_events: int, seed: int
) -> pa.Table:
    """Return simulated events of a season in the canonical schema, ν and ν̄ in turn; `n_events` is an even number.

    Each depends on seed, season and number alone. The angle from the true direction is spread evenly over its bin of
    the smearing, and so are energy and estimated error, which is no less than 0.2 deg. Interactions are not told apart
    by the release: all are called charged currents, all events tracks. There is no time: azimuth follows from right
    ascension as at the sidereal time 0.
    """
    generator = random_generator(random_key(seed, "point-source", season.name), 0)
    neutrinos = drawn_neutrinos(area, n_events, generator)
    reco_log10_energy, angle, angular_error = smeared(smearing, neutrinos, generator)
    true_ra, turn = 2.0 * np.pi * generator.random((2, n_events))
    true_dec = np.arcsin(neutrinos.sin_dec)
    polar, reco_ra = turned(0.5 * np.pi - true_dec, true_ra, np.cos(angle), turn)
    number = np.arange(1, n_events + 1)
    return event_table(
        "mc",
        {
            "season": [season.name] * n_events,
            "run": np.full(n_events, season.year * RUNS_A_YEAR),
            "event": number,
            "sub_event": np.zeros(n_events, dtype=np.int64),
            "mjd": np.zeros(n_events),
            "reco_zenith": np.pi - polar,  # declination + 90 deg
            "reco_azimuth": 2.0 * np.pi - reco_ra,
            "reco_ra": reco_ra,
            "reco_dec": 0.5 * np.pi - polar,
            "reco_energy": 10.0**reco_log10_energy,
            "angular_error": angular_error,
            "event_class": ["track"] * n_events,
            "true_ra": true_ra,
            "true_dec": true_dec,
            "true_energy": 10.0**neutrinos.log10_energy,
            "flavour": pa.array(SPECIES).take(pa.array(number % len(SPECIES))),
            "interaction": ["cc"] * n_events,
            "weight": neutrinos.weight,
        },
        f"simulation of {season.name}",
    )


def drawn_neutrinos(area: TabulatedArea, n_events: int, generator: np.random.Generator) -> DrawnNeutrinos:
    """Return true energies, declinations and weights (GeV cm² sr) of neutrinos below 1000 GeV.

    A bin is taken in proportion to the root of what an even flux in log energy gives in it, a tenth of the events
    evenly where there is any area, so that bins of small area keep events; within a declination, energies are
    stratified. InputError if the area is 0 below 1000 GeV.
    """
    edges = np.minimum(area.log10_energy_edges, LOG10_HIGHEST)
    log10_width, sin_width = np.diff(edges), np.diff(area.sin_dec_edges)
    volume = 2.0 * np.pi * sin_width[:, None] * log10_width
    by_area = (volume * np.sqrt(area.area * 10.0 ** (edges[:-1] + 0.5 * log10_width))).ravel()
    evenly = np.where(by_area > 0.0, volume.ravel(), 0.0)
    if not by_area.sum() > 0.0:
        raise InputError(
            f"the effective area is 0 below {10.0**LOG10_HIGHEST:g} GeV: no spectrum reaches higher energies"
        )
    share = (1.0 - EVEN_SHARE) * by_area / by_area.sum() + EVEN_SHARE * evenly / evenly.sum()
    end = np.cumsum(share)
    position = (np.arange(n_events) + generator.random(n_events)) / n_events * end[-1]
    cell = np.minimum(np.searchsorted(end, position, side="right"), np.flatnonzero(share)[-1])
    within = np.clip((position - (end - share)[cell]) / share[cell], 0.0, 1.0)
    dec, energy = np.divmod(cell, len(log10_width))
    log10_energy = edges[energy] + within * log10_width[energy]
    sin_dec = area.sin_dec_edges[dec] + generator.random(n_events) * sin_width[dec]
    density = share[cell] * n_events / len(SPECIES) / volume.ravel()[cell]  # in log10 energy and solid angle
    weight = area.area[dec, energy] * 10.0**log10_energy * np.log(10.0) / density
    return DrawnNeutrinos(log10_energy, sin_dec, weight)


def smeared(
    smearing: Smearing, neutrinos: DrawnNeutrinos, generator: np.random.Generator
) -> tuple[Reals, Reals, Reals]:
    """Return log10 of the muon's energy (GeV), the angle to the true direction and its estimated error (rad), (n,)."""
    n_events = len(neutrinos.weight)
    cell = smearing.cells(neutrinos.log10_energy, neutrinos.sin_dec)
    row = np.searchsorted(smearing.cumulative, cell + generator.random(n_events), side="right")
    row = np.clip(row, smearing.first[cell], smearing.first[cell + 1] - 1)
    low, high = smearing.low[row], smearing.high[row]
    energy, angle, error = (low + (high - low) * generator.random((n_events, 3))).T
    return energy, angle * DEGREE, np.maximum(error * DEGREE, ANGULAR_FLOOR)
