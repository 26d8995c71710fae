"""The published analysis' comparison limits: one csv a result, whose name tells what it is.

`<channel><channel>_<detector>_<year>_<location>_CL<level>.csv`, two columns: mass (GeV), ⟨σv⟩ (cm³/s).
"""

import math
import re
from pathlib import Path

import pyarrow as pa

from core.dark_matter.channels import Channel, canonical_channel
from core.errors import InputError, PhysicsError
from core.files import MOST_CATALOGUE, Row, of_decimal_commas, read_text, text_rows
from core.products.recipe import ProductKey
from core.published.imported import ImportedFiles, ImportedProduct

NAME = re.compile(
    r"([A-Za-z]+)_([A-Za-z0-9][\w.+-]*)_((?:19|20)\d\d)_([A-Za-z0-9][\w.+-]*)_CL(\d+(?:\.\d+)?)", re.ASCII
)
COLUMNS = ("mass", "cross section")
FORM = "<channel><channel>_<detector>_<year>_<location>_CL<level>.csv, such as bb_IceCube_2021_GC_CL90.csv"


def is_comparison(path: Path) -> bool:
    """Return whether a file is named as a comparison limit is."""
    return path.suffix.lower() == ".csv" and NAME.fullmatch(path.stem) is not None


def read_comparison(path: Path) -> ImportedFiles:
    """Return the `comparison` product of a file, in order of mass.

    InputError if the name tells too little, or a line is not two numbers above zero; it names the line and column.
    """
    parts = NAME.fullmatch(path.stem)
    if parts is None:
        raise InputError(f"{path}: the name of a comparison limit tells what it is: {FORM}")
    doubled, experiment, year, target, level = parts.groups()
    confidence_level = float(level) / (100.0 if float(level) > 1.0 else 1.0)
    if not 0.0 < confidence_level < 1.0:
        raise InputError(f"{path}: a confidence level of {level} is told by the name; 0 to 100 is allowed")
    rows = sorted(_rows(path))
    if not rows:
        raise InputError(f"{path}: holds no row of mass and cross section")
    key = {
        "channel": _channel(path, doubled),
        "experiment": experiment,
        "year": year,
        "target": target,
        "confidence_level": confidence_level,
    }
    mass, sigma_v = zip(*rows, strict=True)
    table = pa.table({"mass": list(mass), "sigma_v": list(sigma_v)})
    product = ImportedProduct(ProductKey("comparison", key), table)
    return ImportedFiles("comparison", (path,), "core.published.limit_files", (product,), len(rows))


def _channel(path: Path, doubled: str) -> Channel:
    half = doubled[: len(doubled) // 2]
    names = [half, doubled] if doubled == 2 * half else [doubled]
    for name in names:
        try:
            return canonical_channel(name)
        except PhysicsError as error:
            unknown = error
    raise InputError(f"{path}: its name begins with an {unknown}")


def _rows(path: Path) -> list[tuple[float, float]]:
    """Return mass and cross section of each row; a first row of words may name the columns, in either order."""
    rows, _ = text_rows(read_text(path, MOST_CATALOGUE))
    names = [cell.lower() for cell in rows[0].cells] if rows else []
    is_header = len(names) == len(COLUMNS) and all(math.isnan(_number(name)) for name in names)
    is_reversed = is_header and "mass" in names[1] and "mass" not in names[0]
    values = [_row(path, row, COLUMNS[::-1] if is_reversed else COLUMNS) for row in rows[is_header:]]
    return [(second, first) if is_reversed else (first, second) for first, second in values]


def _number(cell: str) -> float:
    """Return a cell as a number, NaN if it is none."""
    try:
        return float(cell)
    except ValueError:
        return math.nan


def _row(path: Path, row: Row, columns: tuple[str, ...]) -> tuple[float, float]:
    if len(row.cells) != len(columns):
        raise InputError(
            f"{path}: line {row.number} has {len(row.cells)} values between commas; mass and cross section are due"
            f"{of_decimal_commas(row.cells, len(columns))}"
        )
    first, second = (_number(cell) for cell in row.cells)
    for column, cell, value in zip(columns, row.cells, (first, second), strict=True):
        if not 0.0 < value < math.inf:
            raise InputError(f"{path}: line {row.number}: the {column} is {cell!r}; a number above zero is due")
    return first, second
