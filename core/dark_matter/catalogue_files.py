"""Catalogues of dwarf galaxies in whatever table they stand: text, ECSV, FITS, VOTable or Parquet, as named columns.

In text what follows "#" is left out, and columns are parted by commas, semicolons or tabs. Names of columns are taken
in any letter case. Positions may be in degrees or as 17:20:12.4 and +57:54:55.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.dark_matter.channels import listed
from core.errors import InputError
from core.files import MOST_CATALOGUE, TORN_PARQUET, check_file, of_decimal_commas, read_parquet, read_text, text_rows

if TYPE_CHECKING:
    import pandas as pd


ECSV = "# %ECSV"
BINARY = {b"PAR1": "parquet", b"SIMPLE  =": "fits", b"<?xml": "votable", b"\x1f\x8b": "packed", b"PK\x03\x04": "packed"}
NOT_GIVEN = frozenset({"", "nan", "na", "n/a", "null", "none", "--", "-", '""'})
# What other catalogues call our columns, in the order in which they are looked for.
OTHER_NAMES: Mapping[str, tuple[str, ...]] = {
    "source": ("name", "object", "galaxy", "id", "key", "target"),
    "ra_deg": ("ra", "raj2000", "ra_j2000", "_raj2000", "right_ascension", "alpha"),
    "dec_deg": ("dec", "dej2000", "decj2000", "dec_j2000", "_dej2000", "declination", "delta"),
    "distance_kpc": ("distance", "dist", "dist_kpc", "d_kpc", "d"),
    "half_light_radius_arcmin": ("rhalf", "rhalf_arcmin", "r_half", "rh", "half_light_radius", "rhalf_sph"),
}
POSITIONS: Mapping[str, float] = {"ra_deg": 15.0, "dec_deg": 1.0}  # degrees of a whole sexagesimal unit
UNITS: Mapping[str, str] = {"_kpc": "kpc", "_arcmin": "arcmin", "_deg": "deg"}
_SEXAGESIMAL = re.compile(r"([+\-−]?)\s*(\d{1,3})\s*[:hd° ]\s*(\d{1,2})\s*[:m'′ ]\s*(\d{1,2}(?:\.\d*)?)\s*[s\"″]?")


def catalogue_table(path: Path, headless: list[str]) -> pd.DataFrame:
    """Return the columns of a catalogue; text without a header that has as many columns as `headless` has their names.

    Numbers stand as written where a column may hold words. InputError says why a file is no catalogue.
    """
    try:
        check_file(path, MOST_CATALOGUE)
    except InputError as error:
        raise InputError(f"cannot read the source catalogue {str(error).removeprefix('cannot read ')}") from error
    with path.open("rb") as file:
        begin = file.read(len(b"SIMPLE  ="))
    kind = next((kind for magic, kind in BINARY.items() if begin.startswith(magic)), "text")
    if kind == "packed":
        raise InputError(f"{path} is packed, or a spreadsheet: unpack it, or save it as CSV")
    if kind == "parquet":
        return _named(_of_parquet(path), path)
    if kind != "text":
        return _named(_of_astropy(path, kind), path)
    text = read_text(path, MOST_CATALOGUE)
    if text.startswith(ECSV):
        return _named(_of_astropy(path, "ascii.ecsv"), path)
    return _of_text(path, text, headless)


def _of_text(path: Path, text: str, headless: list[str]) -> pd.DataFrame:
    import pandas as pd

    rows, mark = text_rows(text)
    if not rows or len(rows[0].cells) < 2:
        raise InputError(f"{path} is not a source catalogue: it holds no rows of values between commas")
    first = [cell.strip().lower() for cell in rows[0].cells]
    known = {"source", *OTHER_NAMES["source"]}
    if known & set(first):
        names, rows = rows[0].cells, rows[1:]
    elif len(first) == len(headless):
        names = headless
    else:
        raise InputError(
            f"{path} is not a source catalogue: its first line has neither the header source,ra_deg,dec_deg,... "
            f"nor the {len(headless)} columns of the published source list"
        )
    for number, cells in rows:
        if len(cells) != len(names):
            what = of_decimal_commas(cells, len(names)) if mark == "," else ""
            raise InputError(f"{path}: line {number} has {len(cells)} values, the first has {len(names)}{what}")
    columns = {name: [row.cells[index] for row in rows] for index, name in enumerate(names)}
    if len(columns) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(f"{path} names the column {twice} twice")
    return _named(pd.DataFrame({name: _given(name, values) for name, values in columns.items()}, dtype=object), path)


def _given(name: str, values: list[str]) -> list[Any]:
    """Return the cells of a column, NaN where nothing is given; names of galaxies as they are."""
    if name.strip().lower() == "source":
        return list(values)
    return [np.nan if value.lower() in NOT_GIVEN else value for value in values]


def _of_parquet(path: Path) -> pd.DataFrame:
    import pandas as pd

    table = read_parquet(path)
    try:
        return pd.DataFrame(table.to_pandas())
    except TORN_PARQUET as error:
        raise InputError(f"{path}: is no table of galaxies: {error}") from error


def _of_astropy(path: Path, form: str) -> pd.DataFrame:
    """Return a table that astropy reads, its columns in the units that their names say."""
    import pandas as pd
    from astropy import units  # half a second that other catalogues need not wait
    from astropy.table import QTable

    try:
        table = QTable.read(path, format=form)
        columns: dict[str, Any] = {}
        for name in table.colnames:
            values, unit = table[name], _unit_of(name)
            if unit is not None and isinstance(values, units.Quantity) and values.unit != units.dimensionless_unscaled:
                values = values.to_value(unit)
            columns[name] = [_plain(value) for value in np.asarray(np.ma.filled(values, _blank(values)))]
    except Exception as error:  # astropy raises of every kind on what it cannot read
        raise InputError(f"{path} cannot be read as a table ({form}): {error}") from error
    return pd.DataFrame(columns)


def _unit_of(name: str) -> str | None:
    ours = _ours(name)
    return next((unit for ending, unit in UNITS.items() if ours.endswith(ending) and not ours.startswith("log")), None)


def _blank(values: Any) -> Any:
    return np.nan if getattr(values, "dtype", np.dtype("O")).kind == "f" else None


def _plain(value: Any) -> Any:
    value = value.item() if isinstance(value, np.generic) else value
    return value.decode("utf-8", "replace").strip() if isinstance(value, bytes) else value


def _ours(name: str) -> str:
    """Return our name of a column in any letter case; that of positions and names as others call them too."""
    plain = name.strip().lower()
    others = {other: ours for ours in ("source", "ra_deg", "dec_deg") for other in OTHER_NAMES[ours]}
    return others.get(plain, plain)


def _named(table: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Return a table with our names of columns, and positions in degrees."""
    renamed = {name: _ours(str(name)) for name in table.columns}
    taken = {str(name).strip().lower() for name in table.columns}
    for name, ours in renamed.items():
        if ours != str(name).strip().lower() and ours in taken:
            renamed[name] = str(name).strip().lower()
    table = table.rename(columns=renamed)
    if table.columns.has_duplicates:
        twice = table.columns[table.columns.duplicated()][0]
        raise InputError(f"{path} names the column {twice} twice")
    for name, unit in POSITIONS.items():
        if name in table:
            table[name] = [_degrees(value, unit) for value in table[name]]
    if "source" in table:
        table["source"] = [None if value is None or value is np.nan else str(value) for value in table["source"]]
    return table


def _degrees(value: Any, unit: float) -> Any:
    """Return a position in degrees where it is written as hours or degrees, minutes and seconds, else as it is."""
    if not isinstance(value, str):
        return value
    match = _SEXAGESIMAL.fullmatch(value.strip())
    if match is None:
        return value
    sign, whole, minutes, seconds = match.groups()
    size = int(whole) + int(minutes) / 60.0 + float(seconds) / 3600.0
    in_degrees = unit == 15.0 and re.search("[d°]", value) is not None
    return (-size if sign in ("-", "−") else size) * (1.0 if in_degrees else unit)


def missing_columns(found: list[str], needed: tuple[str, ...]) -> str:
    """Return the columns that are missing in words, with those that may be meant; empty if none is missing."""
    named = []
    for name in (name for name in needed if name not in found):
        meant = [other for other in OTHER_NAMES.get(name, ()) if other in found]
        meant = meant or difflib.get_close_matches(name, [one for one in found if one not in needed], 1, 0.6)
        named.append(f"{name} (is it {meant[0]}?)" if meant else name)
    return listed(named) if named else ""
