"""Shards: the graph is the way back that products tell of, the table has every product with the worst first."""

import json
from pathlib import Path
from typing import Any

import panel as pn
import pyarrow as pa
import pytest

from core.products import files
from core.products.recipe import ProductKey, Recipe, State
from core.products.store import ProductStore
from core.stages.registry import STAGES
from dashboards.address import Address
from dashboards.library import Library
from dashboards.pages import PAGES
from dashboards.pages.shards import PAGE_OF_STAGE, way_back
from dashboards.states import STATE_COLOURS
from dashboards.view import view_of
from tests.dashboards.pages.conftest import Shown, shown_of

pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword in DataFrame.reset_index")

PAIR: dict[str, Any] = {"channel": "bb", "mass": 10.0}
SOURCES, CELLS = ProductKey("sources"), ProductKey("ratio_cells", PAIR)
FIVE, SEVEN = (ProductKey("signal_trials", {**PAIR, "n_injected": number, "seed": 1}) for number in (5, 7))
SENSITIVITY = ProductKey("sensitivity", {**PAIR, "seed": 1})
FAILED = ProductKey("sensitivity", {"channel": "bb", "mass": 50.0, "seed": 1})
TORN = ProductKey("acceptance", PAIR)
HOSTILE = "</textarea><script>alert(1)</script>"
ROW = pa.table({"n_events": [1]})


def write_way(root: Path) -> ProductStore:
    """Sources, cells from them, trials from cells, a sensitivity from trials and sources; one failed, one torn."""
    store = ProductStore(root)
    way = ((SOURCES, ()), (CELLS, (SOURCES,)), (FIVE, (CELLS,)), (SEVEN, (CELLS,)), (TORN, (SOURCES,)))
    for product, inputs in (*way, (SENSITIVITY, (FIVE, SEVEN, SOURCES))):
        store.write(Recipe(product, "core.units", {"note": HOSTILE}, inputs), ROW)
    store.write_failure(Recipe(FAILED, "core.units"), "no space left")
    path = Path(store.path(TORN.stage, **TORN.keys))
    path.write_bytes(path.read_bytes()[:-40])
    return store


def write_inputs(store: ProductStore, product: ProductKey, inputs: list[dict[str, Any]]) -> None:
    """Write a product that says by itself what it was made from."""
    path = store.write(Recipe(product, "core.units"), ROW)
    said = files.read_metadata(path) | {"inputs": inputs}
    path.write_bytes(files.encode(ROW, said))


@pytest.fixture(scope="module")
def way(tmp_path_factory: pytest.TempPathFactory) -> ProductStore:
    return write_way(tmp_path_factory.mktemp("way"))


@pytest.fixture(scope="module")
def page(way: ProductStore) -> Shown:
    return shown_of(way, "?page=shards")


def test_each_box_stands_right_of_what_was_made_from_it(page: Shown) -> None:
    boxes = page.source("way-back")
    place = dict(zip(boxes["text"], zip(boxes["x"], boxes["y"], strict=True), strict=True))
    assert place == {
        "sensitivity": (0, 0.0),
        "signal_trials 5": (1, 0.5),
        "signal_trials 7": (1, -0.5),
        "ratio_cells": (2, 0.0),
        "sources": (3, 0.0),
    }
    lines = next(item for item in page.plots["way-back"].renderers if "xs" in item.data_source.data).data_source.data
    ways = {(xs[0], ys[0], xs[1], ys[1]) for xs, ys in zip(lines["xs"], lines["ys"], strict=True)}
    ends = [("sources", "ratio_cells"), ("sources", "sensitivity")]
    for trials in ("signal_trials 5", "signal_trials 7"):
        ends += [("ratio_cells", trials), (trials, "sensitivity")]
    assert ways == {(*place[start], *place[end]) for start, end in ends}


