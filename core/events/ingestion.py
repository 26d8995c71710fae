"""One file of an event sample in any of its formats, as the canonical table with an account of its events."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from core.errors import InputError
from core.events.columns import Kind, check_event_parquet, read_event_parquet
from core.events.conversion import Conversion, convert_file
from core.events.cuts import CUT_FLOW_SCHEMA
from core.events.profiles import configured_profile
from core.events.skylab import check_skylab, read_skylab


def convert_event_file(kind: Kind, season: str, how: Mapping[str, Any], strict: bool = False) -> Conversion:
    """Return the events of one file and what became of all.

    `how` has path, format (i3, skylab or parquet), energy_scale (factor on reconstructed energies; the angular error
    stays that of the energy as it was reconstructed), for i3 `profile` (fields of KeyProfile; weights are those of the
    file alone), for skylab oneweight_scale. A damaged i3 file gives what stands before the damage, unless `strict`; a
    damaged file of another format gives nothing and raises InputError.
    """
    path, scale = Path(how["path"]), float(how["energy_scale"])
    if how["format"] == "i3":
        profile = configured_profile(how["profile"])
        conversion = convert_file(path, profile, kind, season, strict=strict)
        return replace(conversion, events=_scaled(conversion.events, scale))
    if how["format"] == "skylab":
        events = read_skylab(path, kind, how["oneweight_scale"], season=season)
    else:
        events = read_event_parquet(path, kind)
        if others := sorted(set(events["season"].unique().to_pylist()) - {season}):
            raise InputError(f"{path} holds events of season {others[0]}, by its name it is of {season}")
    n_events = events.num_rows
    return Conversion(path, _scaled(events, scale), CUT_FLOW_SCHEMA.empty_table(), n_events, n_events, 0, 0, {})


def check_event_file(path: Path, kind: Kind, file_format: str) -> None:
    """Raise InputError if a file can be seen not to hold events before it is read: columns missing, or no table."""
    if file_format == "skylab":
        check_skylab(path, kind)
    elif file_format == "parquet":
        check_event_parquet(path, kind)


def account_of(conversion: Conversion) -> dict[str, Any]:
    """Return what became of the events of a file, JSON-able."""
    return {
        "path": str(conversion.path),
        "n_read": conversion.n_read,
        "n_kept": conversion.n_kept,
        "n_cut": conversion.n_cut,
        "n_broken": conversion.n_broken,
        "problems": dict(conversion.problems),
        "damage": conversion.damage,
        "cut_flow": conversion.cut_flow.to_pylist(),
    }


def _scaled(events: pa.Table, factor: float) -> pa.Table:
    if factor == 1.0:
        return events
    position = events.schema.get_field_index("reco_energy")
    energy = pa.array(factor * np.asarray(events["reco_energy"].to_numpy()))
    return events.set_column(position, events.schema.field(position), energy)
