"""Events and good runs of the ten-year point-source release, in the schema and units of this package."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from core.coordinates import angular_separation, local_to_equatorial
from core.errors import InputError
from core.events.livetime import in_good_runs, total_livetime
from core.events.point_source_events import counted, read_point_source_events, read_uptime, without_repeated
from core.events.point_source_release import EVENT_COLUMNS, POINT_SOURCE_SEASONS, UPTIME_COLUMNS
from core.units import DAY, DEGREE
from tests.drawn_point_source import N_RUNS, RUN_DAYS, event_rows, uptime_rows, write_drawn_point_source, write_table

SEASON = POINT_SOURCE_SEASONS[3]


def season_tables(folder: Path, rows: np.ndarray | None = None, runs: np.ndarray | None = None) -> tuple[pa.Table, ...]:
    """Events and good runs of one season, with rows of our own."""
    write_drawn_point_source(folder, 300, (SEASON,))
    if rows is not None:
        write_table(folder / "events" / "IC86_I_exp.csv", EVENT_COLUMNS, rows)
    if runs is not None:
        write_table(folder / "uptime" / "IC86_I_exp.csv", UPTIME_COLUMNS, runs)
    good_runs = read_uptime(folder, SEASON)
    return read_point_source_events(folder, SEASON, good_runs), good_runs


def test_values_are_those_of_the_file_in_our_units(tmp_path: Path) -> None:
    events, good_runs = season_tables(tmp_path)
    rows = event_rows(SEASON, 300)
    for name, column, factor in (
        ("mjd", 0, 1.0),
        ("angular_error", 2, DEGREE),
        ("reco_ra", 3, DEGREE),
        ("reco_dec", 4, DEGREE),
        ("reco_azimuth", 5, DEGREE),
        ("reco_zenith", 6, DEGREE),
    ):
        np.testing.assert_allclose(events[name].to_numpy(), rows[:, column] * factor, rtol=1e-12)
    np.testing.assert_allclose(np.log10(events["reco_energy"].to_numpy()), rows[:, 1], rtol=1e-12)
    assert set(events["season"].to_pylist()) == {"IC86_2011"}
    assert events["event"].to_pylist() == list(range(1, 301))
    assert in_good_runs(events, good_runs).num_rows == 300


def test_the_livetime_is_the_time_in_good_runs_and_each_event_is_of_its_run(tmp_path: Path) -> None:
    runs = uptime_rows(SEASON)
    events, good_runs = season_tables(tmp_path, runs=runs[::-1])
    assert total_livetime(good_runs) == pytest.approx(N_RUNS * RUN_DAYS * DAY)
    run = np.searchsorted(runs[:, 0], events["mjd"].to_numpy()) - 1
    np.testing.assert_array_equal(events["run"].to_numpy(), good_runs["run"].to_numpy()[run])
    assert counted(good_runs, events)["n_events"].to_pylist() == np.bincount(run, minlength=N_RUNS).tolist()


def test_an_event_outside_good_runs_is_in_none(tmp_path: Path) -> None:
    rows = event_rows(SEASON, 300)
    rows[:3, 0] = uptime_rows(SEASON)[0, 0] - 1.0, uptime_rows(SEASON)[0, 1] + 0.1, uptime_rows(SEASON)[-1, 1] + 9.0
    events, good_runs = season_tables(tmp_path, rows)
    assert in_good_runs(events, good_runs)["event"].to_pylist() == list(range(4, 301))


def test_an_event_that_stands_twice_counts_once_in_one_season_or_two(tmp_path: Path) -> None:
    rows = event_rows(SEASON, 300)
    events, _ = season_tables(tmp_path, np.concatenate([rows, rows[:2]]))
    later = events.slice(298, 1)
    kept = without_repeated([events, later])
    assert [table.num_rows for table in kept] == [300, 0]
    assert kept[0].equals(events.slice(0, 300))
    assert [table.num_rows for table in without_repeated([events.slice(0, 300)])] == [300]


def test_directions_are_those_that_zenith_azimuth_and_time_give(tmp_path: Path) -> None:
    events, _ = season_tables(tmp_path)
    ra, dec = local_to_equatorial(*(events[name].to_numpy() for name in ("reco_zenith", "reco_azimuth", "mjd")))
    away = angular_separation(ra, dec, events["reco_ra"].to_numpy(), events["reco_dec"].to_numpy())
    assert away.max() < 1e-6


def test_declinations_of_another_place_are_refused(tmp_path: Path) -> None:
    rows = event_rows(SEASON, 300)
    rows[:, 4] = -rows[:, 4]
    with pytest.raises(
        InputError, match=r"IC86_I_exp\.csv: column Dec.deg. is .* in row 1 where Zenith.deg. is .*order"
    ):
        season_tables(tmp_path, rows)


def test_good_runs_follow_one_another(tmp_path: Path) -> None:
    runs = uptime_rows(SEASON)
    with pytest.raises(InputError, match=r"IC86_I_exp\.csv: row 1 stops at .* before it starts"):
        season_tables(tmp_path, runs=runs[:, ::-1])
    runs[5] = runs[4]
    with pytest.raises(InputError, match="good runs are live for 240 days within 232 days"):
        season_tables(tmp_path, runs=runs)
