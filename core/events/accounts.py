"""What became of every event of a sample: file by file, cut by cut, and season by season.

For each file n_read = n_kept + n_cut + n_broken + n_outside_good_runs.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.errors import InputError
from core.events.atmosphere import AtmosphericFlux, ExpectationCheck, atmospheric_rates, shipped_atmospheric_flux
from core.events.cuts import CUT_FLOW_SCHEMA, total_cut_flow
from core.events.weights import effective_livetime_of_sums

FILES_SCHEMA: pa.Schema = pa.schema(
    [
        ("path", pa.string()),
        ("n_read", pa.int64()),
        ("n_kept", pa.int64()),
        ("n_cut", pa.int64()),
        ("n_broken", pa.int64()),
        ("n_outside_good_runs", pa.int64()),
        ("problems", pa.string()),
        ("damage", pa.string()),
    ]
)
SUMMARY_SCHEMA: pa.Schema = pa.schema(
    [
        ("kind", pa.string()),
        ("n_files", pa.int64()),
        ("n_read", pa.int64()),
        ("n_kept", pa.int64()),
        ("n_cut", pa.int64()),
        ("n_broken", pa.int64()),
        ("n_outside_good_runs", pa.int64()),
        ("n_duplicates", pa.int64()),
        ("livetime", pa.float64()),
        ("effective_livetime", pa.float64()),
        ("n_expected", pa.float64()),
        ("n_measured", pa.int64()),
    ]
)
COUNTS = ("n_read", "n_kept", "n_cut", "n_broken", "n_outside_good_runs")
GOOD_RUNS_CUT = {"cut": "good runs", "condition": "run in the list of good runs"}


@dataclass(frozen=True)
class RateSums:
    """Atmospheric rates of simulated events: their sum in s⁻¹, and the sum of their squares in s⁻²."""

    total: float
    total_of_squares: float

    @property
    def effective_livetime(self) -> float | None:
        """Livetime in s with the simulation's statistical error; None without a positive rate."""
        return effective_livetime_of_sums(self.total, self.total_of_squares) if self.total > 0.0 else None


def sum_rates(parts: Iterable[pa.Table], flux: AtmosphericFlux | None = None) -> RateSums:
    """Return the sums over the simulated events of tables that are looked at one after the other."""
    flux = shipped_atmospheric_flux() if flux is None else flux
    total, total_of_squares = 0.0, 0.0
    for part in parts:
        rates = atmospheric_rates(part, flux)
        total += float(rates.sum())
        total_of_squares += float(np.square(rates).sum())
    return RateSums(total, total_of_squares)


def files_table(accounts: Sequence[Mapping[str, Any]], outside_good_runs: Sequence[int] = ()) -> pa.Table:
    """Return one row a file from their accounts and, for measured events, how many lie outside good runs."""
    rows = []
    for account, n_outside in zip(accounts, outside_good_runs or [0] * len(accounts), strict=True):
        row = {name: account[name] for name in ("path", "n_read", "n_cut", "n_broken", "damage")}
        row |= {"n_kept": account["n_kept"] - n_outside, "n_outside_good_runs": n_outside}
        row["problems"] = "; ".join(f"{problem} ({n})" for problem, n in sorted(account["problems"].items()))
        rows.append(row)
    return pa.Table.from_pylist(rows, schema=FILES_SCHEMA)


def refuse_damage(files: pa.Table) -> None:
    """Raise InputError naming the files that could not be read whole or hold broken events."""
    wrong = [row for row in files.to_pylist() if row["damage"] is not None or row["n_broken"]]
    if wrong:
        named = "; ".join(row["damage"] or f"{row['path']}: {row['problems']}" for row in wrong)
        raise InputError(f"{len(wrong)} of {files.num_rows} files are not whole: {named}")


def cut_flow_of(accounts: Sequence[Mapping[str, Any]], outside_good_runs: Sequence[int] | None = None) -> pa.Table:
    """Return the cut flow of all files; with counts of events outside good runs, these are the last cut.

    Broken events pass the cuts, so that they are no part of what comes to the good runs.
    """
    flow = total_cut_flow([pa.Table.from_pylist(account["cut_flow"], schema=CUT_FLOW_SCHEMA) for account in accounts])
    if outside_good_runs is None:
        return flow
    n_before = sum(account["n_kept"] for account in accounts)
    row = GOOD_RUNS_CUT | {"n_before": n_before, "n_missing": 0, "n_after": n_before - sum(outside_good_runs)}
    return pa.concat_tables([flow, pa.Table.from_pylist([row], schema=CUT_FLOW_SCHEMA)])


def season_summary(
    files: Mapping[str, pa.Table], livetime: float | None, n_duplicates: int | None, rates: RateSums | None
) -> pa.Table:
    """Return a row for each kind of events of a season, from the tables of its files by kind.

    livetime: of all good runs in s, None without a list. rates: those of the simulated events.
    """
    totals = {kind: {name: _total(table, name) for name in COUNTS} for kind, table in files.items()}
    rows = []
    for kind, table in files.items():
        row: dict[str, Any] = {"kind": kind, "n_files": table.num_rows, **totals[kind], "livetime": livetime}
        if kind == "data":
            row["n_duplicates"] = n_duplicates
        elif rates is not None:
            row["effective_livetime"] = rates.effective_livetime
            row["n_expected"] = None if livetime is None else livetime * rates.total
            row["n_measured"] = totals["data"]["n_kept"] if "data" in totals else None
        rows.append(row)
    return pa.Table.from_pylist(rows, schema=SUMMARY_SCHEMA)


def expectation(row: Mapping[str, Any]) -> ExpectationCheck | None:
    """Return what a season's simulation expects beside its data, from its row; None where either is not known."""
    if row["n_expected"] is None or row["n_measured"] is None:
        return None
    return ExpectationCheck(row["n_expected"], row["n_measured"])


def _total(files: pa.Table, name: str) -> int:
    return sum(files[name].to_pylist())


def refuse_repeated_runs(good_runs: pa.Table, season: str) -> None:
    """Raise InputError if a run of a season is listed more than once, by lists that overlap."""
    n_repeated = good_runs.num_rows - good_runs.group_by("run").aggregate([]).num_rows
    if n_repeated:
        grouped = good_runs.group_by("run").aggregate([("season", "count"), ("season", "min"), ("season", "max")])
        row = grouped.filter(pc.greater(grouped["season_count"], 1)).slice(0, 1).to_pylist()[0]
        where = " and ".join(dict.fromkeys([row["season_min"], row["season_max"]]))
        raise InputError(
            f"{n_repeated} good runs of {season} are listed twice, run {row['run']} in {where}: give lists that do not "
            "overlap"
        )
