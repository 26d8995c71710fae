"""The stage `cut_flow`: the number of events after each cut falls, and what the last leaves is the sample."""

import pytest

from tests.core.stages.analyses import Analysis

SEASONS = [(kind, season) for kind in ("data", "mc") for season in ("IC86_2011", "IC86_2012")]


@pytest.mark.parametrize(("kind", "season"), SEASONS)
def test_each_cut_leaves_what_the_next_one_sees(own: Analysis, kind: str, season: str) -> None:
    flow = own.table("cut_flow", kind=kind, season=season).to_pylist()
    after = [row["n_after"] for row in flow]
    assert after == sorted(after, reverse=True)
    n_read = sum(row["n_read"] for row in own.table("event_files", kind=kind, season=season).to_pylist())
    assert after[0] <= n_read


def test_good_runs_are_the_last_cut_of_data_and_none_of_simulation(own: Analysis) -> None:
    for kind, season in SEASONS:
        last = own.table("cut_flow", kind=kind, season=season).to_pylist()[-1]
        assert (last["cut"] == "good runs") is (kind == "data")


def test_what_remains_are_the_events(own: Analysis) -> None:
    for season in ("IC86_2011", "IC86_2012"):
        last = own.table("cut_flow", kind="data", season=season).to_pylist()[-1]
        assert last["n_after"] == own.table("events", kind="data", season=season).num_rows


def test_whether_runs_are_cut_is_told(own: Analysis) -> None:
    told = {(r.product.keys["kind"], r.parameters["good_runs"]) for r in own.recipes("cut_flow")}
    assert told == {("data", True), ("mc", False)}
