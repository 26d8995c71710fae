"""Every event of a file is kept, cut, broken or outside good runs; sums say the same by season."""

from typing import Any

import pyarrow as pa
import pytest

from core.errors import InputError
from core.events.accounts import (
    RateSums,
    cut_flow_of,
    expectation,
    files_table,
    refuse_damage,
    refuse_repeated_runs,
    season_summary,
    sum_rates,
)
from core.events.atmosphere import atmospheric_rates
from tests.core.events.conftest import make_sample


def account(n_read: int, n_cut: int = 0, n_broken: int = 0, damage: str | None = None) -> dict[str, Any]:
    problems = {"energy is not positive": n_broken} if n_broken else {}
    n_kept = n_read - n_cut - n_broken
    step = {"cut": "level", "condition": "level >= 6", "n_before": n_read, "n_missing": 0, "n_after": n_read - n_cut}
    return {
        "path": f"run-{n_read}.i3",
        "n_read": n_read,
        "n_kept": n_kept,
        "n_cut": n_cut,
        "n_broken": n_broken,
        "problems": problems,
        "damage": damage,
        "cut_flow": [step],
    }


def test_a_row_a_file_adds_up() -> None:
    rows = files_table([account(10, 3, 1), account(20)], [2, 0]).to_pylist()
    assert [row["n_kept"] for row in rows] == [4, 20]
    assert [row["problems"] for row in rows] == ["energy is not positive (1)", ""]
    for row in rows:
        assert row["n_read"] == row["n_kept"] + row["n_cut"] + row["n_broken"] + row["n_outside_good_runs"]


def test_damage_is_refused_with_the_files() -> None:
    refuse_damage(files_table([account(10, 3)]))
    with pytest.raises(InputError, match=r"2 of 3 files are not whole: run-5 is torn; run-7.i3: energy is not positi"):
        refuse_damage(files_table([account(5, damage="run-5 is torn"), account(6), account(7, n_broken=1)]))


def test_good_runs_are_the_last_cut() -> None:
    accounts = [account(10, 3, 1), account(20, 5)]
    assert cut_flow_of(accounts)["n_after"].to_pylist() == [22]
    flow = cut_flow_of(accounts, [2, 1]).to_pylist()
    assert [(row["cut"], row["n_before"], row["n_after"]) for row in flow] == [("level", 30, 22), ("good runs", 21, 18)]


def test_sums_of_rates_do_not_depend_on_the_parts() -> None:
    events = make_sample("mc", 60, 3)
    whole, parts = sum_rates([events]), sum_rates([events.slice(0, 7), events.slice(7)])
    rates = atmospheric_rates(events)
    assert whole.total == pytest.approx(rates.sum())
    assert parts.total == pytest.approx(whole.total)
    assert whole.effective_livetime == pytest.approx(rates.sum() / (rates**2).sum())
    assert RateSums(0.0, 0.0).effective_livetime is None


def test_a_season_says_what_its_simulation_expects() -> None:
    files = {"data": files_table([account(10, 3)]), "mc": files_table([account(20)])}
    data, simulation = season_summary(files, 100.0, 0, RateSums(0.5, 0.01)).to_pylist()
    assert (data["n_files"], data["n_kept"], data["n_duplicates"]) == (1, 7, 0)
    assert (simulation["n_expected"], simulation["n_measured"]) == (50.0, 7)
    check = expectation(simulation)
    assert check is not None
    assert expectation(data) is None


def test_without_a_livetime_nothing_is_expected() -> None:
    (simulation,) = season_summary({"mc": files_table([account(20)])}, None, None, RateSums(0.5, 0.01)).to_pylist()
    assert simulation["n_expected"] is simulation["n_measured"] is simulation["livetime"] is None
    assert simulation["effective_livetime"] == pytest.approx(50.0)


def test_runs_that_are_listed_twice_are_refused() -> None:
    refuse_repeated_runs(pa.table({"run": [1, 2, 3], "season": ["IC86_2011"] * 3}), "IC86_2011")
    with pytest.raises(InputError, match="2 good runs of IC86_2011 are listed twice"):
        refuse_repeated_runs(pa.table({"run": [1, 2, 1, 1], "season": ["IC86_2011"] * 4}), "IC86_2011")
