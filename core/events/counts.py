"""Measured events, or any others, counted in bins of class, reconstructed energy and cos zenith."""

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.dark_matter.channels import listed
from core.errors import InputError
from core.events.classes import EVENT_CLASSES

Reals = NDArray[np.float64]
Integers = NDArray[np.int64]

# Events of a sample that tells no classes all stand in one of them; the other stays empty.
CLASS_OF_UNCLASSIFIED = EVENT_CLASSES[0]

# Columns of counts in bins, beside which a table of them needs none.
BINNED_COLUMNS = (
    "event_class",
    "reco_energy_low",
    "reco_energy_high",
    "reco_cos_zenith_low",
    "reco_cos_zenith_high",
    "n_events",
)


def summed_event_counts(parts: Iterable[pa.Table], reco_energy_edges: Reals, reco_cos_zenith_edges: Reals) -> pa.Table:
    """Return how many events of several tables lie in each bin, as `event_counts` does for one.

    Raises InputError as it does, and where there is no table.
    """
    total = None
    for part in parts:
        counts = event_counts(part, reco_energy_edges, reco_cos_zenith_edges)
        n_events = counts["n_events"].to_numpy() + (0 if total is None else total["n_events"].to_numpy())
        total = counts.set_column(counts.column_names.index("n_events"), "n_events", pa.array(n_events))
    if total is None:
        raise InputError("no measured events: there is nothing to count")
    return total


def event_counts(events: pa.Table, reco_energy_edges: Reals, reco_cos_zenith_edges: Reals) -> pa.Table:
    """Return how many events of a canonical event table lie in each bin, as the `event_counts` product.

    Edges in GeV, (nr + 1,), and in cos zenith, (nb + 1,), which is -sin of the declination: the detector is at the
    Pole. Events beyond the edges are not counted. A null event class counts as cascade. Raises InputError for an
    unknown class and for events some of which have a class and some not.
    """
    cells, inside = reconstructed_bins(events, reco_energy_edges, reco_cos_zenith_edges)
    shape = (len(EVENT_CLASSES), len(reco_energy_edges) - 1, len(reco_cos_zenith_edges) - 1)
    flat = np.ravel_multi_index(tuple(axis[inside] for axis in cells), shape)
    counts = np.bincount(flat, minlength=int(np.prod(shape))).reshape(shape)
    return binned_events(counts, reco_energy_edges, reco_cos_zenith_edges)


def reconstructed_bins(
    events: pa.Table, reco_energy_edges: Reals, reco_cos_zenith_edges: Reals
) -> tuple[tuple[Integers, Integers, Integers], NDArray[np.bool_]]:
    """Return (class, energy bin, zenith bin) of each event, each (n,), and which lie inside the edges, (n,).

    Raises InputError as event_counts does.
    """
    energy = np.searchsorted(reco_energy_edges, events["reco_energy"].to_numpy(), side="right") - 1
    cos_zenith = -np.sin(events["reco_dec"].to_numpy())
    zenith = np.searchsorted(reco_cos_zenith_edges, cos_zenith, side="right") - 1
    # The last bin holds its upper edge: straight up is a direction like any other.
    zenith[cos_zenith == reco_cos_zenith_edges[-1]] = len(reco_cos_zenith_edges) - 2
    inside = (energy >= 0) & (energy < len(reco_energy_edges) - 1)
    inside &= (zenith >= 0) & (zenith < len(reco_cos_zenith_edges) - 1)
    return (class_indices(events), energy, zenith), inside


def class_indices(events: pa.Table) -> Integers:
    """Return the class of each event, (n,), an index of EVENT_CLASSES; that of cascade where no event has a class."""
    classes = events["event_class"]
    if classes.null_count == events.num_rows:
        return np.full(events.num_rows, EVENT_CLASSES.index(CLASS_OF_UNCLASSIFIED), dtype=np.int64)
    return indices(events, "event_class", EVENT_CLASSES)


def indices(events: pa.Table, name: str, words: tuple[str, ...]) -> Integers:
    """Return the index of each event's word (n,) among the known ones; InputError if one is unknown or null."""
    places = pc.index_in(events[name], value_set=pa.array(words))
    if places.null_count:
        bad = events[name].filter(pc.is_null(places))
        raise InputError(
            f"{name} of {len(bad)} of {events.num_rows} events is {bad[0].as_py()!r}: each is due to be one of "
            f"{listed(words)}"
        )
    return np.asarray(places.to_numpy(), dtype=np.int64)


def binned_events(counts: NDArray[np.int64], reco_energy_edges: Reals, reco_cos_zenith_edges: Reals) -> pa.Table:
    """Return the `event_counts` product of counts (2, nr, nb) in bins of class, energy (GeV) and cos zenith."""
    event_class, energy, zenith = np.indices(counts.shape).reshape(3, -1)
    return pa.table(
        {
            "event_class": pa.array(EVENT_CLASSES).take(pa.array(event_class)),
            "reco_energy_low": reco_energy_edges[energy],
            "reco_energy_high": reco_energy_edges[energy + 1],
            "reco_cos_zenith_low": reco_cos_zenith_edges[zenith],
            "reco_cos_zenith_high": reco_cos_zenith_edges[zenith + 1],
            "n_events": counts.ravel(),
        }
    )


def band_edges(table: pa.Table, name: str) -> Reals:
    """Return the edges of the bins in `name`_low and `name`_high of a table, (n_bins + 1,).

    InputError where they do not follow one another.
    """
    low, high = (np.unique(table[f"{name}_{end}"].to_numpy()).astype(np.float64) for end in ("low", "high"))
    if not len(low) or not np.array_equal(low[1:], high[:-1]):
        raise InputError(f"the bins of {name} do not follow one another")
    return np.append(low, high[-1])
