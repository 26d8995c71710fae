"""A function sees what its recipe names, and nothing else."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from core.errors import ProductError
from core.products.recipe import AnnotatedTable, ProductKey, Recipe
from core.products.store import ProductStore
from core.stages.inputs import BLINDING, Inputs
from core.stages.registry import STAGES
from tests.core.stages.analyses import N_BACKGROUND, N_SIGNAL, Analysis
from tests.own_sample import N_EVENTS

CODE = "core.units"
SEASONS = ("IC86_2011", "IC86_2012")


def good_runs(season: str) -> tuple[ProductKey, pa.Table]:
    return ProductKey("good_runs", {"season": season}), pa.table({"run": pa.array([len(season)], pa.int64())})


@pytest.fixture
def store(tmp_path: Path) -> ProductStore:
    """Lists of good runs of two seasons, events of one, and an account of them."""
    store = ProductStore(tmp_path)
    for season in SEASONS:
        product, table = good_runs(season)
        store.write(Recipe(product, CODE), table)
    events = ProductKey("events", {"kind": "mc", "season": SEASONS[0]})
    for part in range(2):
        table = pa.table({"run": pa.array([part], pa.int64()), "true_energy": [10.0 + part]})
        store.write(Recipe(events, CODE, part=part), AnnotatedTable(table, {"n_read": 7 + part}))
    return store


def inputs_of(store: ProductStore, *products: ProductKey, stage: str = "response", code: str = CODE) -> Inputs:
    return Inputs(store, Recipe(ProductKey(stage), code, inputs=products))


def test_what_the_recipe_does_not_name_is_refused(store: ProductStore) -> None:
    inputs = inputs_of(store, good_runs(SEASONS[0])[0])
    assert "good_runs" in inputs
    assert "events" not in inputs
    said = "response is made from good_runs, not from events: name it in the stage's recipes"
    for look in (lambda: inputs["events"], lambda: list(inputs.each("events")), lambda: list(inputs.remarks("events"))):
        with pytest.raises(ProductError, match=said):
            look()
    with pytest.raises(ProductError, match="response is made from nothing, not from good_runs"):
        inputs_of(store)["good_runs"]


def test_a_product_that_stands_but_is_not_named_is_not_seen(store: ProductStore) -> None:
    inputs = inputs_of(store, good_runs(SEASONS[1])[0])
    assert inputs["good_runs"].num_rows == 1
    assert store.read("good_runs").num_rows == 2


def test_the_products_of_a_stage_are_one_table_in_the_order_of_the_recipe(store: ProductStore) -> None:
    keys = {"kind": "mc", "season": SEASONS[0]}
    parts = [ProductKey("events", keys, part=part) for part in (1, 0)]
    inputs = inputs_of(store, *parts)
    assert inputs["events"]["true_energy"].to_pylist() == [11.0, 10.0]
    assert [table["run"][0].as_py() for table in inputs.each("events", ["run"])] == [1, 0]
    assert [table.column_names for table in inputs.each("events", ["run"])] == [["run"]] * 2
    assert [remark["n_read"] for remark in inputs.remarks("events")] == [8, 7]


def test_tables_can_be_told_apart_by_their_keys(store: ProductStore) -> None:
    inputs = inputs_of(store, *(good_runs(season)[0] for season in SEASONS))
    assert len(list(inputs.each("good_runs"))) == 2
    assert len(list(inputs.each("good_runs", season=SEASONS[0]))) == 1
    assert list(inputs.each("good_runs", season="IC86_2013")) == []


def test_an_input_may_be_absent_where_that_is_asked(store: ProductStore) -> None:
    inputs = inputs_of(store, good_runs(SEASONS[0])[0])
    assert inputs.get("events") is None
    found = inputs.get("good_runs")
    assert found is not None
    assert found.num_rows == 1


def test_only_the_functions_that_blind_see_sealed_events(own: Analysis) -> None:
    sealed = ProductKey("sealed_events", {"season": "IC86_2011"}, part=0)
    assert set(BLINDING.values()) == {"events", "good_runs"}
    for code, stage in BLINDING.items():
        assert inputs_of(own.store, sealed, stage=stage, code=code)["sealed_events"].num_rows == N_EVENTS
    for stage in STAGES:
        with pytest.raises(ProductError, match="is sealed"):
            inputs_of(own.store, sealed, stage=stage)["sealed_events"]


def test_trials_come_with_keys_and_the_columns_that_are_asked_for(joint: Analysis) -> None:
    (recipe,) = joint.recipes("sensitivity")
    inputs = Inputs(joint.store, recipe)
    background = inputs.trials("background_trials", "test_statistic_signed")
    assert background.num_rows == N_BACKGROUND
    assert "n_s" not in background.column_names
    signal = inputs.trials("signal_trials", "test_statistic_signed")
    counts, n_trials = np.unique(signal["n_injected"].to_numpy(), return_counts=True)
    assert n_trials.tolist() == [N_SIGNAL] * len(counts)
    assert counts.tolist() == sorted(p.keys["n_injected"] for p in recipe.inputs if p.stage == "signal_trials")