def test_every_product_stands_once_the_worst_first(page: Shown) -> None:
    table = page.tables["products"]
    every = [SOURCES, CELLS, FIVE, SEVEN, SENSITIVITY, TORN, FAILED]
    assert sorted(table["product"]) == sorted(map(str, every))
    assert table["state"].tolist() == ["failed"] * 2 + ["fresh"] * 5
    assert set(page.tables["failed"]["product"]) == {str(TORN), str(FAILED)}
    reasons = dict(zip(table["product"], table["reason"], strict=True))
    assert reasons[str(FAILED)] == "no space left"
    assert "damaged" in reasons[str(TORN)]
    assert "--only-failed" in page.words


def test_a_click_leads_to_the_product_of_that_row_or_box(page: Shown) -> None:
    (table,) = [t for t in page.column.select(pn.widgets.Tabulator) if t.css_classes == ["table-products"]]
    page.went.clear()
    table._on_click_callbacks[None][0](type("Click", (), {"row": 3}))
    assert page.went[-1].product == page.tables["products"]["product"][3]
    boxes = next(r.data_source for r in page.plots["way-back"].renderers if r.data_source.name == "way-back")
    boxes.selected.indices = [4]
    assert (page.went[-1].page, page.went[-1].product) == ("shards", boxes.data["product"][4])


def test_boxes_have_the_colours_of_their_states(page: Shown) -> None:
    boxes = page.source("way-back")
    assert set(boxes["state"]) == {"fresh"}
    assert set(boxes["colour"]) == {STATE_COLOURS[State.FRESH]}


def test_a_torn_product_is_said_to_be_so_in_place_of_its_way(way: ProductStore) -> None:
    page = shown_of(way, f"?page=shards&product={TORN}")
    assert f"{TORN} cannot be read" in page.words
    assert "way-back" not in page.plots


def test_what_a_product_says_of_itself_is_shown_as_text(page: Shown, way: ProductStore) -> None:
    (told,) = page.column.select(pn.widgets.TextAreaInput)
    metadata = way.metadata(SENSITIVITY.stage, **SENSITIVITY.keys)
    assert json.loads(told.value) == {name: metadata[name] for name in metadata if name not in ("columns", "inputs")}
    assert json.loads(told.value)["recipe"] == {"note": HOSTILE}
    assert "<script>" not in page.words


def test_the_button_leads_to_the_figure_of_the_product_and_its_pair(page: Shown) -> None:
    (button,) = [item for item in page.column.select(pn.widgets.Button) if item.label.startswith("Show the figure")]
    button.clicks += 1
    assert (page.went[-1].page, page.went[-1].channel, page.went[-1].mass) == ("limits", "bb", 10.0)


def test_figures_of_stages_that_there_are_stand_on_pages_that_there_are() -> None:
    assert set(PAGE_OF_STAGE) <= set(STAGES)
    assert set(PAGE_OF_STAGE.values()) <= set(PAGES)


@pytest.mark.parametrize("length", [1, 2, 3])
def test_a_way_that_goes_in_a_circle_ends(tmp_path: Path, length: int) -> None:
    store = ProductStore(tmp_path)
    products = [ProductKey("sensitivity", {"channel": "bb", "mass": 5.0 + n, "seed": 1}) for n in range(length)]
    for product, other in zip(products, [*products[1:], products[0]], strict=True):
        write_inputs(store, product, [{"stage": other.stage, "keys": dict(other.keys), "n_parts": None}])
    nodes = way_back(view_of(Library(str(tmp_path)), Address()), products[0])
    assert {name: depth for name, (depth, _, _) in nodes.items()} == {str(p): n for n, p in enumerate(products)}


@pytest.mark.parametrize("other", [{"stage": "../..", "keys": {}}, {"stage": "sources", "keys": {"colour": "red"}}])
def test_an_input_that_no_product_can_be_called_ends_the_way(tmp_path: Path, other: dict[str, Any]) -> None:
    store = ProductStore(tmp_path)
    write_inputs(store, SENSITIVITY, [other])
    nodes = way_back(view_of(Library(str(tmp_path)), Address()), SENSITIVITY)
    assert {name: inputs for name, (_, _, inputs) in nodes.items()} == {str(SENSITIVITY): ()}
