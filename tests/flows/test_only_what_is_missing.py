"""Some shards, one stage, what failed: with the real command."""

import re
from pathlib import Path

import pytest

from core.configuration.config import read_config
from core.products.store import ProductStore
from core.stages.registry import recipes
from tests.runs import dwarfnu, outcomes, written_config

FOUR_SHARDS = """
[pairs]
tautau = [20]
bb = [50]
[statistic]
nside = 8
n_cells = 64
[trials]
n_background = 2000
n_signal = 500
shard_size = 500
"""
PAIR = {"channel": "tautau", "mass": 20.0, "seed": 1}


@pytest.mark.slow
def test_shards_are_made_as_they_are_asked_for_and_what_lacks_is_named(tmp_path: Path) -> None:
    file = written_config(tmp_path, FOUR_SHARDS)
    config = read_config(file)
    store = ProductStore(config.product_root, config.analysis)
    made = dwarfnu(tmp_path, "trials", file, "--pair", "tautau/20", "--parts", "0-1")
    assert made.returncode == 0, made.stdout + made.stderr
    assert outcomes(made.stdout)["background_trials"] == {"computed": 2}
    assert [keys["channel"] for keys in store.keys("background_trials")] == ["tautau"]

    only = ("run", file, "--only", "sensitivity", "--pair", "tautau/20")
    refused = dwarfnu(tmp_path, *only)
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1
    assert "background_trials channel=tautau mass=20 seed=1 lacks of 4 parts: parts 2-3 missing" in refused.stderr
    assert not store.keys("sensitivity")

    taken = dwarfnu(tmp_path, *only, "--allow-incomplete")
    assert taken.returncode == 0, taken.stdout + taken.stderr
    (row,) = store.read("sensitivity").to_pylist()
    assert row["n_background_trials"] == 1000
    status = dwarfnu(tmp_path, "status", file, "--why")
    assert re.search(r"stale +sensitivity channel=tautau mass=20 seed=1: .*2 of 4 shards", status.stdout)

    third = recipes(config, store, "background_trials")[2]
    store.write_failure(third, "the node went down")
    again = dwarfnu(tmp_path, "trials", file, "--only-failed")
    assert again.returncode == 0, again.stdout + again.stderr
    assert outcomes(again.stdout)["background_trials"] == {"recomputed (failed)": 1}
    assert store.parts(third.product) == {0, 1, 2}
