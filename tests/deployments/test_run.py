"""The command with a profile: what it refuses, what it prints, and a run whose products Dask makes."""

from pathlib import Path

import pytest

from core.configuration.config import read_config
from core.products.recipe import State
from core.products.store import ProductStore
from core.stages.plan import trial_stages
from core.stages.registry import recipes
from tests.made_analysis import made_analysis
from tests.runs import dwarfnu, sharded_trials, written_config

pytestmark = pytest.mark.slow

TRIALS = sharded_trials(1000, 100, 100)
KEYS = {"channel": "tautau", "mass": 20.0, "seed": 1}


def test_a_run_on_dask_makes_the_same_trials(tmp_path: Path) -> None:
    file = written_config(tmp_path, TRIALS)
    (tmp_path / "profile.toml").write_text('engine = "dask"\nworkers = 2\n', encoding="utf-8")
    done = dwarfnu(tmp_path, "trials", file, "--engine", tmp_path / "profile.toml")
    assert (done.returncode, done.stderr) == (0, "")
    assert "background_trials: 10 computed" in done.stdout
    config = read_config(file, products=str(tmp_path / "here"))
    here = made_analysis(config, trial_stages(config))
    there = ProductStore(tmp_path / "products")
    for stage in ("background_trials", "signal_trials"):
        assert there.read(stage, **KEYS).equals(here.read(stage, **KEYS))
    assert all(there.explain_recipe(recipe).state is State.FRESH for recipe in recipes(config, there, "signal_trials"))


def test_an_engine_that_cannot_be_had_is_one_line(tmp_path: Path) -> None:
    config = written_config(tmp_path, TRIALS)
    (tmp_path / "profile.toml").write_text('engine = "dask"\naddress = "tcp://127.0.0.1:9"\n', encoding="utf-8")
    refused = dwarfnu(tmp_path, "run", config, "--engine", tmp_path / "profile.toml")
    assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (2, "", 1)
    assert "no Dask scheduler answers" in refused.stderr
    assert not (tmp_path / "products").exists()
