"""Only what exists can be selected; a change of any file is noticed; the worst part decides on a product's state."""

import os
from pathlib import Path

import pytest

from core.products.recipe import ProductKey, Recipe, State
from core.products.store import ProductStore
from dashboards.state import Selection, nearest, product_files, product_state
from tests.small_analysis import PAIRS, SEED, injected_counts, sensitivity, trials, write

SENSITIVITY = ProductKey("sensitivity", {"channel": "bb", "mass": 10.0, "seed": SEED})


def draws(selection: Selection) -> list[object]:
    """What the views are told to draw, from now on."""
    told: list[object] = []
    selection.param.watch(lambda event: told.append(event.new), "shown")
    return told


def test_what_exists_can_be_selected(store: ProductStore) -> None:
    selection = Selection(store)
    assert list(selection.param.channel.objects) == ["bb", "tautau"]
    assert list(selection.param.mass.objects) == [10.0, 50.0]
    assert list(selection.param.seed.objects) == [SEED]
    assert list(selection.param.n_injected.objects) == injected_counts("bb", 10.0)
    assert (selection.channel, selection.mass, selection.seed, selection.n_injected) == ("bb", 10.0, SEED, [])


def test_an_empty_store_offers_nothing(tmp_path: Path) -> None:
    selection = Selection(ProductStore(tmp_path / "nowhere"))
    assert (selection.channel, selection.mass, selection.seed) == (None, None, None)
    assert not (tmp_path / "nowhere").exists()


def test_a_change_of_channel_brings_its_masses_and_is_drawn_once(store: ProductStore) -> None:
    selection = Selection(store)
    told = draws(selection)
    selection.channel = "tautau"
    assert list(selection.param.mass.objects) == [5.0, 20.0]
    assert selection.mass == 5.0 or selection.mass == 20.0
    assert len(told) == 1


def test_the_mass_nearest_in_ratio_follows_the_channel(store: ProductStore) -> None:
    selection = Selection(store)
    selection.mass = 50.0
    selection.channel = "tautau"
    assert selection.mass == 20.0
    assert nearest([5.0, 20.0], 10.5) == 20.0
    assert nearest([5.0, 20.0], 9.5) == 5.0


def test_injected_events_are_forgotten_with_their_pair(store: ProductStore) -> None:
    selection = Selection(store)
    selection.n_injected = injected_counts("bb", 10.0)[:2]
    selection.mass = 50.0
    assert set(selection.n_injected) <= set(injected_counts("bb", 50.0))
    assert list(selection.param.n_injected.objects) == injected_counts("bb", 50.0)


@pytest.mark.parametrize(
    ("wanted", "selected"),
    [
        ({"channel": "tautau", "mass": 20}, ("tautau", 20.0)),
        ({"mass": 20, "channel": "tautau"}, ("tautau", 20.0)),
        ({"channel": "tautau", "mass": 18.0}, ("tautau", 20.0)),
        ({"channel": "WW"}, ("bb", 10.0)),
        ({"mass": "heavy"}, ("bb", 10.0)),
        ({"mass": -3}, ("bb", 10.0)),
        ({"mass": True}, ("bb", 10.0)),
        ({"channel": ["bb"]}, ("bb", 10.0)),
        ({"colour": "red"}, ("bb", 10.0)),
        ({"page": "secrets"}, ("bb", 10.0)),
        ({"n_injected": "all", "seed": "first"}, ("bb", 10.0)),
        ({"n_injected": [-1, "x", [2]]}, ("bb", 10.0)),
    ],
)
def test_a_url_selects_what_exists_and_nothing_else(
    store: ProductStore, wanted: dict[str, object], selected: tuple[str, float]
) -> None:
    selection = Selection(store)
    selection.adopt(wanted)
    assert (selection.channel, selection.mass) == selected
    assert (selection.page, selection.seed, selection.n_injected) == ("limits", SEED, [])


