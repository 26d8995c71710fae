"""The canonical event table: what its columns are called, what they hold, and that a table has them all.

Angles in rad, energies in GeV, times as UTC modified Julian date, `weight` in GeV cm² sr. In an array of n events the
expected number is T Σ weight · flux, for the flux of each event's own species: neutrinos and antineutrinos apart.
"""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from core.dark_matter.channels import listed
from core.errors import InputError
from core.events.ranges import refuse_impossible
from core.files import TORN_PARQUET, check_file, read_parquet

Kind = Literal["data", "mc"]
KINDS: tuple[Kind, ...] = get_args(Kind)
# What makes a measured event the one it is, in whatever season or file it stands.
IDENTITY = ("run", "event", "sub_event")

DATA_SCHEMA: pa.Schema = pa.schema(
    [
        pa.field("season", pa.string(), nullable=False),
        pa.field("run", pa.int64(), nullable=False),
        pa.field("event", pa.int64(), nullable=False),
        pa.field("sub_event", pa.int64(), nullable=False),
        pa.field("mjd", pa.float64(), nullable=False),
        pa.field("reco_zenith", pa.float64(), nullable=False),
        pa.field("reco_azimuth", pa.float64(), nullable=False),
        pa.field("reco_ra", pa.float64(), nullable=False),
        pa.field("reco_dec", pa.float64(), nullable=False),
        pa.field("reco_energy", pa.float64(), nullable=False),
        pa.field("angular_error", pa.float64(), nullable=False),
        pa.field("event_class", pa.string()),
    ]
)
MC_SCHEMA: pa.Schema = pa.unify_schemas(
    [
        DATA_SCHEMA,
        pa.schema(
            [
                pa.field("true_ra", pa.float64(), nullable=False),
                pa.field("true_dec", pa.float64(), nullable=False),
                pa.field("true_energy", pa.float64(), nullable=False),
                pa.field("flavour", pa.string()),
                pa.field("interaction", pa.string()),
                pa.field("weight", pa.float64(), nullable=False),
                pa.field("atmospheric_rate", pa.float64()),
            ]
        ),
    ]
)


def event_schema(kind: Kind) -> pa.Schema:
    """Return the schema of an event table of data or of simulation ("mc")."""
    if kind not in KINDS:
        raise InputError(f"unknown kind of events {kind!r}: known are {listed(KINDS)}")
    return DATA_SCHEMA if kind == "data" else MC_SCHEMA


def event_table(
    kind: Kind, columns: Mapping[str, Any], source: str = "event table", labels: Mapping[str, str] | None = None
) -> pa.Table:
    """Return the canonical table of equally long columns; a column that may be null may be left out or be None.

    `source` is named in errors, with what it calls its columns (`labels`). Raises InputError where a column is missing,
    of the wrong type, or holds a value that no event can have.
    """
    schema = event_schema(kind)
    require_columns([name for name, values in columns.items() if values is not None], _required(schema), source)
    n_events = len(columns["run"])
    arrays = [
        pa.nulls(n_events, field.type) if columns.get(field.name) is None else _typed(columns[field.name], field)
        for field in schema
    ]
    table = pa.Table.from_arrays(arrays, schema=schema)
    refuse_impossible(table, kind, source, labels)
    return table


def empty_event_table(kind: Kind) -> pa.Table:
    """Return the canonical table of no events."""
    return event_schema(kind).empty_table()


def read_event_parquet(path: Path, kind: Kind) -> pa.Table:
    """Return the events of a Parquet file in the canonical schema; columns beyond it are left out.

    Raises InputError naming the columns that are missing or of another type, with those that may have been meant.
    """
    schema = event_schema(kind)
    check_file(path)
    try:
        found = pq.read_schema(path).names
        require_columns(found, _required(schema), str(path))
        stored = read_parquet(path, [name for name in schema.names if name in found])
    except TORN_PARQUET as error:
        raise InputError(f"cannot read events from {path}: {error}") from error
    columns = {name: stored.column(name) if name in found else None for name in schema.names}
    arrays = [
        pa.nulls(stored.num_rows, field.type) if (column := columns[field.name]) is None else _typed(column, field)
        for field in schema
    ]
    table = pa.Table.from_arrays(arrays, schema=schema)
    refuse_impossible(table, kind, str(path))
    return table


def check_event_parquet(path: Path, kind: Kind) -> None:
    """Raise InputError unless the file is a Parquet file with the columns that read_event_parquet needs."""
    check_file(path)
    try:
        found = pq.read_schema(path).names
    except TORN_PARQUET as error:
        raise InputError(f"cannot read events from {path}: {error}") from error
    require_columns(found, _required(event_schema(kind)), str(path))


def count_duplicates(events: pa.Table) -> int:
    """Return how many measured events come again: the same run, event and sub-event as one before."""
    return int(events.num_rows - events.group_by(list(IDENTITY)).aggregate([]).num_rows)


def refuse_repeated(parts: Iterable[tuple[str, pa.Table]]) -> None:
    """Raise InputError if a measured event (run, event, sub-event) stands twice in a sample, in whatever seasons.

    `parts`: tables of events, each with the name of what it comes from.
    """
    names, tables = [], []
    for name, table in parts:
        names.append(name)
        part = pa.array(np.full(table.num_rows, len(names) - 1, dtype=np.int32))
        tables.append(table.select(list(IDENTITY)).append_column("part", part))
    if not tables:
        return
    events = pa.concat_tables(tables)
    counted = events.group_by(list(IDENTITY)).aggregate([("part", "count"), ("part", "min"), ("part", "max")])
    n_repeated = events.num_rows - counted.num_rows
    if n_repeated:
        first = counted.filter(pc.greater(counted["part_count"], 1)).slice(0, 1).to_pylist()[0]
        where = names[first["part_min"]]
        where += f" and {names[first['part_max']]}" if first["part_max"] != first["part_min"] else ""
        raise InputError(
            f"{n_repeated} of {events.num_rows} measured events are there already, the first is run {first['run']}, "
            f"event {first['event']}, sub-event {first['sub_event']} in {where}: give each file once"
        )


def require_columns(found: Iterable[str], required: Sequence[str], source: str) -> None:
    """Raise InputError naming each required column that is missing, with a present one of a similar name."""
    present = list(found)
    missing = [name for name in required if name not in present]
    if not missing:
        return
    spare = [name for name in present if name not in required]
    guesses = {name: difflib.get_close_matches(name, spare, 1, 0.6) for name in missing}
    named = [f"{name} (is it {guess[0]}?)" if (guess := guesses[name]) else name for name in missing]
    raise InputError(f"{source} lacks the columns {listed(named)}; it has {listed(present) or 'none'}")


def _required(schema: pa.Schema) -> list[str]:
    return [field.name for field in schema if not field.nullable]


def _typed(values: Any, field: pa.Field) -> pa.Array | pa.ChunkedArray:
    try:
        array = values if isinstance(values, (pa.Array, pa.ChunkedArray)) else pa.array(values)
        return array.cast(field.type)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError) as error:
        raise InputError(f"column {field.name} cannot be read as {field.type}: {error}") from error
