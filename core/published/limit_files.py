"""The published analysis' comparison limits: one csv a result, whose name tells what it is.

`<channel><channel>_<detector>_<year>_<location>_CL<level>.csv`, two columns: mass (GeV), ⟨σv⟩ (cm³/s).
"""

import math
import re
from pathlib import Path

import pyarrow as pa

from core.dark_matter.channels import Channel, canonical_channel
from core.errors import InputError, PhysicsError
from core.products.recipe import ProductKey
from core.published.imported import ImportedFiles, ImportedProduct
from core.published.text import text_lines

NAME = re.compile(
    r"([A-Za-z]+)_([A-Za-z0-9][\w.+-]*)_((?:19|20)\d\d)_([A-Za-z0-9][\w.+-]*)_CL(\d+(?:\.\d+)?)", re.ASCII
)
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
    rows = sorted(_row(path, number, line) for number, line in text_lines(path) if line and not line.startswith("#"))
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


def _row(path: Path, number: int, line: str) -> tuple[float, float]:
    cells = line.split(",")
    if len(cells) != 2:
        raise InputError(
            f"{path}: line {number} has {len(cells)} values between commas; mass and cross section are due"
        )
    for column, cell in zip(("mass", "cross section"), cells, strict=True):
        try:
            value = float(cell)
        except ValueError:
            value = math.nan
        if not 0.0 < value < math.inf:
            raise InputError(f"{path}: line {number}: the {column} is {cell.strip()!r}; a number above zero is due")
    return float(cells[0]), float(cells[1])
