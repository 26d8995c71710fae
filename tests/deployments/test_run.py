"""The command with a profile: what it refuses, what it prints, and a run whose products Dask makes."""

from pathlib import Path

import pytest

from core.products.store import ProductStore
from tests.runs import dwarfnu, written_config

pytestmark = pytest.mark.slow

TRIALS = "[pairs]\ntautau = [20]\n[trials]\nn_background = 1000\nn_signal = 100\nshard_size = 100\n"
KEYS = {"channel": "tautau", "mass": 20.0, "seed": 1}


def test_a_run_on_dask_makes_the_same_trials_and_finds_them_fresh(tmp_path: Path) -> None:
    config = written_config(tmp_path, TRIALS)
    (tmp_path / "profile.toml").write_text('engine = "dask"\nworkers = 2\n', encoding="utf-8")
    done = dwarfnu(tmp_path, "trials", config, "--engine", tmp_path / "profile.toml")
    assert done.returncode == 0, done.stderr
    assert "background_trials: 10 computed" in done.stdout
    again = dwarfnu(tmp_path, "trials", config)
    assert "nothing to do" in again.stdout or "computed" not in again.stdout
    there = ProductStore(tmp_path / "products")
    here = written_config(tmp_path, TRIALS, products="here")
    assert dwarfnu(tmp_path, "trials", here).returncode == 0
    for stage in ("background_trials", "signal_trials"):
        assert there.read(stage, **KEYS).equals(ProductStore(tmp_path / "here").read(stage, **KEYS))


def test_an_engine_that_cannot_be_had_is_one_line(tmp_path: Path) -> None:
    config = written_config(tmp_path, TRIALS)
    (tmp_path / "profile.toml").write_text('engine = "dask"\naddress = "tcp://127.0.0.1:9"\n', encoding="utf-8")
    refused = dwarfnu(tmp_path, "run", config, "--engine", tmp_path / "profile.toml")
    assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (2, "", 1)
    assert "no Dask scheduler answers" in refused.stderr
    assert not (tmp_path / "products").exists()
