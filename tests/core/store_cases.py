"""Small recipes and tables for the tests of the product store, and the running of code in a process of its own."""

import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

import pyarrow as pa

from core.products.recipe import ProductKey, Recipe

ROOT = Path(__file__).parents[2]
PAIR = {"channel": "bb", "mass": 10.0}
ACCEPTANCE = ProductKey("acceptance", PAIR)
RUN = {**PAIR, "seed": 1}
TRIALS = ProductKey("background_trials", RUN)


def acceptance(n_s_per_sigma_v: float = 2.0) -> pa.Table:
    return pa.table({"source": ["Draco", "Segue 1"], "n_s_per_sigma_v": [n_s_per_sigma_v, 3.0]})


def acceptance_recipe(**parameters: Any) -> Recipe:
    return Recipe(ACCEPTANCE, "core.units", parameters)


def shard(part: int, n_trials: int = 10, first_trial: int | None = None) -> tuple[Recipe, pa.Table]:
    """One shard of background trials that follow from the acceptance, and its recipe."""
    first = part * n_trials if first_trial is None else first_trial
    recipe = Recipe(TRIALS, "core.units", {"first_trial": first, "n_trials": n_trials}, (ACCEPTANCE,), part)
    trial = pa.array(range(first, first + n_trials), pa.int64())
    return recipe, pa.table({"trial": trial, "n_s": trial.cast(pa.float64())})


def child(code: str, *arguments: object, home: Path = ROOT) -> "subprocess.Popen[str]":
    """Start Python code in a process of its own, which finds our packages in `home`."""
    command = [sys.executable, "-c", dedent(code), *map(str, arguments)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=home, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def output(process: "subprocess.Popen[str]") -> str:
    """Wait for a process to end well and return what it printed."""
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return out
