"""How every file that comes from outside is opened: as a file of bounded size, and text whatever program wrote it.

Text may be UTF-8 or UTF-16 with a byte order mark (as Excel writes it), with lines that end in LF, CR or both, comments
behind "#", and columns parted by commas, semicolons, tabs or blanks. Where semicolons or tabs part columns, a comma
within a number is a decimal one.
"""

import codecs
import csv
import re
import stat
import struct
from collections.abc import Sequence
from pathlib import Path
from tokenize import TokenError
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.lib import format as npy_format
from numpy.typing import NDArray

from core.errors import InputError

MIB = 1 << 20
MOST_CONFIGURATION = 4 * MIB
MOST_CATALOGUE = 64 * MIB
MOST_TEXT = 1024 * MIB
# Kinds that people have and nothing here reads, by their first bytes.
_UNREAD = {
    b"\x89HDF\r\n\x1a\n": "is an HDF5 file, which is not read: write its columns as Parquet, or as a structured .npy",
    b"root": "is a ROOT file, which is not read: write its columns as Parquet, or as a structured .npy",
    b"PK\x03\x04": "is a zip archive (.npz?), which is not read: give the files in it, one a season",
}
# What Arrow raises on bytes that no writer of Parquet wrote, beside errors of its own.
TORN_PARQUET = (
    pa.ArrowException, OSError, ValueError, TypeError, KeyError, IndexError, OverflowError, MemoryError,
    NotImplementedError,
)  # fmt: skip
# What numpy raises on a header that no numpy wrote.
_TORN_ARRAY = (
    OSError, EOFError, ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, MemoryError,
    RecursionError, SyntaxError, TokenError, struct.error,
)  # fmt: skip
_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+(?:[eE][+-]?\d+)?")


def check_file(path: Path, most_bytes: int | None = None) -> None:
    """Raise InputError unless a path is that of a file, of no more than so many bytes."""
    try:
        found = path.stat()
    except (OSError, ValueError) as error:
        raise InputError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from error
    if not stat.S_ISREG(found.st_mode):
        raise InputError(f"{path}: is a {_kind(found.st_mode)}, a file is due")
    if most_bytes is not None and found.st_size > most_bytes:
        raise InputError(f"{path}: has {found.st_size / MIB:,.0f} MiB, {most_bytes / MIB:,.0f} MiB at most are read")


def unread_kind(first: bytes) -> str | None:
    """Return what a file is that begins so, and what to do with it, if it is of a kind that nothing here reads."""
    return next((words for magic, words in _UNREAD.items() if first.startswith(magic)), None)


def read_array(path: Path, mapped: bool = False) -> NDArray[Any]:
    """Return the array of a `.npy` file, `mapped` without reading it.

    InputError for a file that is none, archives of arrays among them, and for pickled objects: they could run code.
    """
    check_file(path)
    try:
        with path.open("rb") as file:
            first = file.read(len(npy_format.MAGIC_PREFIX))
        if not first.startswith(npy_format.MAGIC_PREFIX):
            raise InputError(f"{path}: {unread_kind(first) or 'is no .npy file: it does not begin as one'}")
        array: NDArray[Any] = np.load(path, mmap_mode="r" if mapped else None, allow_pickle=False)
    except _TORN_ARRAY as error:
        raise InputError(f"{path}: is no array of numbers: {getattr(error, 'strerror', None) or error}") from error
    return array


def read_parquet(path: Path, columns: Sequence[str] | None = None, most_bytes: int | None = None) -> pa.Table:
    """Return the table in a Parquet file, or some of its columns, with texts that are texts; InputError if it is none.

    Arrow itself takes any bytes for a text, and fails where they are used.
    """
    from pyarrow import parquet

    check_file(path, most_bytes)
    try:
        table = parquet.read_table(path, columns=None if columns is None else list(columns), partitioning=None)
        table.validate(full=True)
    except TORN_PARQUET as error:
        raise InputError(f"{path}: is no whole Parquet table: {error}") from error
    return table


def _kind(mode: int) -> str:
    if stat.S_ISDIR(mode):
        return "folder"
    return "pipe" if stat.S_ISFIFO(mode) else "device or socket"


def read_text(path: Path, most_bytes: int = MOST_TEXT) -> str:
    """Return a file's text without byte order mark, its lines ended by LF; InputError if it is none."""
    check_file(path, most_bytes)
    try:
        content = path.read_bytes()
        is_wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        text = content.decode("utf-16" if is_wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}: cannot be read as text: byte {error.start} is not UTF-8; save it as UTF-8 (of Excel: CSV UTF-8)"
        ) from error
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error})") from error
    if "\0" in text:
        raise InputError(f"{path}: cannot be read as text: it holds zero bytes")
    return text.replace("\r\n", "\n").replace("\r", "\n")


class Row(NamedTuple):
    """A row of a table in text: the number of its line, from 1, and its cells without blanks around them."""

    number: int
    cells: list[str]


def text_rows(text: str) -> tuple[list[Row], str]:
    """Return the rows of a table in text, and the mark that parts its columns: "," ";" tab or a blank.

    What follows "#" is left out, and so are lines without anything else. The first row tells the mark.
    """
    lines = [(number, line.partition("#")[0].strip()) for number, line in enumerate(text.split("\n"), start=1)]
    filled = [(number, line) for number, line in lines if line]
    first = filled[0][1] if filled else ""
    mark = next((mark for mark in (";", "\t", ",") if mark in first), " ")
    rows = []
    for number, line in filled:
        cells = [cell.strip() for cell in next(csv.reader([line], delimiter=mark, skipinitialspace=True))]
        cells = [cell for cell in cells if cell] if mark == " " else cells
        rows.append(Row(number, [plain_number(cell) for cell in cells] if mark != "," else cells))
    return rows, mark


def plain_number(cell: str) -> str:
    """Return a cell with a decimal point where it is a number with a decimal comma."""
    return cell.replace(",", ".") if _DECIMAL_COMMA.fullmatch(cell) else cell


def of_decimal_commas(cells: Sequence[str], n_columns: int) -> str:
    """Return what is to be said of a row of commas that has too many cells: those may be decimal commas."""
    is_likely = len(cells) > n_columns and all(re.sub(r"[eE+\-]", "", cell).isdigit() for cell in cells)
    return "; if commas are decimal, part the columns by ;" if is_likely else ""
