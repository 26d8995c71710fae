"""Trials are read as far as they are asked for, as rows or as bins."""

from pathlib import Path

import pyarrow as pa
import pytest

from core.products.recipe import ProductKey, Recipe
from core.products.store import ProductStore
from core.trials.rows import FITTED, STATISTICS, stored_trials
from core.trials.statistic import BIN_COLUMNS
from tests.small_analysis import SEED, trials

KEYS = {"channel": "tautau", "mass": 20.0, "seed": SEED}
TRIALS = ProductKey("background_trials", KEYS)


@pytest.fixture
def store(tmp_path: Path) -> ProductStore:
    """Trials in two parts."""
    store, table = ProductStore(tmp_path), trials(n_trials=300)
    for part, rows in enumerate((table.slice(0, 200), table.slice(200))):
        store.write(
            Recipe(TRIALS, "core.units", {"first_trial": 200 * part, "n_trials": rows.num_rows}, (), part), rows
        )
    return store


def test_all_parts_are_read_with_the_columns_asked_for(store: ProductStore) -> None:
    found = stored_trials(store, TRIALS, "test_statistic_signed")
    assert found.column_names == [*KEYS, "test_statistic_signed"]
    assert found["test_statistic_signed"].equals(trials(n_trials=300)["test_statistic_signed"])


def test_without_names_both_statistics_and_both_fits_are_read(store: ProductStore) -> None:
    assert stored_trials(store, TRIALS).column_names == [*KEYS, *STATISTICS, *FITTED]


def test_of_counted_trials_the_bins_of_a_statistic_are_read(tmp_path: Path) -> None:
    names = pa.array(["test_statistic", "test_statistic", "test_statistic_signed"])
    columns: dict[str, pa.Array] = {name: pa.array([1.0, 2.0, 3.0]) for name in ("bin_low", "bin_high")}
    columns |= {name: pa.array([1.0, 2.0, 3.0]) for name in ("n_s_sum", "n_s_square_sum")}
    table = pa.table({"binned": names, "n_trials": pa.array([5, 6, 7], pa.int64()), **columns})
    store = ProductStore(tmp_path)
    store.write(Recipe(TRIALS, "core.units", {"keep": "histogram"}), table)
    found = stored_trials(store, TRIALS, "test_statistic")
    assert found.column_names == [*KEYS, *BIN_COLUMNS]
    assert found["n_trials"].to_pylist() == [5, 6]
    assert stored_trials(store, TRIALS)["n_trials"].to_pylist() == [5, 6, 7]
