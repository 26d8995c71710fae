"""The columns of a table in a file: type, unit, range of values, and what no event can have."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from core.dark_matter.channels import listed
from core.errors import InputError
from core.events.ranges import WORDS, Range, range_of
from core.events.skylab import canonical_names, read_structured_array
from core.files import TORN_PARQUET, read_text, text_rows
from core.glossary import GLOSSARY

Metadata = dict[bytes, bytes]

FEW_WORDS, MOST_WORDS = 4, 50
MOST_LETTERS = 40
ROWS_AT_ONCE = 1 << 16
# Columns by which a table is known to be of simulated events.
SIMULATED = {"true_energy", "trueE"}
UNITS_OF_SKYLAB: Mapping[str, str] = {
    "logE": "log10 GeV",
    "start": "days (MJD)",
    "stop": "days (MJD)",
    "livetime": "days",
    "ow": "GeV cm2 sr",
}
# Ten to this power is an energy that events may have.
LOG_ENERGY = Range(-300.0, 9.0, "log10 GeV", (("not the log10 that it should be?", lambda value: value > 9.0),))


@dataclass(frozen=True)
class ColumnSummary:
    """A column: what it is called, of which type, its `values` and `problem` in words ("": none), rows without any."""

    name: str
    dtype: str
    unit: str
    values: str
    n_missing: int
    problem: str = ""


@dataclass
class _Extent:
    """The least and the greatest of numbers that come in pieces, how many are none, and how many no event has."""

    low: float = np.inf
    high: float = -np.inf
    n_numbers: int = 0
    n_missing: int = 0
    n_outside: int = 0
    most_telling: float = 0.0

    def take(self, values: NDArray[np.float64], outside: NDArray[np.bool_]) -> None:
        """Add numbers (n,), with which of them no event can have."""
        is_number = ~np.isnan(values)
        self.n_missing += int(np.count_nonzero(~is_number))
        self.n_numbers += int(np.count_nonzero(is_number))
        if is_number.any():
            self.low = min(self.low, float(values[is_number].min()))
            self.high = max(self.high, float(values[is_number].max()))
        found = values[outside & is_number]
        self.n_outside += len(found)
        if len(found):
            largest = float(found[np.argmax(np.abs(found))])
            self.most_telling = max(self.most_telling, largest, key=abs)


def parquet_columns(path: Path, check: Callable[[Metadata], None]) -> tuple[int, Metadata, list[ColumnSummary]]:
    """Return rows, metadata and columns of a Parquet file; `check` sees the metadata before any value is read.

    Raises InputError for a file that cannot be read, and what `check` raises.
    """
    try:
        with pq.ParquetFile(path) as file:
            metadata = dict(file.schema_arrow.metadata or {})
            check(metadata)
            names = file.schema_arrow.names
            if len(set(names)) < len(names):
                raise InputError(f"{path}: two columns have one name; they are {', '.join(names)}")
            kind = "mc" if SIMULATED & set(names) else "data"
            columns = [_parquet_column(file, field, kind) for field in file.schema_arrow]
            return int(file.metadata.num_rows), metadata, columns
    except TORN_PARQUET as error:
        raise InputError(f"cannot read {path}: {error}") from error


def _parquet_column(file: pq.ParquetFile, field: pa.Field, kind: str) -> ColumnSummary:
    pieces = (batch.column(0) for batch in file.iter_batches(batch_size=ROWS_AT_ONCE, columns=[field.name]))
    known = GLOSSARY.get(field.name)
    return _summary(field.name, field.name, str(field.type), known.unit if known else "", pieces, kind)


def npy_columns(path: Path) -> tuple[int, list[ColumnSummary]]:
    """Return rows and columns of a structured .npy; InputError for another, and for pickled objects."""
    events = read_structured_array(path, mapped=True)
    names = events.dtype.names or ()
    kind = "mc" if SIMULATED & set(names) else "data"
    known = canonical_names()
    columns = []
    for name in names:
        ours = known.get(name, "")
        unit = UNITS_OF_SKYLAB.get(name) or (GLOSSARY[ours].unit if ours in GLOSSARY else "")
        dtype = events.dtype[name]
        columns.append(_summary(name, ours, dtype.str.lstrip("<|=>"), unit, _pieces(events[name]), kind))
    return len(events), columns


def _pieces(values: NDArray[Any]) -> Iterator[pa.Array]:
    for start in range(0, len(values), ROWS_AT_ONCE):
        piece = np.asarray(values[start : start + ROWS_AT_ONCE]).ravel()
        yield pa.array(piece.astype(np.float64) if piece.dtype.kind in "iufb" else [str(one) for one in piece])


def text_columns(path: Path) -> tuple[int, list[ColumnSummary]]:
    """Return rows and columns of a table in text: named by its first row where that is no number, else numbered.

    Raises InputError for what is no text or has no rows, and for rows of different lengths.
    """
    rows, _ = text_rows(read_text(path))
    if not rows:
        raise InputError(f"{path}: has no rows")
    has_names = not any(_is_number(cell) for cell in rows[0].cells)
    names = rows[0].cells if has_names else [f"column {number}" for number in range(1, len(rows[0].cells) + 1)]
    rows = rows[1:] if has_names else rows
    for row in rows:
        if len(row.cells) != len(names):
            raise InputError(f"{path}: line {row.number} has {len(row.cells)} cells, {len(names)} are due")
    kind = "mc" if SIMULATED & set(names) else "data"
    columns = []
    for position, name in enumerate(names):
        cells = [row.cells[position] for row in rows]
        is_real = all(_is_number(cell) or not cell for cell in cells)
        piece = (
            pa.array([float(cell) if cell else None for cell in cells], pa.float64()) if is_real else pa.array(cells)
        )
        known = GLOSSARY.get(name)
        dtype = "number" if is_real else "text"
        columns.append(_summary(name, name, dtype, known.unit if known else "", iter([piece]), kind))
    return len(rows), columns


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _summary(name: str, ours: str, dtype: str, unit: str, pieces: Iterator[pa.Array], kind: str) -> ColumnSummary:
    """Return what pieces of a column hold; `ours`: what the column is called in events of ours, "" if it is none."""
    extent, words, n_null = _Extent(), set[str](), 0
    allowed = LOG_ENERGY if name == "logE" else range_of(ours, kind)
    for piece in pieces:
        n_null += piece.null_count
        flat = _flat(piece)
        if not _is_real(flat.type):
            words |= {str(word) for word in pc.unique(flat.drop_null())[: MOST_WORDS - len(words)].to_pylist()}
            continue
        values = np.asarray(flat.drop_null().cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False))
        extent.take(values, allowed.is_outside(values) if allowed else np.zeros(len(values), dtype=np.bool_))
    known = WORDS.get(ours, ())
    strange = sorted(words - set(known)) if known else []
    problem = f"{strange[0]!r}: {listed(known)} are due" if strange else ""
    if extent.n_outside and allowed is not None:
        cause = allowed.cause(extent.most_telling)
        problem = f"{extent.n_outside} not {allowed.allowed}{f': {cause}' if cause else ''}"
    if extent.n_numbers:
        shown = f"{extent.low:.9g} to {extent.high:.9g}"
    else:
        some = ", ".join(word[:MOST_LETTERS] for word in sorted(words)[:FEW_WORDS]) or "nothing"
        shown = f"{some}, …" if len(words) > FEW_WORDS else some
    return ColumnSummary(name, dtype, unit, shown, n_null + extent.n_missing, problem)


def _flat(values: pa.Array) -> pa.Array:
    """Return values without their lists."""
    while (
        pa.types.is_list(values.type) or pa.types.is_large_list(values.type) or pa.types.is_fixed_size_list(values.type)
    ):
        values = values.flatten()
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    return values


def _is_real(dtype: pa.DataType) -> bool:
    return bool(pa.types.is_integer(dtype) or pa.types.is_floating(dtype) or pa.types.is_boolean(dtype))