def test_a_url_selects_page_and_injected_events(store: ProductStore) -> None:
    selection = Selection(store)
    number = injected_counts("bb", 10.0)[2]
    selection.adopt({"page": "pdfs", "n_injected": [number, -5], "limits": "frame"})
    assert (selection.page, selection.n_injected, selection.limits) == ("pdfs", [number], "frame")


def test_nothing_is_drawn_while_nothing_changes(store: ProductStore) -> None:
    selection = Selection(store)
    told = draws(selection)
    assert not selection.look()
    assert told == []


def test_a_new_pair_is_noticed_and_the_selection_stays(store: ProductStore) -> None:
    selection = Selection(store)
    selection.adopt({"channel": "tautau", "mass": 20})
    told = draws(selection)
    new = ProductKey("sensitivity", {"channel": "WW", "mass": 90.0, "seed": SEED})
    write(store, new, sensitivity((("WW", 90.0),)))
    assert selection.look()
    assert list(selection.param.channel.objects) == ["bb", "tautau", "WW"]
    assert (selection.channel, selection.mass) == ("tautau", 20.0)
    assert len(told) == 1


def test_a_replacement_with_an_older_time_is_noticed(store: ProductStore) -> None:
    selection = Selection(store)
    path = Path(store.path(SENSITIVITY.stage, **SENSITIVITY.keys))
    before = path.stat()
    write(store, SENSITIVITY, sensitivity((("bb", 10.0),)), another="parameter")
    os.utime(path, (before.st_mtime - 3600.0, before.st_mtime - 3600.0))
    assert selection.look()


def test_a_failure_is_noticed(store: ProductStore) -> None:
    before = product_files(store)
    store.write_failure(Recipe(SENSITIVITY, "core.units", {"another": "parameter"}), "no space left")
    assert product_files(store) != before


def test_a_deleted_pair_can_no_longer_be_selected(store: ProductStore) -> None:
    selection = Selection(store)
    for stage in ("signal_pdf", "background_trials", "sensitivity"):
        for keys in store.keys(stage, channel="bb"):
            Path(store.path(stage, **keys)).unlink()
    assert selection.look()
    assert list(selection.param.channel.objects) == ["tautau"]
    assert (selection.channel, selection.mass) in PAIRS


def test_the_state_of_a_product_and_its_reason(store: ProductStore) -> None:
    assert product_state(store, SENSITIVITY)[0] is State.FRESH
    missing = ProductKey("sensitivity", {"channel": "bb", "mass": 11.0, "seed": SEED})
    assert product_state(store, missing)[0] is State.MISSING
    store.write_failure(Recipe(missing, "core.units"), "no space left")
    assert product_state(store, missing) == (State.FAILED, "no space left")


def test_the_worst_part_decides(store: ProductStore) -> None:
    keys = {"channel": "bb", "mass": 10.0, "seed": SEED}
    product = ProductKey("background_trials", keys)
    store.write(Recipe(product, "core.units", {}, (), 1), trials("bb", 10.0).slice(0, 10))
    assert product_state(store, product)[0] is State.FRESH
    path = Path(store.path("background_trials", 1, **keys))
    path.write_bytes(path.read_bytes()[:-7])
    state, reason = product_state(store, product)
    assert state is State.FAILED
    assert "part-0001.parquet is damaged" in reason


def test_an_input_that_changed_makes_its_product_stale(store: ProductStore) -> None:
    cells = ProductKey("ratio_cells", {"channel": "bb", "mass": 10.0})
    store.write(Recipe(SENSITIVITY, "core.units", {}, (cells,)), sensitivity((("bb", 10.0),)))
    assert product_state(store, SENSITIVITY)[0] is State.FRESH
    write(store, cells, store.read_product(cells).slice(1))
    state, reason = product_state(store, SENSITIVITY)
    assert state is State.STALE
    assert "ratio_cells" in reason
