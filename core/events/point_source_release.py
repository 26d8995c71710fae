"""IceCube's ten-year point-source release of tracks: which files it has, by season, and how its tables are read.

"All-sky point-source IceCube data: years 2008-2018", DOI 10.21234/sxvs-mt83, arXiv:2101.09836. Names and units of the
columns are those of its readme: `events/` measured events, `uptime/` good runs, `irfs/` effective areas and smearing.
"""

import bz2
import gzip
import lzma
import warnings
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.dark_matter.channels import listed
from core.errors import InputError
from core.events.binned_releases import release_file
from core.events.columns import require_columns
from core.events.ranges import refuse_values
from core.files import check_file

if TYPE_CHECKING:
    import pandas as pd

Reals = NDArray[np.float64]

CITATION = "IceCube public data release, DOI 10.21234/sxvs-mt83, arXiv:2101.09836"
EVENTS, UPTIME, RESPONSES = "events", "uptime", "irfs"

EVENT_COLUMNS = ("MJD[days]", "log10(E/GeV)", "AngErr[deg]", "RA[deg]", "Dec[deg]", "Azimuth[deg]", "Zenith[deg]")
UPTIME_COLUMNS = ("MJD_start[days]", "MJD_stop[days]")
TRUE_COLUMNS = ("log10(E_nu/GeV)_min", "log10(E_nu/GeV)_max", "Dec_nu_min[deg]", "Dec_nu_max[deg]")
AREA_COLUMNS = (*TRUE_COLUMNS, "A_Eff[cm^2]")
RECO_COLUMNS = (
    *("log10(E/GeV)_min", "log10(E/GeV)_max", "PSF_min[deg]", "PSF_max[deg]"),
    *("AngErr_min[deg]", "AngErr_max[deg]"),
)
SMEARING_COLUMNS = (*TRUE_COLUMNS, *RECO_COLUMNS, "Fractional_Counts")

MOST_HEAD = 4096  # letters of the line that names the columns
_OPENERS: Mapping[str, Callable[..., Any]] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}


@dataclass(frozen=True)
class PointSourceSeason:
    """A season: what the release calls it, the year of its start, and the season whose response is its own."""

    release_name: str
    year: int
    response_name: str

    @property
    def name(self) -> str:
        """What the season is called here, IC86_2011: configuration of the detector and year of its start."""
        return f"{self.release_name.partition('_')[0]}_{self.year}"

    def events_file(self, folder: Path) -> Path:
        """Return the file of measured events; InputError if it is not there."""
        return release_file(folder / EVENTS, f"{self.release_name}_exp.csv")

    def uptime_file(self, folder: Path) -> Path:
        """Return the file of good runs; InputError if it is not there."""
        return release_file(folder / UPTIME, f"{self.release_name}_exp.csv")

    def area_file(self, folder: Path) -> Path:
        """Return the file of the effective area; InputError if it is not there."""
        return release_file(folder / RESPONSES, f"{self.response_name}_effectiveArea.csv")

    def smearing_file(self, folder: Path) -> Path:
        """Return the file of the smearing matrix; InputError if it is not there."""
        return release_file(folder / RESPONSES, f"{self.response_name}_smearing.csv")


# Detector and selection did not change after the season of 2012: its response serves all later ones.
POINT_SOURCE_SEASONS: tuple[PointSourceSeason, ...] = (
    PointSourceSeason("IC40", 2008, "IC40"),
    PointSourceSeason("IC59", 2009, "IC59"),
    PointSourceSeason("IC79", 2010, "IC79"),
    PointSourceSeason("IC86_I", 2011, "IC86_I"),
    PointSourceSeason("IC86_II", 2012, "IC86_II"),
    PointSourceSeason("IC86_III", 2013, "IC86_II"),
    PointSourceSeason("IC86_IV", 2014, "IC86_II"),
    PointSourceSeason("IC86_V", 2015, "IC86_II"),
    PointSourceSeason("IC86_VI", 2016, "IC86_II"),
    PointSourceSeason("IC86_VII", 2017, "IC86_II"),
)


