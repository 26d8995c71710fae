"""The rooms of core: each has a rule in one sentence, imports between them run one way, and there are few of them."""

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[2]
CORE = ROOT / "core"
# Modules that every room may use.
WORDS = {"compiled", "coordinates", "errors", "files", "units"}
ROOMS = sorted(path.parent.name for path in CORE.glob("*/__init__.py"))
MOST_ENTRIES = 24


def room(module: str) -> str:
    return module.split(".")[1] if "." in module else module


@pytest.fixture(scope="module")
def needs() -> dict[str, set[str]]:
    """The rooms, or words, that each room imports."""
    graph = grimp.build_graph("core", cache_dir=None)
    found: dict[str, set[str]] = {name: set() for name in (*ROOMS, *WORDS)}
    for module in graph.modules - {"core"}:
        imported = graph.find_modules_directly_imported_by(module)
        found[room(module)] |= {room(other) for other in imported} - {room(module)}
    return found


def test_core_is_words_and_rooms() -> None:
    entries = {path.name for path in CORE.iterdir()} - {"__pycache__", "__init__.py"}
    assert entries == {*ROOMS, *(f"{word}.py" for word in WORDS)}
    assert len(entries) <= MOST_ENTRIES


def test_there_is_no_circle_of_rooms(needs: dict[str, set[str]]) -> None:
    order = list(TopologicalSorter(needs).static_order())
    assert order.index("products") < order.index("stages")
    assert order[-1] == "stages"


def test_a_circle_would_be_found(needs: dict[str, set[str]]) -> None:
    with pytest.raises(CycleError):
        list(TopologicalSorter({**needs, "products": {*needs["products"], "stages"}}).static_order())


def test_words_need_no_room(needs: dict[str, set[str]]) -> None:
    assert all(not needs[word] - WORDS for word in WORDS)


@pytest.mark.parametrize("name", ROOMS)
def test_a_room_says_its_rule_and_exports_names_of_its_own(name: str) -> None:
    tree = ast.parse((CORE / name / "__init__.py").read_text(encoding="utf-8"))
    rule = ast.get_docstring(tree) or ""
    assert rule.splitlines()[0].endswith(".")
    assert len(rule.splitlines()[0]) < 120


def test_no_room_is_imported_whole() -> None:
    """Digests follow names to the modules that define them, so that core says which names it uses."""
    dotted = {
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in CORE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import) and any(alias.name.startswith("core") for alias in node.names)
    }
    assert not dotted
