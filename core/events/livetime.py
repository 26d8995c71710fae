"""Good runs: which runs of a season count, and how long the detector was live in them."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.errors import InputError
from core.events.ranges import RANGES
from core.events.skylab import read_structured_array, require_numbers, season_of, whole_numbers
from core.units import DAY

GOOD_RUN_SCHEMA: pa.Schema = pa.schema(
    [
        pa.field("season", pa.string(), nullable=False),
        pa.field("run", pa.int64(), nullable=False),
        pa.field("mjd_start", pa.float64(), nullable=False),
        pa.field("mjd_stop", pa.float64(), nullable=False),
        pa.field("livetime", pa.float64(), nullable=False),
        pa.field("n_events", pa.int64(), nullable=False),
    ]
)
_PUBLISHED_COLUMNS = ("run", "start", "stop", "livetime", "events")
# A run's livetime may exceed its length by the rounding of its times, a second or so.
MOST_EXCESS = 2.0


def read_good_runs(path: str | Path, season: str | None = None) -> pa.Table:
    """Return the good runs of a skylab-style `.npy`: run, start, stop (MJD), livetime (days), events.

    The season is told by the file's name unless it is given. Raises InputError for missing columns, runs listed twice,
    times that are none, and livetimes that are negative or longer than their runs, or than the time that passed in all.
    """
    path = Path(path)
    runs = read_structured_array(path)
    require_numbers(runs, _PUBLISHED_COLUMNS, str(path))
    livetime = runs["livetime"].astype(np.float64) * DAY
    start, stop = runs["start"].astype(np.float64), runs["stop"].astype(np.float64)
    _refuse_times(path, runs["run"], start, stop)
    length = (stop - start) * DAY
    # Numbers of 4 bytes hold a date to some minutes.
    rounding = sum(np.spacing(np.abs(runs[name])).astype(np.float64) for name in ("start", "stop")) * DAY
    is_wrong = ~((livetime >= 0.0) & (livetime <= length + rounding + MOST_EXCESS))
    if is_wrong.any():
        raise InputError(
            f"{path}: run {runs['run'][is_wrong][0]} is live for {livetime[is_wrong][0]:.1f} s of "
            f"{length[is_wrong][0]:.1f} s, and so are {np.count_nonzero(is_wrong) - 1} more: livetimes are due in days"
        )
    numbers, counts = np.unique(runs["run"], return_counts=True)
    if (counts > 1).any():
        raise InputError(f"{path}: run {numbers[counts > 1][0]} is listed {counts.max()} times")
    columns = {
        "season": [season or season_of(path)] * len(runs),
        "run": whole_numbers(runs["run"], "run", str(path)),
        "mjd_start": start,
        "mjd_stop": stop,
        "livetime": livetime,
        "n_events": whole_numbers(runs["events"], "events", str(path)),
    }
    good_runs = pa.table(columns, schema=GOOD_RUN_SCHEMA)
    refuse_overlap(good_runs, str(path), float(rounding.max(initial=0.0)))
    return good_runs


def _refuse_times(path: Path, runs: NDArray[Any], start: NDArray[np.float64], stop: NDArray[np.float64]) -> None:
    """Raise InputError for a run that begins or ends at no time, or before it begins."""
    for name, values in (("start", start), ("stop", stop)):
        outside = RANGES["mjd"].is_outside(values)
        if outside.any():
            row = int(np.argmax(outside))
            cause = RANGES["mjd"].cause(float(values[row]))
            raise InputError(
                f"{path}: column {name} is {values[row]} in row {row + 1}, of run {runs[row]}: "
                f"{RANGES['mjd'].allowed} are due{f'; {cause}' if cause else ''}"
            )
    if (stop < start).any():
        row = int(np.argmax(stop < start))
        raise InputError(f"{path}: run {runs[row]} in row {row + 1} stops before it starts")


def refuse_overlap(good_runs: pa.Table, source: str, slack: float = 0.0) -> None:
    """Raise InputError if good runs are live for longer than time passed in them: some stand twice or overlap.

    `slack`: how far (s) the times of a run may be off, beside MOST_EXCESS.
    """
    order = np.argsort(good_runs["mjd_start"].to_numpy(), kind="stable")
    start, stop = (good_runs[name].to_numpy()[order] for name in ("mjd_start", "mjd_stop"))
    latest = np.maximum.accumulate(stop)
    before = np.concatenate([start[:1], latest[:-1]])
    elapsed = float(np.maximum(stop - np.maximum(start, before), 0.0).sum()) * DAY
    livetime = total_livetime(good_runs)
    if livetime <= elapsed + len(start) * (MOST_EXCESS + slack):
        return
    run, season = (good_runs[name].take(pa.array(order)).to_pylist() for name in ("run", "season"))
    overlap = np.minimum(stop, before) - start
    second = int(np.argmax(overlap[1:])) + 1
    first = int(np.argmax(stop[:second]))
    raise InputError(
        f"{source}: good runs are live for {livetime / DAY:.4g} days within {elapsed / DAY:.4g} days: "
        f"run {run[second]} of {season[second]} starts before run {run[first]} of {season[first]} stops"
    )


def livetime_per_season(good_runs: pa.Table) -> dict[str, float]:
    """Return the livetime in s of each season, in order of their names."""
    totals = good_runs.group_by("season").aggregate([("livetime", "sum")]).sort_by("season")
    return dict(zip(totals["season"].to_pylist(), totals["livetime_sum"].to_pylist(), strict=True))


def total_livetime(good_runs: pa.Table) -> float:
    """Return the livetime in s of all good runs."""
    return float(pc.sum(good_runs["livetime"], min_count=0).as_py())


def in_good_runs(events: pa.Table, good_runs: pa.Table) -> pa.Table:
    """Return the events of good runs; those of other runs are left out."""
    return events.filter(pc.is_in(events["run"], value_set=good_runs["run"].combine_chunks()))
