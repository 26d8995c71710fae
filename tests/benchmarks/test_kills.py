"""The count of what kills leave counts what it says."""

import os
from pathlib import Path

import pytest

from benchmarks.kills import Found, campaign, standing
from core.configuration.config import read_config
from core.products.store import ProductStore
from core.stages.registry import STAGES, recipes
from core.stages.stage import make_product


def test_torn_lost_and_made_twice_are_told_apart(tmp_path: Path) -> None:
    config = read_config(None, products=str(tmp_path / "products"))
    store = ProductStore(config.product_root, config.analysis)
    (recipe,) = recipes(config, store, "sources")
    make_product(STAGES["sources"], store, recipe)
    found, nothing, before = Found(), {}, standing(tmp_path)
    found.note(nothing, before)
    assert found == Found(n_made=1)
    found.note(before, before)
    assert found == Found(n_made=1)

    path = Path(store.path("sources"))
    whole = path.read_bytes()
    path.unlink()
    found.note(before, standing(tmp_path))
    assert found == Found(n_made=1, n_lost=1)

    path.write_bytes(whole[: len(whole) // 2])
    os.utime(path, ns=(1, 1))
    found.note(before, standing(tmp_path))
    assert found == Found(n_made=1, n_lost=1, n_made_twice=1, n_torn=1)


@pytest.mark.slow
def test_a_kill_leaves_nothing_amiss(tmp_path: Path) -> None:
    found, is_same = campaign(tmp_path, 1, seed=7, n_shards=20)
    assert is_same
    assert not found.is_wrong, found
    assert found.n_kills + found.n_ended == 1
