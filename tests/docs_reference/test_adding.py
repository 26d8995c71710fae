"""A galaxy and a sample are added by the scripts of the page, and do what they should."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from core.products.store import ProductStore
from docs_reference.examples import ROOT
from tests.runs import clean_environment

PAGE = (ROOT / "docs" / "adding.md").read_text(encoding="utf-8")
SCRIPTS = dict(re.findall(r'^```python title="(\w+\.py)"\n(.*?)^```$', PAGE, re.MULTILINE | re.DOTALL))


def printed(folder: Path, name: str) -> str:
    """What a script of the page prints, with this interpreter in the place of `uv run`."""
    (folder / name).write_text(SCRIPTS[name], encoding="utf-8")
    environment = clean_environment(folder, PYTHONPATH=str(ROOT))
    done = subprocess.run(
        [sys.executable, name], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_each_script_is_run_by_a_command_of_the_page() -> None:
    commands = re.findall(r"^uv run python (\w+\.py)$", PAGE, re.MULTILINE)
    assert commands == list(SCRIPTS) == ["add_galaxy.py", "add_sample.py"]


@pytest.mark.slow
def test_a_galaxy_carries_its_part_and_the_others_keep_their_order(tmp_path: Path) -> None:
    without, with_it = printed(tmp_path, "add_galaxy.py").splitlines()
    assert without.endswith("Mine I carries 0%")
    assert not with_it.endswith("Mine I carries 0%")
    stores = [ProductStore(tmp_path / "products", f"galaxy-{name}") for name in ("without", "with")]
    before, after = (store.read("asimov")["sigma_v_sensitivity"][0].as_py() for store in stores)
    assert after < before, "one galaxy more can only add to what is seen"
    before, after = ({row["source"]: row["j_factor"] for row in store.read("sources").to_pylist()} for store in stores)
    assert after.pop("Mine I") == pytest.approx(10**19.5)
    assert after == before


@pytest.mark.slow
def test_twice_the_livetime_is_a_root_of_two_better(tmp_path: Path) -> None:
    ratio, expected = map(float, re.findall(r"\d\.\d{3}", printed(tmp_path, "add_sample.py")))
    assert expected == pytest.approx(0.7071, abs=5e-4)
    assert ratio == pytest.approx(expected, abs=2e-3)
