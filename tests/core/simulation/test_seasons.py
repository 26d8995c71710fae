"""The seven simulated seasons: runs of eight hours, seven of eight good, none twice."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InputError
from core.simulation.seasons import SEASONS, known_season, simulated_good_runs, simulated_livetime, times_in_good_runs
from core.units import DAY


def test_seven_of_eight_runs_are_good() -> None:
    runs = simulated_good_runs(SEASONS[0])
    assert runs.num_rows == 365 * 3 - 365 * 3 // 8
    assert set(runs["livetime"].to_pylist()) == {DAY / 3.0}
    assert simulated_livetime(SEASONS[:1]) == pytest.approx(runs.num_rows * DAY / 3.0)
    assert simulated_livetime() == pytest.approx(7 * simulated_livetime(SEASONS[:1]), rel=1e-3)


def test_no_run_and_no_moment_is_in_two_seasons() -> None:
    seasons = [simulated_good_runs(season) for season in SEASONS]
    runs = pa.concat_tables(seasons)
    assert len(set(runs["run"].to_pylist())) == runs.num_rows
    start, stop = runs["mjd_start"].to_numpy(), runs["mjd_stop"].to_numpy()
    assert np.all(start[1:] >= stop[:-1] - 1e-9)


def test_events_are_counted_in_their_runs() -> None:
    runs = simulated_good_runs(SEASONS[1])["run"].to_numpy()
    events = pa.table({"run": np.concatenate([runs[[0, 0, 5]], [runs[-1] + 10_000]])})
    counted = simulated_good_runs(SEASONS[1], events)["n_events"].to_numpy()
    assert (counted[0], counted[5], counted.sum()) == (2, 1, 3)


@given(st.lists(st.floats(0.0, 1.0, exclude_max=True), min_size=1, max_size=20))
def test_every_time_lies_in_its_run(uniform: list[float]) -> None:
    season = simulated_good_runs(SEASONS[3]).to_pandas().set_index("run")
    runs, times = times_in_good_runs(SEASONS[3], np.array(uniform))
    found = season.loc[runs]
    assert np.all((found["mjd_start"] - 1e-9 <= times) & (times <= found["mjd_stop"] + 1e-9))


def test_times_rise_with_the_share_of_the_livetime() -> None:
    _, times = times_in_good_runs(SEASONS[0], np.linspace(0.0, 0.999, 500))
    assert np.all(np.diff(times) > 0.0)


def test_other_seasons_are_refused() -> None:
    assert known_season("IC86_2011") == "IC86_2011"
    with pytest.raises(InputError, match="unknown season 'IC86_2010' of simulated-7y: known are IC86_2011"):
        simulated_good_runs("IC86_2010")
