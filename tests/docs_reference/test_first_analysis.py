"""The first analysis as a new user types it: every file and every command of the page, in their order."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from core.products import ProductStore
from tests.runs import clean_environment

PAGE = Path(__file__).parents[2] / "docs" / "first-analysis.md"
BLOCK = re.compile(r'^```(\w+)(?: title="([\w.-]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)
STEPS = BLOCK.findall(PAGE.read_text(encoding="utf-8"))


def test_a_block_is_a_file_with_a_name_or_commands() -> None:
    assert len(STEPS) == PAGE.read_text(encoding="utf-8").count("\n```") / 2
    assert {kind for kind, title, _ in STEPS if not title} == {"sh"}
    commands = [line for kind, _, content in STEPS if kind == "sh" for line in content.splitlines()]
    assert all(line.startswith(("uv run dwarfnu ", "uv run python ")) for line in commands)
    assert len(commands) > 8


def typed(line: str, folder: Path) -> str:
    """What a command prints, typed in a folder; with this interpreter in the place of `uv run`."""
    words = line.removeprefix("uv run ").split()
    program = [sys.executable, "-m", "flows.cli"] if words[0] == "dwarfnu" else [sys.executable]
    done = subprocess.run(
        [*program, *words[1:]], cwd=folder, env=clean_environment(folder), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What each command of the page printed, each time that it was typed; and the folder it was typed in."""
    folder = tmp_path_factory.mktemp("first-analysis")
    found: dict[str, list[str]] = {"folder": [str(folder)]}
    for _, title, content in STEPS:
        if title:
            (folder / title).write_text(content, encoding="utf-8")
            continue
        for line in content.splitlines():
            found.setdefault(line, []).append(typed(line, folder))
    return found


@pytest.mark.slow
@pytest.mark.timeout(3600)  # it waits for all commands of the page: three runs
def test_the_page_keeps_what_it_says(printed: dict[str, list[str]]) -> None:
    folder = Path(printed["folder"][0])
    assert (folder / "products" / "first" / "figures" / "limits.png").is_file()
    first, again = printed["uv run dwarfnu run first.toml"]
    assert "sensitivity at 90 % CL" in first
    assert "nothing to do: every product that is asked for is fresh" in again


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_without_willman_1_the_sensitivity_is_as_much_worse_as_the_first_run_says(
    printed: dict[str, list[str]],
) -> None:
    products = Path(printed["folder"][0]) / "products"
    with_it = {row["mass"]: row for row in ProductStore(products, "first").read("sensitivity").to_pylist()}[20.0]
    without = ProductStore(products, "without-willman-1").read("sensitivity").to_pylist()[0]
    variants = ProductStore(products, "first").read("robustness", channel="tautau", mass=20.0).to_pylist()
    told = next(row["ratio"] for row in variants if row["variant"] == "without Willman 1")
    ratio = without["sigma_v_sensitivity"] / with_it["sigma_v_sensitivity"]
    errors = [row["sigma_v_sensitivity_error"] / row["sigma_v_sensitivity"] for row in (without, with_it)]
    assert told == pytest.approx(1.73, rel=0.02)  # docs/j-factors.md
    assert ratio == pytest.approx(told, rel=0.02 + 4.0 * sum(errors))


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_the_box_of_neutrinos_has_four_of_them(printed: dict[str, list[str]]) -> None:
    products = Path(printed["folder"][0]) / "products"
    spectra = ProductStore(products, "box").read("spectra", channel="box", mass=20.0).to_pandas()
    (density,) = {round(value, 9) for value in spectra["dn_de_production"] if value > 0.0}
    assert 6 * density * 20.0 == pytest.approx(4.0)
    assert "box: box 20 GeV:" in printed["uv run python compare.py"][0]
