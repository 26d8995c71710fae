"""Measured events and good runs of the ten-year point-source release, as tables that a sample of one's own is made of.

The release numbers neither events nor runs. A run here is a row of the season's uptime, an event a row of its file.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.errors import InputError
from core.events.columns import event_table
from core.events.livetime import GOOD_RUN_SCHEMA, refuse_overlap
from core.events.point_source_release import EVENT_COLUMNS, UPTIME_COLUMNS, PointSourceSeason, read_point_source_table
from core.units import DAY, DEGREE

Reals = NDArray[np.float64]

RUNS_A_YEAR = 1_000_000  # numbers of runs that each season has to itself
# Declination of date is zenith - 90 deg at the Pole; that of J2000 is 0.1 deg away after twenty years.
MOST_FROM_ZENITH_DEG = 0.5
# What tells an event: it stands twice if all of these are the same.
SAME_EVENT = ("mjd", "reco_energy", "reco_ra", "reco_dec")


def read_uptime(folder: Path, season: PointSourceSeason) -> pa.Table:
    """Return the good runs of a season in time order, live throughout; their events are not counted yet.

    InputError for runs that stop before they start, and for runs that overlap.
    """
    path = season.uptime_file(folder)
    columns = read_point_source_table(path, UPTIME_COLUMNS)
    start, stop = (columns[name] for name in UPTIME_COLUMNS)
    if (stop < start).any():
        row = int(np.argmax(stop < start))
        raise InputError(f"{path}: row {row + 1} stops at {stop[row]}, before it starts at {start[row]}: MJD in days?")
    if len(start) >= RUNS_A_YEAR:
        raise InputError(f"{path}: has {len(start)} rows; fewer than {RUNS_A_YEAR} runs a season are due")
    order = np.argsort(start, kind="stable")
    runs = {
        "season": [season.name] * len(start),
        "run": season.year * RUNS_A_YEAR + 1 + order,
        "mjd_start": start[order],
        "mjd_stop": stop[order],
        "livetime": (stop - start)[order] * DAY,
        "n_events": np.zeros(len(start), dtype=np.int64),
    }
    table = pa.table(runs, schema=GOOD_RUN_SCHEMA)
    refuse_overlap(table, str(path))
    return table


def read_point_source_events(folder: Path, season: PointSourceSeason, good_runs: pa.Table) -> pa.Table:
    """Return the measured events of a season in the canonical schema; those outside good runs are of a run 0 of it.

    InputError, with file, column, row and value, for what no event of the release can be.
    """
    path = season.events_file(folder)
    columns = read_point_source_table(path, EVENT_COLUMNS)
    mjd, zenith_deg, dec_deg = (columns[name] for name in ("MJD[days]", "Zenith[deg]", "Dec[deg]"))
    _refuse_other_pole(path, zenith_deg, dec_deg)
    return event_table(
        "data",
        {
            "season": [season.name] * len(mjd),
            "run": _run_of(mjd, good_runs, season),
            "event": np.arange(1, len(mjd) + 1),
            "sub_event": np.zeros(len(mjd), dtype=np.int64),
            "mjd": mjd,
            "reco_zenith": zenith_deg * DEGREE,
            "reco_azimuth": columns["Azimuth[deg]"] * DEGREE,
            "reco_ra": columns["RA[deg]"] * DEGREE,
            "reco_dec": dec_deg * DEGREE,
            "reco_energy": 10.0 ** columns["log10(E/GeV)"],
            "angular_error": columns["AngErr[deg]"] * DEGREE,
            "event_class": ["track"] * len(mjd),
        },
        str(path),
    )


def without_repeated(seasons: Sequence[pa.Table]) -> list[pa.Table]:
    """Return tables of events without those that stand there before, in the same season or an earlier one.

    The release says that one event of 2015 stands twice.
    """
    columns = [np.concatenate([table[name].to_numpy() for table in seasons]) for name in SAME_EVENT]
    _, first = np.unique(np.stack(columns, axis=1), axis=0, return_index=True)
    is_first = np.zeros(len(columns[0]), dtype=np.bool_)
    is_first[first] = True
    ends = np.cumsum([table.num_rows for table in seasons])[:-1]
    return [table.filter(pa.array(kept)) for table, kept in zip(seasons, np.split(is_first, ends), strict=True)]


def counted(good_runs: pa.Table, events: pa.Table) -> pa.Table:
    """Return good runs with the number of measured events in each."""
    run, measured = good_runs["run"].to_numpy(), np.sort(events["run"].to_numpy())
    n_events = np.searchsorted(measured, run, side="right") - np.searchsorted(measured, run, side="left")
    position = good_runs.schema.get_field_index("n_events")
    return good_runs.set_column(position, good_runs.schema.field("n_events"), pa.array(n_events, pa.int64()))


def _run_of(mjd: Reals, good_runs: pa.Table, season: PointSourceSeason) -> NDArray[np.int64]:
    """Return the run of each time (n,): of the good runs in time order, or the season's run 0, which is not good."""
    start, stop, run = (good_runs[name].to_numpy() for name in ("mjd_start", "mjd_stop", "run"))
    last = np.searchsorted(start, mjd, side="right") - 1
    inside = (last >= 0) & (mjd <= stop[last])
    return np.asarray(np.where(inside, run[last], season.year * RUNS_A_YEAR), dtype=np.int64)


def _refuse_other_pole(path: Path, zenith_deg: Reals, dec_deg: Reals) -> None:
    """Raise InputError unless declinations are those that the South Pole sees at the zenith angles."""
    away = np.abs(dec_deg - (zenith_deg - 90.0))
    if np.median(away) > MOST_FROM_ZENITH_DEG:
        row = int(np.argmax(away > MOST_FROM_ZENITH_DEG))
        raise InputError(
            f"{path}: column Dec[deg] is {dec_deg[row]} in row {row + 1} where Zenith[deg] is {zenith_deg[row]}: at "
            f"the South Pole the zenith less 90 is due, within {MOST_FROM_ZENITH_DEG} deg; columns in another order?"
        )
