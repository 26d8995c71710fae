"""The stage `event_files`: of every file what became of its events."""

import pytest

from core.configuration.config import Config
from core.stages.registry import recipes
from tests.core.stages.analyses import Analysis
from tests.own_sample import ODD, TORN


def strict(config: Config) -> Config:
    return config.model_copy(update={"events": config.events.model_copy(update={"strict": True})})


@pytest.mark.parametrize(("kind", "season", "n_files"), [("data", "IC86_2011", 2), ("data", "IC86_2012", 3)])
def test_every_file_has_a_row(own: Analysis, kind: str, season: str, n_files: int) -> None:
    assert own.table("event_files", kind=kind, season=season).num_rows == n_files


def test_what_is_read_is_kept_cut_broken_or_outside(own: Analysis) -> None:
    for row in own.table("event_files").to_pylist():
        assert row["n_read"] == row["n_kept"] + row["n_cut"] + row["n_broken"] + row["n_outside_good_runs"]
        assert min(row[name] for name in ("n_read", "n_kept", "n_cut", "n_broken")) >= 0


def test_damage_is_said_of_the_damaged_file_alone(own: Analysis) -> None:
    rows = own.table("event_files").to_pylist()
    assert [row["path"].rpartition("/")[2] for row in rows if row["damage"]] == [TORN]
    assert [row["path"].rpartition("/")[2] for row in rows if row["problems"]] == [ODD]


def test_strictness_is_a_parameter_of_the_account_not_of_the_events(own: Analysis) -> None:
    accounts, events = (
        [a.digest == b.digest for a, b in zip(own.recipes(s), recipes(strict(own.config), own.store, s), strict=True)]
        for s in ("event_files", "events")
    )
    assert not any(accounts)
    assert all(events)
