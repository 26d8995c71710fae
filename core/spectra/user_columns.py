"""A user's table of spectra as named columns, whatever file it stands in: CSV, ECSV, plain text or `.npy`.

In text, what follows "#" is left out, columns are parted by commas, semicolons or blanks, and the first row names them.
A plain text of two or three columns of numbers may go without names, or with names behind "#"; so may an array.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.dark_matter.channels import listed
from core.errors import InputError
from core.files import of_decimal_commas, plain_number, read_array, read_text
from core.spectra.grid import Array

NAMES_BY_NUMBER: dict[int, tuple[str, ...]] = {2: ("energy", "dn_de"), 3: ("mass", "energy", "dn_de")}
_EMPTY = ("", '""', "--")


@dataclass(frozen=True)
class UserColumns:
    """The columns of a file by name, each with a value a row, and the number of each row in the file, from 1."""

    path: Path
    values: dict[str, list[Any]]
    rows: list[int]

    def numbers(self, name: str, low: float, high: float, allowed: str, empty: float | None = None) -> Array:
        """Return a column as numbers from low to high, (n_rows,), `empty` where none is given.

        InputError names file, row, column, value and what is `allowed`.
        """
        found = np.empty(len(self.rows))
        for index, value in enumerate(self.values[name]):
            found[index] = _number(value) if empty is None or value not in _EMPTY else empty
            if not low <= found[index] <= high:
                raise InputError(self.complaint(index, name, allowed))
        return found

    def complaint(self, index: int, name: str, allowed: str) -> str:
        """Return what is wrong with one value, in words."""
        return f"{self.path}: row {self.rows[index]}, column {name}: {self.values[name][index]!r}; allowed is {allowed}"


def read_columns(path: Path) -> UserColumns:
    """Return the columns of a file; InputError says why it is none."""
    if path.suffix == ".npy":
        return _of_array(path)
    return _of_text(path, read_text(path).splitlines())


def _number(value: object) -> float:
    """Return a value as a number, NaN if it is none."""
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return math.nan


def _of_array(path: Path) -> UserColumns:
    """Return the columns of a `.npy` file: its fields, or columns in the order of NAMES_BY_NUMBER."""
    array = read_array(path)
    if array.dtype.names:
        values = {name: array[name].ravel().tolist() for name in array.dtype.names}
        return UserColumns(path, values, list(range(1, array.size + 1)))
    if array.ndim != 2 or array.shape[1] not in NAMES_BY_NUMBER or not array.size:
        raise InputError(
            f"{path}: is an array of the shape {array.shape}; allowed are {_unnamed()}, or one with named fields"
        )
    names = NAMES_BY_NUMBER[array.shape[1]]
    columns = {name: array[:, index].tolist() for index, name in enumerate(names)}
    return UserColumns(path, columns, list(range(1, len(array) + 1)))


def _of_text(path: Path, lines: Sequence[str]) -> UserColumns:
    """Return the columns of a text; its first row tells how columns are parted and whether it names them."""
    texts = [(number, line.partition("#")[0].strip()) for number, line in enumerate(lines, start=1)]
    filled = [(number, text) for number, text in texts if text]
    if not filled:
        raise InputError(f"{path}: holds no rows")
    delimiter = next((mark for mark in (";", "\t", ",") if mark in filled[0][1]), None)
    split = [(number, [field.strip().strip('"') for field in text.split(delimiter)]) for number, text in filled]
    if delimiter != ",":
        split = [(number, [plain_number(field) for field in fields]) for number, fields in split]
    if math.isnan(_number(split[0][1][0])):
        (first, names), split = split[0], split[1:]
    else:
        first, names = split[0][0], _names_before(path, lines[: split[0][0] - 1], len(split[0][1]))
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise InputError(f"{path}: row {first} names the column {doubled[0]} more than once")
    for number, fields in split:
        if len(fields) != len(names):
            raise InputError(
                f"{path}: row {number} has {len(fields)} values; allowed are {len(names)}: {listed(names)}"
                f"{of_decimal_commas(fields, len(names)) if delimiter == ',' else ''}"
            )
    if not split:
        raise InputError(f"{path}: names columns and has no rows below them")
    return UserColumns(
        path,
        {name: [fields[index] for _, fields in split] for index, name in enumerate(names)},
        [number for number, _ in split],
    )


def _names_before(path: Path, comments: Sequence[str], n_columns: int) -> list[str]:
    """Return the names of columns of a text without any: those of the last comment that has as many, or by number."""
    for line in reversed(comments):
        names = line.replace("#", " ").replace(",", " ").replace(";", " ").split()
        if len(names) == n_columns and "energy" in names:
            return names
    if n_columns not in NAMES_BY_NUMBER:
        raise InputError(f"{path}: {n_columns} columns without names; allowed are {_unnamed()}, or a row of names")
    return list(NAMES_BY_NUMBER[n_columns])


def _unnamed() -> str:
    return " or ".join(f"{number} columns ({', '.join(names)})" for number, names in NAMES_BY_NUMBER.items())
