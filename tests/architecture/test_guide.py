"""The contributor's guide says what the code is: rooms with their rules, and where formulas stand."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
ROOMS = sorted(path.parent for path in (ROOT / "core").glob("*/__init__.py"))
SHELLS = [ROOT / name for name in ("tasks", "flows", "dashboards", "deployments")]
LOOK_UPS = [
    line for line in GUIDE.partition("## Where is …")[2].partition("\n## ")[0].splitlines() if line.startswith("| ")
][2:]
ADDITIONS = re.findall(r"\*\*A (\w+)\*\*\n((?:\d\. .*\n(?:   .*\n)*)+)", GUIDE)
MODULE = re.compile(r"`((?:core|tasks|flows|dashboards|deployments|tests|docs|benchmarks)/[\w./]*)`")


def definitions(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}


@pytest.mark.parametrize("room", [*ROOMS, *SHELLS], ids=lambda path: path.name)
def test_a_rooms_rule_is_the_one_of_its_init(room: Path) -> None:
    tree = ast.parse((room / "__init__.py").read_text(encoding="utf-8"))
    rule = (ast.get_docstring(tree) or "").splitlines()[0]
    assert f"| `{room.relative_to(ROOT).as_posix()}` | {rule} |" in GUIDE


def test_no_room_is_listed_that_is_none() -> None:
    listed = re.findall(r"^\| `((?:core/)?\w+)` \|", GUIDE, flags=re.MULTILINE)
    assert sorted(listed) == sorted(path.relative_to(ROOT).as_posix() for path in (*ROOMS, *SHELLS))


def test_there_are_ten_look_ups() -> None:
    assert len(LOOK_UPS) == 10


@pytest.mark.parametrize("line", LOOK_UPS, ids=lambda line: line.split("|")[1].strip())
def test_a_look_up_takes_two_files_at_most_and_finds_its_names(line: str) -> None:
    files = re.findall(r"`(core/[\w/]+\.py)`((?:,? `\w+`)+)", line)
    assert 1 <= len(files) <= 2
    for name, wanted in files:
        path = ROOT / name
        assert path.is_file(), name
        assert set(re.findall(r"`(\w+)`", wanted)) <= definitions(path)


def test_five_things_are_added_in_five_lines_each() -> None:
    assert [name for name, _ in ADDITIONS] == ["stage", "statistic", "sample", "channel", "figure"]
    for _, steps in ADDITIONS:
        assert re.findall(r"^(\d)\.", steps, flags=re.MULTILINE) == list("12345")


@pytest.mark.parametrize("name", sorted(set(MODULE.findall(GUIDE))))
def test_every_file_that_is_named_is_there(name: str) -> None:
    assert (ROOT / name).exists()
