"""Spectra in text: a header that names the columns, then a row for each mass and each log10 x.

The first two columns are mass and log10 x; rows are ordered by both, and every mass has the same values of x. What is
not so is refused with the file, the row (counted from 1, header included) and the column.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.errors import InputError
from core.files import read_text
from core.spectra.grid import Array

X_TOLERANCE = 1e-6


@dataclass(frozen=True)
class TextTable:
    """What such a file holds: masses (n_masses,) GeV, log10 x (n_x,), and each column's values (n_masses, n_x)."""

    path: Path
    masses: Array
    log10_x: Array
    columns: dict[str, Array]

    def column(self, name: str) -> Array:
        """Return the values of a column, (n_masses, n_x); InputError if there is none of that name."""
        if name not in self.columns:
            raise InputError(f"{self.path}: has no column {name!r}; it has {', '.join(self.columns)}")
        return self.columns[name]


def read_text_table(path: Path, column_names: Callable[[str], list[str]]) -> TextTable:
    """Return the table in a file; `column_names` splits its header line. InputError says what is wrong and where."""
    lines = read_text(path).splitlines()
    if not lines:
        raise InputError(f"{path}: is empty")
    names = column_names(lines[0])
    _refuse_bad_header(path, lines[0], names)
    rows = [(number, line.split()) for number, line in enumerate(lines[1:], start=2) if line.strip()]
    values = _numbers(path, names, rows)
    numbers = [number for number, _ in rows]
    masses, log10_x = _axes(path, names, values, numbers)
    shaped = values.reshape(len(masses), len(log10_x), len(names))
    columns = {name: shaped[:, :, index] for index, name in enumerate(names) if index >= 2}
    return TextTable(path, masses, log10_x, columns)


def _refuse_bad_header(path: Path, header: str, names: list[str]) -> None:
    for delimiter in (",", ";", "|"):
        if len(names) < 3 and header.count(delimiter) >= 2:
            raise InputError(f"{path}: row 1 is separated by {delimiter!r}, expected blanks or tabs")
    if len(names) < 3:
        raise InputError(f"{path}: row 1 names {len(names)} columns, expected mass, log10 x and at least one channel")
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise InputError(f"{path}: row 1 names the column {doubled[0]!r} more than once")


def _numbers(path: Path, names: list[str], rows: list[tuple[int, list[str]]]) -> Array:
    """Return the values as (n_rows, n_columns), all finite, spectra not negative."""
    if not rows:
        raise InputError(f"{path}: has a header and no rows")
    for number, fields in rows:
        if len(fields) != len(names):
            raise InputError(_wrong_count(path, names, number, fields))
    try:
        values = np.array([fields for _, fields in rows], dtype=np.float64)
    except ValueError as error:
        raise InputError(_first_bad_field(path, names, rows)) from error
    if not np.isfinite(values).all() or (values[:, 2:] < 0.0).any():
        raise InputError(_first_bad_field(path, names, rows))
    return values


def _wrong_count(path: Path, names: list[str], number: int, fields: list[str]) -> str:
    for delimiter in (",", ";", "|"):
        if len(fields) < len(names) and any(delimiter in text for text in fields):
            return f"{path}: row {number}, column {names[0]!r}: separated by {delimiter!r}, expected blanks or tabs"
    if len(fields) < len(names):
        missing = names[len(fields)]
        return f"{path}: row {number} ends before column {missing!r}: {len(fields)} of {len(names)} values, truncated?"
    return f"{path}: row {number} goes on after column {names[-1]!r}: {len(fields)} values for {len(names)} columns"


def _first_bad_field(path: Path, names: list[str], rows: list[tuple[int, list[str]]]) -> str:
    for number, fields in rows:
        for index, (name, text) in enumerate(zip(names, fields, strict=True)):
            try:
                value = float(text)
            except ValueError:
                return f"{path}: row {number}, column {name!r}: {text!r} is no number"
            if not math.isfinite(value):
                return f"{path}: row {number}, column {name!r}: {text!r} is not finite"
            if index >= 2 and value < 0.0:
                return f"{path}: row {number}, column {name!r}: {text!r} is negative, no number of neutrinos is"
    return f"{path}: holds values that are no numbers"


def _axes(path: Path, names: list[str], values: Array, numbers: list[int]) -> tuple[Array, Array]:
    """Return masses and log10 x, refusing rows that are out of order or missing."""
    mass, log10_x = values[:, 0], values[:, 1]
    falling = np.flatnonzero(np.diff(mass) < 0.0)
    if len(falling):
        raise InputError(_out_of_order(path, names[0], mass, int(falling[0]) + 1, numbers))
    changes = np.flatnonzero(np.diff(mass)) + 1
    starts, ends = np.append(0, changes), np.append(changes, len(mass))
    nodes = log10_x[: ends[0]]
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        here = log10_x[start:end]
        falling = np.flatnonzero(np.diff(here) <= 0.0)
        if len(falling):
            raise InputError(_out_of_order(path, names[1], log10_x, start + int(falling[0]) + 1, numbers))
        n_common = min(len(here), len(nodes))
        other = np.flatnonzero(np.abs(here[:n_common] - nodes[:n_common]) > X_TOLERANCE)
        if len(other) or len(here) != len(nodes):
            row = start + (int(other[0]) if len(other) else n_common - 1)
            raise InputError(
                f"{path}: row {numbers[row]}, column {names[1]!r}: mass {mass[start]:g} has {len(here)} values of "
                f"log10 x that are not the {len(nodes)} of mass {mass[0]:g}; rows missing, or the file truncated?"
            )
    return mass[starts], nodes


def _out_of_order(path: Path, name: str, values: Array, row: int, numbers: list[int]) -> str:
    return f"{path}: row {numbers[row]}, column {name!r}: {values[row]:g} after {values[row - 1]:g}, reordered?"
