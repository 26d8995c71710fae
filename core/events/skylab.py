"""Event samples as the published analysis kept them: skylab-style structured `.npy`, one file a season.

Data columns: run, event, subevent, ra, dec, azi, zen (rad), time (MJD), logE (log10 GeV), angErr (rad); simulation
also trueRa, trueDec (rad), trueE (GeV) and ow (GeV cm² sr).
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.dark_matter.channels import Flavour
from core.errors import InputError
from core.events.columns import Kind, event_schema, event_table, require_columns
from core.files import read_array

_DATA_COLUMNS: Mapping[str, str] = {
    "run": "run",
    "event": "event",
    "sub_event": "subevent",
    "mjd": "time",
    "reco_zenith": "zen",
    "reco_azimuth": "azi",
    "reco_ra": "ra",
    "reco_dec": "dec",
    "angular_error": "angErr",
}
_MC_COLUMNS: Mapping[str, str] = {"true_ra": "trueRa", "true_dec": "trueDec", "true_energy": "trueE"}
_LOG_ENERGY, _ONEWEIGHT = "logE", "ow"
_COMPUTED_FROM: dict[str, str] = {"reco_energy": f"10^{_LOG_ENERGY}", "weight": _ONEWEIGHT}
_SEASON = re.compile(r"(?i)\b(IC\d+)[-_., ]?((?:19|20)\d\d)(?!\d)")

MOST_WHOLE = 2.0**63

# The published conversion multiplied OneWeight by 2.
PUBLISHED_ONEWEIGHT_SCALE = 0.5
# The published analysis multiplies reconstructed energies by 1.04 in the seasons after 2015.
PUBLISHED_ENERGY_SCALE: Mapping[str, float] = {"IC86_2016": 1.04, "IC86_2017": 1.04}


def read_skylab(
    path: str | Path,
    kind: Kind,
    oneweight_scale: float | None = None,
    energy_scale: Mapping[str, float] | None = None,
    season: str | None = None,
    flavour: Flavour | None = None,
) -> pa.Table:
    """Return the events of a skylab-style `.npy` in the canonical schema.

    `oneweight_scale` multiplies `ow` and must be told for simulation: PUBLISHED_ONEWEIGHT_SCALE for the published
    files. `energy_scale` multiplies reconstructed energies by season (seasons not named: 1). The season is told by the
    file's name unless given. `flavour`: the species of all events of a simulation, where the files are kept apart by
    species. Raises InputError naming missing columns, and for values that no event can have.
    """
    path = Path(path)
    schema = event_schema(kind)
    events = read_structured_array(path)
    _require_stored_columns(events, kind, path)
    names = _stored_names(kind)
    season = season or season_of(path)
    columns: dict[str, Any] = {name: _native(events[stored], schema, name, str(path)) for name, stored in names.items()}
    scale = (energy_scale or {}).get(season, 1.0)
    columns["reco_energy"] = scale * 10.0 ** events[_LOG_ENERGY].astype(np.float64)
    columns["season"] = [season] * len(events)
    if kind == "mc":
        if oneweight_scale is None or not oneweight_scale > 0.0:
            raise InputError(
                f"{path}: the scale of {_ONEWEIGHT} is {oneweight_scale}, a number above 0 is due: "
                f"{PUBLISHED_ONEWEIGHT_SCALE} for files of the published conversion, which doubled it"
            )
        columns["weight"] = oneweight_scale * events[_ONEWEIGHT].astype(np.float64)
        columns["flavour"] = None if flavour is None else [flavour] * len(events)
    return event_table(kind, columns, str(path), names | _COMPUTED_FROM)


def season_of(path: str | Path) -> str:
    """Return the season that a file's name tells, such as IC86_2011; InputError if it tells none."""
    match = _SEASON.search(Path(path).name.replace("_", " "))
    if match is None:
        raise InputError(f"the name of {path} tells no season such as IC86_2011: give the season")
    return f"{match[1].upper()}_{match[2]}"


def canonical_names() -> dict[str, str]:
    """Return our name of each column of such files, of those computed from another too, by its name there."""
    names = {stored: ours for ours, stored in _stored_names("mc").items()}
    return names | {_ONEWEIGHT: "weight"}


def check_skylab(path: str | Path, kind: Kind) -> None:
    """Raise InputError unless the file is a whole structured array with the columns that read_skylab needs."""
    _require_stored_columns(read_structured_array(path, mapped=True), kind, Path(path))


def _stored_names(kind: Kind) -> dict[str, str]:
    return dict(_DATA_COLUMNS) | (dict(_MC_COLUMNS) if kind == "mc" else {})


def _require_stored_columns(events: NDArray[Any], kind: Kind, path: Path) -> None:
    required = [*_stored_names(kind).values(), _LOG_ENERGY, *([_ONEWEIGHT] if kind == "mc" else [])]
    require_numbers(events, required, str(path))


def require_numbers(events: NDArray[Any], names: Sequence[str], source: str) -> None:
    """Raise InputError unless a structured array has the columns that are named, each of one number a row."""
    require_columns(events.dtype.names or (), names, source)
    for name in names:
        dtype = events.dtype[name]
        if dtype.kind not in "iuf" or dtype.shape:
            raise InputError(f"{source}: column {name} is of the type {dtype}, one number a row is due")


def read_structured_array(path: str | Path, mapped: bool = False) -> NDArray[Any]:
    """Return the structured array of an `.npy` file, (n_rows,), `mapped` without reading it; InputError for others.

    Pickled objects are refused: they could run code.
    """
    array = read_array(Path(path), mapped)
    if array.dtype.names is None or array.ndim != 1:
        raise InputError(f"{path} holds {array.shape} of {array.dtype}: rows of named columns are due")
    return array


def whole_numbers(values: NDArray[Any], name: str, source: str) -> NDArray[np.int64]:
    """Return a column of whole numbers, however it was stored; InputError for others, and for those beyond 8 bytes."""
    wrong = (values != np.trunc(values)) | (np.abs(values.astype(np.float64)) >= MOST_WHOLE)
    if wrong.any():
        raise InputError(f"{source}: column {name} holds {values[wrong][0]}, whole numbers are due")
    return values.astype(np.int64)


def _native(values: NDArray[Any], schema: pa.Schema, name: str, source: str) -> NDArray[Any]:
    """Return a column in this machine's byte order and the schema's type."""
    if pa.types.is_integer(schema.field(name).type):
        return whole_numbers(values, name, source)
    return values.astype(np.float64)
