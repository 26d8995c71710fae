"""Every module has a test in its mirror, or is named here with the test that covers it from elsewhere."""

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"
PACKAGES = ("core", "tasks", "flows", "dashboards", "deployments")
# Names that many modules have: they tell nothing of which one a test is about.
COMMON = {"make", "recipes", "figures", "draw", "STAGE", "main"}
COVERED_ELSEWHERE = {}
# Tests of what several modules do together, or of one property at length, in the room that it is most about.
ACROSS = {}


def modules() -> list[Path]:
    """All modules that hold more than words, without what passes names on."""
    return sorted(
        path.relative_to(ROOT)
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if path.name != "__init__.py"
    )


def mirror(module: Path) -> Path:
    return TESTS / module.parent / f"test_{module.stem.strip('_')}.py"


def dotted(module: Path) -> str:
    return ".".join(module.with_suffix("").parts)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def public_names(module: Path) -> frozenset[str]:
    """What a module defines for others."""
    names: set[str] = set()
    for node in tree(ROOT / module).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
    return frozenset(name for name in names - COMMON if not name.startswith("_"))


@cache
def imported(test: Path) -> frozenset[str]:
    """The modules that a test imports."""
    found: set[str] = set()
    for node in ast.walk(tree(test)):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return frozenset(found)


@cache
def named(test: Path) -> frozenset[str]:
    """The names that a test imports, uses, or asks of something."""
    found: set[str] = set()
    for node in ast.walk(tree(test)):
        if isinstance(node, ast.ImportFrom):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
    return frozenset(found)


def covers(test: Path, module: Path) -> bool:
    return dotted(module) in imported(test) or bool(public_names(module) & named(test))


def test_every_module_is_mirrored_or_covered_from_elsewhere() -> None:
    without = {path.as_posix() for path in modules() if not mirror(path).is_file()}
    assert without - COVERED_ELSEWHERE.keys() == set()


@pytest.mark.parametrize("module", COVERED_ELSEWHERE)
def test_the_table_names_tests_that_know_their_module(module: str) -> None:
    path, test = Path(module), TESTS / COVERED_ELSEWHERE[module]
    assert (ROOT / path).is_file()
    assert not mirror(path).is_file(), "it is mirrored: take it from the table"
    assert test.is_file()
    assert covers(test, path)


def test_every_test_mirrors_a_module_or_is_said_to_be_about_several() -> None:
    mirrors = {mirror(path) for path in modules()}
    rooms = [path for package in PACKAGES for path in (TESTS / package).rglob("test_*.py")]
    assert {path.relative_to(TESTS).as_posix() for path in rooms if path not in mirrors} == ACROSS


def test_a_test_that_knows_nothing_of_a_module_does_not_cover_it() -> None:
    assert covers(TESTS / "core" / "test_coordinates.py", Path("core/coordinates.py"))
    assert not covers(TESTS / "core" / "test_coordinates.py", Path("core/legacy/nested.py"))
