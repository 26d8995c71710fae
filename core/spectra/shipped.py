"""The table of our own that the package ships, made with Pythia 8 by `core.spectra.generator`: one Parquet file.

A row is a species of a channel at a mass: `counts` of neutrinos on the nodes of x of all events together (their
statistical error is the root), `n_line` neutrinos with x = 1, the errors of multiplicity and energy fraction from the
spread between events, and `at_rest` for pairs of bosons next to their threshold. The file's metadata hold generator,
settings, seeds and nodes.
"""

import json
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from core.dark_matter.channels import FLAVOURS, Channel, canonical_channel
from core.errors import InputError
from core.files import TORN_PARQUET
from core.spectra.grid import LOG10_X, N_NODES, Array
from core.spectra.spectrum import ProducedSpectra
from core.spectra.table import SpectrumTable

SHIPPED_SPECTRA = Path(__file__).with_name("pythia.parquet")
METADATA_KEY = b"dwarfnu"
SCHEMA = pa.schema(
    [
        ("channel", pa.string()),
        ("mass", pa.float64()),
        ("at_rest", pa.bool_()),
        ("flavour", pa.string()),
        ("n_events", pa.int64()),
        ("n_line", pa.float64()),
        ("multiplicity_error", pa.float64()),
        ("energy_fraction_error", pa.float64()),
        ("counts", pa.list_(pa.float32())),
    ]
)


@cache
def shipped_table() -> SpectrumTable:
    """Return the shipped table; InputError if the file is missing or not what it should be."""
    return read_table(SHIPPED_SPECTRA)


def read_table(path: Path) -> SpectrumTable:
    """Return the table in a Parquet file that `write_table` wrote; InputError names what is wrong with it."""
    try:
        # Without the machinery for data sets, whose import alone takes longer than the reading.
        with pq.ParquetFile(path) as file:
            table = file.read()
    except TORN_PARQUET as error:
        raise InputError(f"{path}: no table of spectra can be read there ({error})") from error
    missing = [name for name in SCHEMA.names if name not in table.column_names]
    if missing:
        raise InputError(f"{path}: lacks the columns {', '.join(missing)}; it has {', '.join(table.column_names)}")
    counts = _counts(path, table)
    rows: dict[tuple[Channel, float, bool], dict[str, dict[str, Any]]] = defaultdict(dict)
    for row, on_nodes in zip(table.drop_columns("counts").to_pylist(), counts, strict=True):
        key = canonical_channel(row["channel"]), row["mass"], row["at_rest"]
        rows[key][row["flavour"]] = {**row, "counts": on_nodes}
    pairs: dict[Channel, dict[float, ProducedSpectra]] = defaultdict(dict)
    at_rest: dict[Channel, ProducedSpectra] = {}
    for (channel, mass, rest), species in rows.items():
        produced = _produced(path, channel, mass, species)
        if rest:
            at_rest[channel] = produced
        else:
            pairs[channel][mass] = produced
    return SpectrumTable("the shipped Pythia table", dict(pairs), at_rest)


def table_metadata(path: Path = SHIPPED_SPECTRA) -> dict[str, Any]:
    """Return how the table was made: generator, version, settings, seeds and events by pair, nodes of log10 x."""
    try:
        metadata = pq.read_schema(path).metadata or {}
    except TORN_PARQUET as error:
        raise InputError(f"{path}: no table of spectra can be read there ({error})") from error
    if METADATA_KEY not in metadata:
        raise InputError(f"{path}: says nothing of how it was made")
    made: dict[str, Any] = json.loads(metadata[METADATA_KEY])
    return made


def write_table(path: Path, rows: Iterable[dict[str, Any]], made: dict[str, Any]) -> None:
    """Write rows of `SCHEMA` and how they were made to a Parquet file."""
    table = pa.Table.from_pylist(list(rows), schema=SCHEMA)
    table = table.replace_schema_metadata({METADATA_KEY: json.dumps(made)})
    pq.write_table(
        table,
        path,
        compression="zstd",
        compression_level=19,
        use_dictionary=["channel", "flavour"],
        row_group_size=4096,
    )


def table_rows(produced: ProducedSpectra, at_rest: bool = False) -> list[dict[str, Any]]:
    """Return the six rows of the table that hold one pair's spectra."""
    multiplicity_error, energy_error = _known_errors(produced)
    return [
        {
            "channel": produced.channel,
            "mass": produced.mass,
            "at_rest": at_rest,
            "flavour": flavour,
            "n_events": produced.n_events,
            "n_line": float(produced.line[index] * produced.n_events),
            "multiplicity_error": float(multiplicity_error[index]),
            "energy_fraction_error": float(energy_error[index]),
            "counts": (produced.counts[index] * produced.n_events).astype(np.float32),
        }
        for index, flavour in enumerate(FLAVOURS)
    ]


def _known_errors(produced: ProducedSpectra) -> tuple[Array, Array]:
    if produced.multiplicity_error is None or produced.energy_fraction_error is None or produced.n_events < 1:
        raise InputError(f"{produced.channel} at {produced.mass:g} GeV has no statistics: only generated spectra do")
    return produced.multiplicity_error, produced.energy_fraction_error


def _counts(path: Path, table: pa.Table) -> Array:
    """Return the counts of all rows, (n_rows, n_nodes)."""
    lists = table["counts"].combine_chunks()
    lengths = set(lists.value_lengths().to_pylist())
    if lengths != {N_NODES}:
        raise InputError(f"{path}: the counts of a row do not stand on the {N_NODES} nodes of x")
    return np.asarray(lists.flatten().to_numpy(), dtype=np.float64).reshape(-1, N_NODES)


def _produced(path: Path, channel: Channel, mass: float, species: dict[str, dict[str, Any]]) -> ProducedSpectra:
    absent = [flavour for flavour in FLAVOURS if flavour not in species]
    if absent:
        raise InputError(f"{path}: {channel} at {mass:g} GeV lacks {', '.join(absent)}")
    ordered = [species[flavour] for flavour in FLAVOURS]
    n_events = ordered[0]["n_events"]

    def column(name: str) -> Array:
        return np.array([row[name] for row in ordered], dtype=np.float64)

    return ProducedSpectra(
        channel,
        mass,
        LOG10_X,
        column("counts") / n_events,
        column("n_line") / n_events,
        column("multiplicity_error"),
        column("energy_fraction_error"),
        n_events,
    )
