"""A stage, a statistic, a channel and a figure are each one new file and its entry in a registry.

All four are added to a copy of the tree and run through the command.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from PIL import Image

from core.products.store import ProductStore
from tests.runs import clean_environment, outcomes

ROOT = Path(__file__).parents[2]
PACKAGES = ("core", "tasks", "flows", "dashboards", "deployments")

STAGE = '''"""Stage `bright_sources`: how many sources are brighter than the mean."""

from core.products.recipe import ProductKey
from core.stages.stage import Stage, recipe_of

import pyarrow as pa


def recipes(config, store):
    yield recipe_of(make, STAGE.product(), {"times_mean": 1.0}, (ProductKey("sources"),))


def make(inputs, parameters):
    j_factor = inputs["sources"]["j_factor"].to_numpy()
    return pa.table({"n_events": [int((j_factor > parameters["times_mean"] * j_factor.mean()).sum())]})


STAGE = Stage(
    name="bright_sources",
    title="bright sources",
    sentence="Count the sources that are brighter than the mean.",
    columns=("n_events",),
    needs=("sources",),
    recipes=recipes,
)
'''
STATISTIC = '''"""A statistic that is the joint one in whole numbers of events."""

from dataclasses import replace

from core.stages.scales import trial_arguments
from core.stages.statistics.joint import JOINT, trial_model
from core.trials.run import run_trials, trials_table


def make_trials(inputs, parameters):
    result = run_trials(trial_model(inputs), **trial_arguments(parameters))
    return trials_table(replace(result, n_s=result.n_s.round()), parameters["first_trial"])


WHOLE_EVENTS = replace(JOINT, name="whole_events", title="whole events", make_trials=make_trials)
'''
CHANNEL = '''"""A final state that is half bottom quarks and half taus."""

from core.dark_matter.final_states.final_state import FinalState

BTAU = FinalState("btau", r"$b\\\\tau$", "#123456", opens_at=(5.27934, "the B meson's mass"), mean_of=("bb", "tautau"))
'''
FIGURE = '''"""A figure of how many sources are bright."""

from functools import partial

from matplotlib.figure import Figure

from core.products.recipe import ProductKey
from core.stages.figures.figure import FigureRecipe

BRIGHT = ProductKey("bright_sources")


def figures(context):
    stands = context.store.keys("bright_sources")
    return [FigureRecipe("bright-sources.png", (BRIGHT,), partial(draw))] if stands else []


def draw(store):
    figure = Figure()
    figure.subplots().bar([0], store.read_product(BRIGHT)["n_events"].to_pylist())
    return figure
'''
# New file, then registry, what stands there, and the entry that comes before or after it.
ADDITIONS = {
    "core/stages/bright_sources.py": (
        STAGE,
        ("core/stages/registry.py", "    background_pdf,\n", "    background_pdf,\n    bright_sources,\n"),
        ("core/stages/registry.py", "GIVEN = (sources.STAGE,", "GIVEN = (sources.STAGE, bright_sources.STAGE,"),
    ),
    "core/stages/statistics/whole_events.py": (
        STATISTIC,
        (
            "core/stages/statistics/__init__.py",
            "from core.stages.statistics.statistic import Statistic\n",
            "from core.stages.statistics.statistic import Statistic\n"
            "from core.stages.statistics.whole_events import WHOLE_EVENTS\n",
        ),
        ("core/stages/statistics/__init__.py", "        JOINT,\n", "        WHOLE_EVENTS,\n        JOINT,\n"),
        (
            "core/configuration/statistics.py",
            '    "joint": frozenset({"background", "nside", "n_cells"}),\n',
            '    "joint": frozenset({"background", "nside", "n_cells"}),\n'
            '    "whole_events": frozenset({"background", "nside", "n_cells"}),\n',
        ),
    ),
    "core/dark_matter/final_states/btau.py": (
        CHANNEL,
        (
            "core/dark_matter/final_states/__init__.py",
            "from core.dark_matter.final_states.bosons import HH, WW, ZZ\n",
            "from core.dark_matter.final_states.bosons import HH, WW, ZZ\n"
            "from core.dark_matter.final_states.btau import BTAU\n",
        ),
        ("core/dark_matter/final_states/__init__.py", "    HH,\n)", "    HH,\n    BTAU,\n)"),
    ),
    "core/stages/figures/bright_sources.py": (
        FIGURE,
        (
            "core/stages/figures/__init__.py",
            "    certificate,\n    counts,\n",
            "    bright_sources,\n    certificate,\n    counts,\n",
        ),
        (
            "core/stages/figures/__init__.py",
            "    events.figures,\n",
            "    bright_sources.figures,\n    events.figures,\n",
        ),
        (
            "core/figures/kinds.py",
            '    "limits": FigureText(',
            '    "bright-sources": FigureText("Bright sources", "How many are bright."),\n    "limits": FigureText(',
        ),
    ),
}
CONFIG = """
products = "products"
[pairs]
btau = [20]
bb = [20]
tautau = [20]
[statistic]
name = "whole_events"
nside = 8
n_cells = 64
[trials]
n_background = 2000
n_signal = 500
n_tail = 10_000
"""


def added_to(folder: Path) -> None:
    """Copy the tree and make the four additions."""
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    for name, (text, *entries) in ADDITIONS.items():
        (folder / name).write_text(text.replace("\\\\", "\\"), encoding="utf-8")
        for registry, here, there in entries:
            path = folder / registry
            before = path.read_text(encoding="utf-8")
            assert before.count(here) == 1, (registry, here)
            path.write_text(before.replace(here, there), encoding="utf-8")


@pytest.mark.slow
def test_each_is_one_file_and_its_entry_and_runs(tmp_path: Path) -> None:
    tree, home = tmp_path / "tree", tmp_path / "home"
    home.mkdir()
    tree.mkdir()
    added_to(tree)
    (home / "analysis.toml").write_text(CONFIG, encoding="utf-8")
    environment = clean_environment(home, PYTHONPATH=str(tree))
    run = [sys.executable, "-m", "flows.cli", "run", "analysis.toml"]
    done = subprocess.run(run, cwd=home, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert outcomes(done.stdout)["bright_sources"] == {"computed": 1}
    assert re.search(r"sensitivity .*whole events", done.stdout)
    store = ProductStore(home / "products")
    assert 0 < store.read("bright_sources")["n_events"][0].as_py() < store.read("sources").num_rows
    fitted = store.read("background_trials", channel="bb")["n_s"].to_numpy()
    assert (fitted == fitted.round()).all()
    expected = {
        name: store.read("sensitivity", channel=name)["n_s_per_sigma_v"][0].as_py() for name in ("bb", "tautau")
    }
    assert store.metadata("spectra", channel="bb")["recipe"].get("mean_of") is None
    mixed = pytest.approx(sum(expected.values()) / 2, rel=1e-9)

    row = pq.read_table(home / "products/public-3y/sensitivity/channel=btau/mass=20/seed=1/part-0000.parquet")
    assert row["n_s_per_sigma_v"][0].as_py() == mixed
    with Image.open(home / "products/public-3y/figures/bright-sources.png") as image:
        assert image.format == "PNG"
