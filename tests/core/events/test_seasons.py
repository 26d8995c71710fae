"""Seasons of simulation come together as the mean detector, each as long as it was live."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InputError
from core.events.seasons import mean_detector, measured_livetimes, season_shares

SEASONS = ("IC86_2011", "IC86_2012")


def test_shares_are_those_of_the_livetime() -> None:
    assert season_shares(SEASONS, {"IC86_2011": 100.0, "IC86_2012": 300.0}) == {"IC86_2011": 0.25, "IC86_2012": 0.75}


def test_a_season_without_simulation_takes_no_share() -> None:
    assert season_shares(["IC86_2011"], {"IC86_2011": 100.0, "IC86_2013": 300.0}) == {"IC86_2011": 1.0}


def test_where_no_livetime_is_told_by_season_all_count_alike() -> None:
    assert season_shares(SEASONS, 400.0) == season_shares(SEASONS, {"IC86_2013": 1.0}) == dict.fromkeys(SEASONS, 0.5)


@given(
    st.dictionaries(st.sampled_from([f"IC86_{year}" for year in range(2011, 2018)]), st.floats(1.0, 1e8), min_size=1)
)
def test_shares_sum_to_one(livetimes: dict[str, float]) -> None:
    assert sum(season_shares(livetimes, livetimes).values()) == pytest.approx(1.0)


def test_weights_are_scaled_by_the_share_of_their_season() -> None:
    parts = [
        pa.table({"season": ["IC86_2011", "IC86_2012"], "weight": [4.0, 4.0]}),
        pa.table({"season": ["IC86_2012"], "weight": [8.0], "atmospheric_rate": [2.0]}),
    ]
    first, second = mean_detector(parts, {"IC86_2011": 100.0, "IC86_2012": 300.0})
    assert first["weight"].to_pylist() == [1.0, 3.0]
    assert (second["weight"].to_pylist(), second["atmospheric_rate"].to_pylist()) == ([6.0], [1.5])


def test_one_season_in_parts_is_one_simulation() -> None:
    parts = [pa.table({"season": ["IC86_2011"], "weight": [4.0]})] * 3
    assert [part["weight"].to_pylist() for part in mean_detector(parts, 1.0)] == [[4.0]] * 3


def test_good_runs_without_livetime_are_refused() -> None:
    runs = pa.table({"season": ["IC86_2011", "IC86_2011"], "run": [1, 2], "livetime": [60.0, 40.0]})
    assert measured_livetimes(runs) == {"IC86_2011": 100.0}
    with pytest.raises(InputError, match="2 good runs hold no livetime"):
        measured_livetimes(runs.set_column(2, "livetime", pa.array([0.0, 0.0])))
