"""Why a whole product is stale, in words: parameters, code, libraries, columns, inputs, in this order."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from core.errors import ProductError
from core.products.recipe import ProductKey, Recipe
from core.products.staleness import why_stale
from core.products.store import ProductStore

INPUT = ProductKey("event_counts")
PRODUCT = ProductKey("background_pdf")
CODE = "core.stages.background_pdf:make"
RECIPE = Recipe(PRODUCT, CODE, {"smoothing": 1}, (INPUT,))


@pytest.fixture
def metadata(tmp_path: Path) -> Mapping[str, Any]:
    """What the file of a product says of itself."""
    store = ProductStore(tmp_path)
    store.write(Recipe(INPUT, "core.units"), pa.table({"n_events": pa.array([3], pa.int64())}))
    store.write(RECIPE, pa.table({"background_probability": [1.0]}))
    said: Mapping[str, Any] = store.metadata("background_pdf")
    return said


def as_made(metadata: Mapping[str, Any]) -> Any:
    (found,) = metadata["inputs"]
    return lambda _: found["digest"]


def test_what_is_as_its_recipe_asks_is_not_stale(metadata: Mapping[str, Any]) -> None:
    assert why_stale(metadata, RECIPE, as_made(metadata)) is None


def test_a_parameter_is_named_with_both_values(metadata: Mapping[str, Any]) -> None:
    other = Recipe(PRODUCT, CODE, {"smoothing": 2}, (INPUT,))
    said = "its parameters have changed (smoothing: 1 → 2)"
    assert why_stale(metadata, other, as_made(metadata)) == said


def test_code_is_named_by_its_module(metadata: Mapping[str, Any]) -> None:
    code = {"function": CODE, "digest": "other"}
    said = "the code of core.stages.background_pdf has changed"
    assert why_stale({**metadata, "code": code}, RECIPE, as_made(metadata)) == said


def test_only_libraries_that_compute_for_it_count(metadata: Mapping[str, Any]) -> None:
    versions = {**metadata["versions"], "numpy": "1.0"}
    said = why_stale({**metadata, "versions": versions}, RECIPE, as_made(metadata))
    assert str(said).startswith("made with numpy 1.0, now ")
    unused = {**metadata["versions"], "numba": "0.1", "pyarrow": "0.1"}
    assert why_stale({**metadata, "versions": unused}, RECIPE, as_made(metadata)) is None
    unknown = {name: value for name, value in metadata["versions"].items() if name != "numpy"}
    said = why_stale({**metadata, "versions": unknown}, RECIPE, as_made(metadata))
    assert str(said).startswith("made with numpy of unknown version, now ")


def test_a_columns_type_counts_and_its_meaning_does_not(metadata: Mapping[str, Any]) -> None:
    column = metadata["columns"]["background_probability"]
    reworded = {"background_probability": {**column, "description": "in other words"}}
    assert why_stale({**metadata, "columns": reworded}, RECIPE, as_made(metadata)) is None
    for columns in ({"background_probability": {**column, "type": "int64"}}, {"once_there": column}):
        (name,) = columns
        said = why_stale({**metadata, "columns": columns}, RECIPE, as_made(metadata))
        assert said == f"its column {name} is no longer what the glossary says"


def test_inputs_may_be_others_changed_or_gone(metadata: Mapping[str, Any]) -> None:
    def gone(_: ProductKey) -> str:
        raise ProductError("no such product")

    assert why_stale(metadata, RECIPE, lambda _: "other") == "its input event_counts has changed"
    assert why_stale(metadata, RECIPE, gone) == "its input event_counts is missing or damaged"
    without = Recipe(PRODUCT, CODE, {"smoothing": 1})
    assert why_stale(metadata, without, as_made(metadata)) == "it was made from other inputs"


def test_a_recipe_whose_code_is_no_more_is_an_error(
    metadata: Mapping[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = Recipe(PRODUCT, "core.once_there:make", {"smoothing": 1}, (INPUT,))
    with pytest.raises(ProductError, match=r"core has no module core\.once_there"):
        why_stale(metadata, lost, as_made(metadata))
