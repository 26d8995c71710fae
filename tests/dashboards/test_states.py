"""How products stand: judged one by one, counted without loss, the worst deciding; not anew while no file changes."""

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.products import files
from core.products.recipe import ProductKey, Recipe, State
from core.products.store import ProductStore
from core.stages.registry import STAGES
from dashboards.library import Library, Snapshot
from dashboards.states import (
    NOT_JUDGED,
    STATE_COLOURS,
    WORST_FIRST,
    Standing,
    counted,
    judged,
    standings,
    unjudged,
    worst,
)

ROW = pa.table({"n_events": [1]})
STANDINGS = st.lists(st.sampled_from(State), max_size=6).map(lambda states: [standing_in(state) for state in states])


def standing_in(state: State) -> Standing:
    return Standing(ProductKey("sources"), None, state, "")


def of_mass(mass: float) -> ProductKey:
    return ProductKey("sensitivity", {"channel": "bb", "mass": mass, "seed": 1})


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """Fresh of 5 GeV, fresh after a failure of 10, torn of 20, stale by its code of 30, stale and failed of 40,
    nothing but a failure of 50; and fresh sources."""
    store = ProductStore(tmp_path_factory.mktemp("mixed"))
    for mass in (5.0, 10.0, 20.0, 40.0):
        store.write(Recipe(of_mass(mass), "core.units", {}, ()), ROW)
    store.write(Recipe(ProductKey("sources"), "core.units"), ROW)
    store.write(Recipe(of_mass(40.0), "core.units", {}, (ProductKey("sources"),)), ROW, ["another digest"])
    path = Path(store.path("sensitivity", **of_mass(20.0).keys))
    path.write_bytes(path.read_bytes()[:-40])
    for mass in (10.0, 40.0, 50.0):
        store.write_failure(Recipe(of_mass(mass), "core.units"), f"{mass:g} GeV: no space left")
    return Library(str(store.root))


@pytest.fixture(scope="module")
def snapshot(mixed: Library) -> Snapshot:
    return mixed.snapshot("public-3y")


@settings(max_examples=25, deadline=None)
@given(STANDINGS, STANDINGS)
def test_each_product_counts_in_one_state_and_the_worst_decides(one: list[Standing], other: list[Standing]) -> None:
    numbers = counted(one)
    assert sum(numbers.values()) == len(one)
    assert {state for state, number in numbers.items() if number} == {item.state for item in one}
    both = {worst(lot) for lot in (one, other) if lot} or {State.MISSING}
    assert worst([*one, *other]) == worst([*other, *one]) == min(both, key=WORST_FIRST.index)


def test_each_state_has_its_place_and_a_colour_of_its_own() -> None:
    assert sorted(WORST_FIRST) == sorted(STATE_COLOURS) == sorted(State)
    assert len(set(STATE_COLOURS.values())) == len(State)


def test_each_product_is_judged_with_its_reason(mixed: Library, snapshot: Snapshot) -> None:
    found = {str(item.product): item for item in standings(mixed, snapshot)}
    states = {mass: found[str(of_mass(mass))].state for mass in (5.0, 10.0, 20.0, 40.0, 50.0)}
    assert states == {
        5.0: State.FRESH,
        10.0: State.FRESH,  # made since the attempt that failed
        20.0: State.FAILED,
        40.0: State.FAILED,
        50.0: State.FAILED,
    }
    assert found["sources"].state is State.FRESH
    assert "damaged" in found[str(of_mass(20.0))].reason
    assert found[str(of_mass(40.0))].reason == "40 GeV: no space left"
    assert found[str(of_mass(50.0))].reason == "50 GeV: no space left"


def test_products_stand_in_the_order_of_the_stages(mixed: Library, snapshot: Snapshot) -> None:
    stages = [item.product.stage for item in standings(mixed, snapshot)]
    assert stages == sorted(stages, key=list(STAGES).index)
    assert stages == ["sources", *["sensitivity"] * 5]


def test_an_input_that_has_changed_makes_a_product_stale(tmp_path: Path) -> None:
    store = ProductStore(tmp_path)
    sources = ProductKey("sources")
    store.write(Recipe(sources, "core.units"), ROW)
    store.write(Recipe(of_mass(5.0), "core.units", {}, (sources,)), ROW)
    store.write(Recipe(sources, "core.units"), pa.table({"n_events": [2]}))
    library = Library(str(tmp_path))
    found = {item.product.stage: item for item in standings(library, library.snapshot("public-3y"))}
    assert (found["sources"].state, found["sensitivity"].state) == (State.FRESH, State.STALE)
    assert found["sensitivity"].reason == "its input sources has changed"


def test_a_product_of_code_that_is_no_more_is_stale(tmp_path: Path) -> None:
    store = ProductStore(tmp_path)
    path = store.write(Recipe(of_mass(5.0), "core.units"), ROW)
    said = files.read_metadata(path)
    path.write_bytes(files.encode(ROW, said | {"code": {"function": "core.nowhere:make", "digest": ""}}))
    library = Library(str(tmp_path))
    (found,) = standings(library, library.snapshot("public-3y"))
    assert found.state is State.STALE
    assert "no more" in found.reason or "another version" in found.reason


def test_before_anything_is_read_each_product_stands_once_the_failed_first(snapshot: Snapshot) -> None:
    found = unjudged(snapshot)
    failed = [str(of_mass(mass)) for mass in (10.0, 40.0, 50.0)]
    assert [str(item.product) for item in found if item.state is State.FAILED] == failed
    assert [str(item.product) for item in found[:3]] == failed
    waiting = [str(item.product) for item in found if item.reason == NOT_JUDGED]
    assert sorted(waiting) == sorted(["sources", str(of_mass(5.0)), str(of_mass(20.0))])
    assert len(found) == 6


def test_products_are_judged_once_while_no_file_changes(mixed: Library, snapshot: Snapshot) -> None:
    first = judged(mixed, snapshot)
    assert judged(mixed, snapshot) is first
    anew = Snapshot(snapshot.store, snapshot.files, {"sources": snapshot.products["sources"]})
    assert judged(mixed, anew) is not first
    assert [str(item.product) for item in judged(mixed, anew).result()] == ["sources"]
