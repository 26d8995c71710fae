"""The response that simulated events of any sample give, in the same form as the public one."""

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.dark_matter.channels import FLAVOURS
from core.errors import InputError
from core.events.classes import INTERACTIONS
from core.events.counts import indices, reconstructed_bins
from core.events.public_release import RECO_COS_ZENITH_EDGES, SimulatedNeutrinos
from core.events.seasons import mean_detector, measured_livetimes
from core.response.build import (
    ANGULAR_ENERGY_EDGES,
    TRUE_COS_ZENITH_EDGES,
    TRUE_ENERGY_EDGES,
    ResponseBins,
    response_of,
)
from core.response.model import COARSE_FIELDS, FINE_FIELDS, Response

Reals = NDArray[np.float64]

# Columns of events that a response is made of.
RESPONSE_COLUMNS = (
    "season",
    "reco_energy",
    "reco_dec",
    "event_class",
    "true_energy",
    "true_dec",
    "flavour",
    "interaction",
    "weight",
)
RECO_ENERGY_EDGES: Reals = 10.0 ** (np.arange(25) / 8.0)
# The angular bins of the public response, the last one divided: 63, 100, 158, 316, 1000 GeV.
EVENT_BINS = ResponseBins(
    true_energy_edges=TRUE_ENERGY_EDGES,
    true_cos_zenith_edges=TRUE_COS_ZENITH_EDGES,
    reco_energy_edges=RECO_ENERGY_EDGES,
    reco_cos_zenith_edges=RECO_COS_ZENITH_EDGES,
    angular_energy_edges=np.concatenate([ANGULAR_ENERGY_EDGES[:-1], TRUE_ENERGY_EDGES[[80, 88, 100, 120]]]),
)


def response_from_events(
    simulation: pa.Table | Iterable[pa.Table],
    livetime: float | Mapping[str, float],
    bins: ResponseBins = EVENT_BINS,
) -> Response:
    """Return the response that simulated events in the canonical schema give in bins.

    `simulation`: one table or several. The events of a season, in one table or in many, are one simulation of the
    detector as it was then; core.events.seasons says how several are brought together. `livetime` in s, by season or of
    all that were simulated alike. Events outside the reconstructed energies count as not selected, events outside
    the true energies are left out. Directions are declinations, cos zenith = -sin δ. Errors come from the number of
    simulated events.

    What a sample does not tell: without event classes all events are cascades and tracks stay empty; without
    interactions all are charged currents; without flavours each species has a sixth of the effective area, so that
    n_s is that of the mean flux of all six. Raises InputError if only some events have a class, an interaction or a
    flavour, or if no event is left.
    """
    tables = [simulation] if isinstance(simulation, pa.Table) else list(simulation)
    if not tables:
        raise InputError("no simulated events: there is no response to estimate")
    tables = mean_detector(tables, livetime)
    has_flavour = tables[0]["flavour"].null_count < tables[0].num_rows
    has_interaction = tables[0]["interaction"].null_count < tables[0].num_rows
    parts = [_neutrinos(table, bins, has_flavour, has_interaction) for table in tables if table.num_rows]
    together = {
        field.name: np.concatenate([getattr(part, field.name) for part in parts] or [np.empty(0)])
        for field in fields(SimulatedNeutrinos)
    }
    if not len(together["weight"]):
        low, high = bins.reco_energy_edges[[0, -1]]
        raise InputError(f"no simulated event is reconstructed at {low:g}-{high:g} GeV: there is no response")
    total = livetime if isinstance(livetime, float | int) else sum(livetime.values())
    response = response_of(SimulatedNeutrinos(**together), bins, total)
    return response if has_flavour else _same_for_all_species(response)


def response_product(simulation: Iterable[pa.Table], good_runs: pa.Table, bins: ResponseBins) -> pa.Table:
    """Return the `response` product of simulated events and the good runs of all seasons, in bins.

    Raises InputError as response_from_events does, and where the good runs hold no livetime.
    """
    return response_from_events(simulation, measured_livetimes(good_runs), bins).to_table()


def _neutrinos(table: pa.Table, bins: ResponseBins, has_flavour: bool, has_interaction: bool) -> SimulatedNeutrinos:
    (event_class, energy_bin, zenith_bin), inside = reconstructed_bins(
        table, bins.reco_energy_edges, bins.reco_cos_zenith_edges
    )
    true_energy = table["true_energy"].to_numpy()
    inside &= (true_energy >= bins.true_energy_edges[0]) & (true_energy <= bins.true_energy_edges[-1])
    unknown = np.zeros(table.num_rows, dtype=np.int64)
    columns = {
        "flavour": indices(table, "flavour", FLAVOURS) if has_flavour else _none(table, "flavour", unknown),
        "interaction": indices(table, "interaction", INTERACTIONS)
        if has_interaction
        else _none(table, "interaction", unknown),
        "event_class": event_class,
        "true_energy": true_energy,
        "true_cos_zenith": -np.sin(table["true_dec"].to_numpy()),
        "reco_energy_bin": energy_bin,
        "reco_cos_zenith_bin": zenith_bin,
        "weight": table["weight"].to_numpy(),
    }
    return SimulatedNeutrinos(**{name: values[inside] for name, values in columns.items()})


def _none(table: pa.Table, name: str, unknown: NDArray[np.int64]) -> NDArray[np.int64]:
    n_known = table.num_rows - table[name].null_count
    if n_known:
        raise InputError(f"{name} is known for {n_known} of {table.num_rows} simulated events: all or none are due")
    return unknown


def _same_for_all_species(response: Response) -> Response:
    """Return the response of events of no known species, which stand at the first one, shared among all six.

    An error of a sixth of the area in each species would be 6 times correlated: sqrt(6) larger and apart, it gives the
    same error of n_s.
    """
    n_species = len(FLAVOURS)
    values: dict[str, Any] = {
        name: np.repeat(getattr(response, name)[:1], n_species, axis=0) for name in (*FINE_FIELDS, *COARSE_FIELDS)
    }
    values["effective_area"] /= n_species
    values["effective_area_error"] /= np.sqrt(n_species)
    return replace(response, **values)
