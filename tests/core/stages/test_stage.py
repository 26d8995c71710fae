"""What a stage holds together: the keys of its products, the columns of its tables, the recipes of its function."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from core.configuration.config import Config
from core.errors import ProductError
from core.products.recipe import AnnotatedTable, ProductKey, Recipe, State
from core.products.store import ProductStore
from core.stages import event_counts
from core.stages.inputs import Inputs
from core.stages.registry import STAGES
from core.stages.stage import Parameters, Stage, made_from, make_product, recipe_of
from tests.core.stages.analyses import Analysis

COUNTS = pa.table({"event_class": ["track"], "n_events": pa.array([3], pa.int64())})


def stage_of(*columns: str, keys: tuple[str, ...] = ()) -> Stage:
    return Stage("counted", "counts", "Count.", columns, lambda _, __: [], keys=keys)


def test_a_product_has_the_keys_of_its_stage() -> None:
    stage = stage_of("n_events", keys=("channel", "mass"))
    assert stage.product(mass=10, channel="bb") == ProductKey("counted", {"channel": "bb", "mass": 10.0})
    with pytest.raises(ProductError, match="stage counted has the keys channel, mass, not channel"):
        stage.product(channel="bb")
    with pytest.raises(ProductError, match="stage counted has the keys none, not seed"):
        stage_of("n_events").product(seed=1)


def test_a_column_that_is_not_declared_is_refused() -> None:
    stage = stage_of("event_class", "n_events")
    stage.check_columns(COUNTS)
    stage.check_columns(AnnotatedTable(COUNTS, {"warnings": []}))
    with pytest.raises(ProductError, match="stage counted does not declare the column bin_low"):
        stage.check_columns(COUNTS.append_column("bin_low", pa.array([1.0])))
    with pytest.raises(ProductError, match="does not declare the column n_events"):
        stage_of("event_class").check_columns(AnnotatedTable(COUNTS, {}))


def test_keys_may_stand_in_a_table_and_cross_sections_may_be_decay_rates() -> None:
    stage = stage_of("sigma_v_sensitivity", keys=("channel",))
    stage.check_columns(pa.table({"channel": ["bb"], "decay_rate_sensitivity": [1e-27]}))
    with pytest.raises(ProductError, match="decay_rate_band_lo68"):
        stage.check_columns(pa.table({"decay_rate_band_lo68": [1e-27]}))


def test_a_stage_applies_unless_it_says_otherwise() -> None:
    assert stage_of().applies(Config())
    assert not dataclasses.replace(stage_of(), applies=lambda _: False).applies(Config())


def test_a_recipe_names_the_function_that_makes_the_product() -> None:
    product = ProductKey("event_counts")
    recipe = recipe_of(event_counts.make, product, {"edges": (1.0, 2.0)}, (ProductKey("events"),), 3, {"file": "a"})
    assert recipe.code == "core.stages.event_counts:make"
    assert (recipe.product, recipe.inputs, recipe.part) == (product, (ProductKey("events"),), 3)
    assert recipe.arguments == {"stage": "event_counts", "part": 3, "edges": [1.0, 2.0], "file": "a"}


def test_hints_change_no_digest() -> None:
    digests = {
        recipe_of(event_counts.make, ProductKey("event_counts"), {}, hints={"file": name}).digest for name in "ab"
    }
    assert len(digests) == 1


def test_what_was_made_is_what_the_function_makes_of_the_inputs(joint: Analysis) -> None:
    for stage in ("acceptance", "ratio_cells", "asimov"):
        (recipe,) = joint.recipes(stage)
        made = made_from(joint.store, recipe)
        assert isinstance(made, pa.Table)
        stored = joint.store.read_product(recipe.product)
        assert stored.select(made.column_names).equals(made)


def make_with(table: pa.Table) -> Callable[[Inputs, Parameters], pa.Table]:
    return lambda _, __: table


def test_a_product_with_an_undeclared_column_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, recipe = ProductStore(tmp_path), Recipe(ProductKey("event_counts"), "core.stages.event_counts:make")
    monkeypatch.setattr(event_counts, "make", make_with(COUNTS.append_column("bin_low", pa.array([1.0]))))
    with pytest.raises(ProductError, match="stage event_counts does not declare the column bin_low"):
        make_product(STAGES["event_counts"], store, recipe)
    assert store.explain_recipe(recipe).state is State.MISSING
    monkeypatch.setattr(event_counts, "make", make_with(COUNTS))
    make_product(STAGES["event_counts"], store, recipe)
    assert store.read("event_counts").equals(COUNTS)
    assert store.explain_recipe(recipe).state is State.FRESH