def check_release(folder: Path, seasons: Sequence[PointSourceSeason] = POINT_SOURCE_SEASONS) -> None:
    """Raise InputError unless a folder holds every file of the seasons."""
    if not folder.is_dir():
        raise InputError(
            f"{folder}: is no folder; the one with {EVENTS}, {UPTIME} and {RESPONSES} of the release is due"
        )
    if missing := [name for name in (EVENTS, UPTIME, RESPONSES) if not (folder / name).is_dir()]:
        raise InputError(f"{folder}: lacks the folders {listed(missing)} of the ten-year point-source release")
    for season in seasons:
        for find in (season.events_file, season.uptime_file, season.area_file, season.smearing_file):
            find(folder)


def seasons_named(names: Sequence[str]) -> tuple[PointSourceSeason, ...]:
    """Return seasons by their names in the release, in its order; all without a name. InputError for another name."""
    known = [season.release_name for season in POINT_SOURCE_SEASONS]
    if unknown := [name for name in names if name not in known]:
        raise InputError(
            f"there is no season {unknown[0]!r} in the ten-year point-source release: it has {listed(known)}"
        )
    return tuple(season for season in POINT_SOURCE_SEASONS if not names or season.release_name in names)


def read_point_source_table(path: Path, needed: Sequence[str]) -> dict[str, Reals]:
    """Return columns of a table of the release by name, each (n_rows,), in its own units.

    InputError names file, column, row and value for what is missing, is no number, or cannot be.
    """
    frame = _frame(path, needed)
    if not len(frame):
        raise InputError(f"{path}: names columns and has no rows below them")
    columns = {name: _numbers(frame, name, path) for name in needed}
    is_empty = _is_empty_cell(columns)
    for name, values in columns.items():
        refuse_values(name, np.where(is_empty, _first_filled(values, is_empty), values), str(path))
    return columns


def _is_empty_cell(columns: dict[str, Reals]) -> NDArray[np.bool_]:
    """Return which rows (n_rows,) stand for a cell of a smearing matrix without simulated events: all edges are 0."""
    if not all(name in columns for name in RECO_COLUMNS):
        return np.zeros(len(next(iter(columns.values()))), dtype=np.bool_)
    found = np.all([columns[name] == 0.0 for name in (*RECO_COLUMNS, "Fractional_Counts")], axis=0)
    return np.asarray(found & ~found.all(), dtype=np.bool_)


def _first_filled(values: Reals, is_empty: NDArray[np.bool_]) -> float:
    return float(values[np.argmin(is_empty)])


def _frame(path: Path, needed: Sequence[str]) -> "pd.DataFrame":
    """Return the rows of a table whose columns are parted by blanks and named in the first line, behind "#" or not."""
    import pandas as pd

    check_file(path)
    try:
        with _OPENERS.get(path.suffix, open)(path, "rt", encoding="utf-8-sig") as file:
            head = file.readline(MOST_HEAD)
        names = head.replace("#", " ").replace(",", " ").split()
        require_columns(names, needed, str(path))
        mark = "," if "," in head else r"\s+"
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            return pd.read_csv(path, sep=mark, header=None, names=names, skiprows=1, comment="#", index_col=False)
    except InputError:
        raise
    except (OSError, EOFError, ValueError, lzma.LZMAError, zlib.error, pd.errors.ParserWarning) as error:
        reason = " ".join(str(getattr(error, "strerror", None) or error).split())
        raise InputError(f"cannot read {path}: {reason}") from error


def _numbers(frame: "pd.DataFrame", name: str, path: Path) -> Reals:
    """Return a column as numbers; InputError for a value that is none."""
    import pandas as pd

    numbers = pd.to_numeric(frame[name], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = ~np.isfinite(numbers)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise InputError(
            f"{path}: column {name} is {str(frame[name].iloc[row])[:40]!r} in row {row + 1}, which is no finite number"
        )
    return numbers
