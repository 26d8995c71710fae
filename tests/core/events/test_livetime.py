"""Good runs: livetimes in seconds, and only events of listed runs."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from core.errors import InputError
from core.events.livetime import GOOD_RUN_SCHEMA, in_good_runs, livetime_per_season, read_good_runs, total_livetime


def good_runs(path: Path, runs: list[int], livetime: float = 0.25, **columns: float) -> Path:
    dtype = [("run", int), ("start", float), ("stop", float), ("livetime", float), ("events", int)]
    array = np.zeros(len(runs), dtype=dtype)
    array["run"], array["start"] = runs, 56000.0 + 0.3 * np.arange(len(runs))
    array["stop"] = array["start"] + 0.3
    array["livetime"], array["events"] = livetime, 40
    for name, value in columns.items():
        array[name] = value
    np.save(path, array)
    return path


def test_livetime_in_seconds_by_season(tmp_path: Path) -> None:
    tables = [
        read_good_runs(good_runs(tmp_path / "IC86_2012_exp.npy", [1, 2])),
        read_good_runs(good_runs(tmp_path / "grl.npy", [3], 0.125), season="IC86_2011"),
    ]
    both = pa.concat_tables(tables)
    assert livetime_per_season(both) == {"IC86_2011": 10800.0, "IC86_2012": 43200.0}
    assert total_livetime(both) == 54000.0
    assert total_livetime(GOOD_RUN_SCHEMA.empty_table()) == 0.0


def test_events_of_other_runs_are_left_out(tmp_path: Path, sample) -> None:
    events = pa.concat_tables([sample("data", 5, run=run) for run in (1, 2, 3)])
    runs = read_good_runs(good_runs(tmp_path / "IC86_2012_exp.npy", [1, 3, 7]))
    assert sorted(set(in_good_runs(events, runs)["run"].to_pylist())) == [1, 3]
    assert in_good_runs(events, runs.slice(0, 0)).num_rows == 0


@pytest.mark.parametrize(
    ("livetime", "message"),
    [
        (-0.1, "run 1 is live for -8640.0 s of 25920.0 s, and so are 1 more"),
        (25920.0, "livetimes are due in days"),
        (np.nan, "run 1 is live for nan s"),
    ],
)
def test_impossible_livetime_is_refused(tmp_path: Path, livetime: float, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_good_runs(good_runs(tmp_path / "IC86_2012_exp.npy", [1, 2], livetime))


def test_run_listed_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="run 2 is listed 2 times"):
        read_good_runs(good_runs(tmp_path / "IC86_2012_exp.npy", [1, 2, 2]))


def test_missing_columns_are_named(tmp_path: Path) -> None:
    np.save(tmp_path / "IC86_2012_exp.npy", np.zeros(1, dtype=[("run", int), ("Livetime", float)]))
    with pytest.raises(InputError, match=r"lacks the columns start, stop, livetime \(is it Livetime\?\), events"):
        read_good_runs(tmp_path / "IC86_2012_exp.npy")


def test_dates_in_four_bytes_are_no_livetimes_that_exceed_their_runs(tmp_path: Path) -> None:
    whole = np.load(good_runs(tmp_path / "IC86_2012_exp.npy", [118000, 118001, 118002], 0.2999))
    narrow = [(name, "i4" if name in ("run", "events") else "f4") for name in whole.dtype.names]
    np.save(tmp_path / "IC86_2012_f4.npy", whole.astype(narrow))
    found = read_good_runs(tmp_path / "IC86_2012_f4.npy")
    assert found["run"].to_pylist() == [118000, 118001, 118002]
    assert total_livetime(found) == pytest.approx(3 * 0.2999 * 86400.0, rel=1e-6)


def test_runs_that_overlap_in_time_are_refused(tmp_path: Path) -> None:
    path = good_runs(tmp_path / "IC86_2012_exp.npy", [1, 2, 3], 0.29)
    array = np.load(path)
    array["start"][2], array["stop"][2] = array["start"][0] + 0.01, array["stop"][0] + 0.01
    np.save(path, array)
    with pytest.raises(InputError, match=r"live for 0.87 days within 0.6 days: run 3 of IC86_2012 starts before run 1"):
        read_good_runs(path)


@pytest.mark.parametrize(
    ("column", "value", "cause"),
    [("start", 2456000.5, "Julian date"), ("stop", 1.4e9, "in seconds"), ("start", 2012.0, "a year")],
)
def test_times_that_are_no_dates_are_refused(tmp_path: Path, column: str, value: float, cause: str) -> None:
    path = good_runs(tmp_path / "IC86_2012_exp.npy", [1, 2], **{column: value})
    with pytest.raises(InputError, match=rf"column {column} is {value} in row 1, of run 1: .*{cause}"):
        read_good_runs(path)
