"""A stage, a statistic, a channel and a figure are each one new file and its entry in a list, as docs/adding.md shows.

All four are added to a copy of the tree, as the page has them, and run through the command.
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

PAGE = (ROOT / "docs" / "adding.md").read_text(encoding="utf-8")
BLOCK = re.compile(r'^```(python|diff) title="(core/[\w/]+\.py)"\n(.*?)^```$', re.MULTILINE | re.DOTALL)
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
    """Copy the tree and make the additions of the page: new files, and lines of lists."""
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    for kind, name, text in BLOCK.findall(PAGE):
        path = folder / name
        if kind == "python":
            assert not path.exists(), name
            path.write_text(text, encoding="utf-8")
        else:
            path.write_text(changed(path.read_text(encoding="utf-8"), text), encoding="utf-8")


def changed(before: str, difference: str) -> str:
    """A file after a change that is shown as a difference, whose old lines stand in it once."""
    lines = difference.splitlines(keepends=True)
    old, new = ("".join(line[1:] for line in lines if line[0] in signs) for signs in (" -", " +"))
    assert before.count(old) == 1, old
    return before.replace(old, new)


def test_a_difference_is_made_where_its_old_lines_stand() -> None:
    assert changed("a\nb\nc\n", " a\n+x\n-b\n") == "a\nx\nc\n"
    with pytest.raises(AssertionError):
        changed("a\na\n", " a\n+b\n")


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
