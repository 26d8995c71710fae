"""What stands is listed, a change of any file is noticed, and what is no product's file is not taken for one."""

import os
from pathlib import Path

import pytest

from core.products.recipe import ProductKey, Recipe
from core.products.store import ProductStore
from dashboards import library as module
from dashboards.address import Address
from dashboards.library import Library, snapshot_of
from dashboards.view import view_of
from tests.small_analysis import PAIRS, SEED, injected_counts, sensitivity, write

SENSITIVITY = ProductKey("sensitivity", {"channel": "bb", "mass": 10.0, "seed": SEED})


def test_a_snapshot_has_what_the_store_has(store: ProductStore) -> None:
    found = snapshot_of(store)
    assert set(found.products) == set(store.stages())
    for stage in store.stages():
        assert sorted(map(str, found.of(stage))) == sorted(str(ProductKey(stage, keys)) for keys in store.keys(stage))
    assert found.pairs == sorted(PAIRS)
    assert found.seeds == [SEED]
    injected = [item.keys["n_injected"] for item in found.of("signal_trials", channel="bb", mass=10.0)]
    assert injected == injected_counts("bb", 10.0)


def test_nothing_new_is_the_same_snapshot(store: ProductStore) -> None:
    before = snapshot_of(store)
    assert snapshot_of(store, before) is before


def test_a_replacement_with_an_older_time_is_noticed(store: ProductStore) -> None:
    before = snapshot_of(store)
    path = Path(store.path(SENSITIVITY.stage, **SENSITIVITY.keys))
    status = path.stat()
    write(store, SENSITIVITY, sensitivity((("bb", 10.0),)), another="parameter")
    os.utime(path, (status.st_mtime - 3600.0, status.st_mtime - 3600.0))
    after = snapshot_of(store, before)
    assert after.marks(frozenset({"sensitivity"})) != before.marks(frozenset({"sensitivity"}))
    assert after.marks(frozenset({"sources"})) == before.marks(frozenset({"sources"}))


def test_a_failure_is_noticed_and_named(store: ProductStore) -> None:
    before = snapshot_of(store)
    store.write_failure(Recipe(SENSITIVITY, "core.units", {"another": "parameter"}), "no space left")
    after = snapshot_of(store, before)
    assert after.failed == {str(SENSITIVITY)}
    assert after.marks(frozenset()) != before.marks(frozenset())


@pytest.mark.parametrize("place", ["sensitivity/colour=red", "sensitivity/mass=x", "sensitivity/channel=..", "a b"])
def test_other_files_are_not_products(store: ProductStore, place: str) -> None:
    before = snapshot_of(store)
    folder = Path(store.root) / store.analysis / place
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "part-0000.parquet").write_bytes(b"")
    assert snapshot_of(store, before) is before


@pytest.mark.parametrize(
    "place",
    [
        "sensitivity",
        "sensitivity/seed=1",
        "sensitivity/mass=10",
        "sensitivity/channel=bb/mass=10",
        "sensitivity/channel=bb/mass=0/seed=1",
        "acceptance/channel=bb",
    ],
)
def test_a_file_without_the_keys_of_its_stage_leaves_the_others_to_be_looked_at(place: str, tmp_path: Path) -> None:
    for folder in ("sensitivity/channel=bb/mass=10/seed=1", "acceptance/channel=bb/mass=10", place):
        (tmp_path / "mine" / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / "mine" / folder / "part-0000.parquet").write_bytes(b"")
    view = view_of(Library(str(tmp_path)), Address())
    assert (view.address.channel, view.address.mass, view.address.seed) == ("bb", 10.0, 1)
    assert len(view.snapshot.of("sensitivity")) == len(view.snapshot.of("acceptance")) == 1


def test_products_of_a_stage_are_in_order_whatever_their_keys(tmp_path: Path) -> None:
    names = ["halo/channel=bb/mass=5", "halo/channel=bb/mass=100", "halo/channel=bb/mass=20", "halo/seed=3", "halo"]
    for name in names:
        (tmp_path / "mine" / name).mkdir(parents=True, exist_ok=True)
        (tmp_path / "mine" / name / "part-0000.parquet").write_bytes(b"")
    store = ProductStore(tmp_path, "mine")
    in_order = ["halo", *(f"halo channel=bb mass={mass}" for mass in (5, 20, 100)), "halo seed=3"]
    assert list(map(str, snapshot_of(store).of("halo"))) == in_order
    assert [str(ProductKey("halo", keys)) for keys in store.keys("halo")] == in_order


def test_all_analyses_of_a_root_or_one(store: ProductStore) -> None:
    other = ProductStore(store.root, "other")
    write(other, ProductKey("sensitivity", {"channel": "bb", "mass": 10.0, "seed": SEED}), sensitivity((("bb", 10.0),)))
    (Path(store.root) / "notes").mkdir()
    assert Library(str(store.root)).analyses() == ["other", "public-3y"]
    assert Library(str(store.root), "other").analyses() == ["other"]
    assert Library(str(store.root / "nowhere")).analyses() == []


def test_sessions_share_one_listing(store: ProductStore, monkeypatch: pytest.MonkeyPatch) -> None:
    library = Library(str(store.root))
    clock = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: clock[0])
    first = library.snapshot("public-3y")
    Path(store.path(SENSITIVITY.stage, **SENSITIVITY.keys)).unlink()
    assert library.snapshot("public-3y") is first
    clock[0] += module.LISTED_ANEW_SECONDS
    assert library.snapshot("public-3y") is not first
