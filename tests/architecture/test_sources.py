"""Every file of ours is short, explained, silent, and at home on any machine."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("core", "tasks", "flows", "dashboards", "deployments", "docs_reference")
LIBRARY = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
SOURCES = sorted({*LIBRARY, *(path for part in ("tests", "benchmarks") for path in (ROOT / part).rglob("*.py"))})
TEXTS = sorted(
    {
        path
        for part in (*PACKAGES, "benchmarks", "docs", ".ci")
        for path in (ROOT / part).rglob("*")
        if path.suffix in {".py", ".md", ".toml", ".yaml", ".yml", ".sh", ".csv", ""}
        and path.is_file()
        and "__pycache__" not in path.parts
    }
    | {ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "pyproject.toml"}
)
MAX_LINES_OF_FILE = 400
MAX_LINES_OF_FUNCTION = 50
MACHINE_PATH = re.compile(
    r"(?<![\w.:/~}-])/(?:home|work|root|Users|users|user|data|scratch|mnt|media|opt|srv|afs|cvmfs|gpfs|lustre)/"
)


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def summary(path: Path) -> tuple[bool, dict[str, int]]:
    """Whether a module is empty or says what it is, and how long its functions are."""
    module = tree(path)
    functions = [node for node in ast.walk(module) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    lengths = {f"{name(path)}:{node.name}": (node.end_lineno or node.lineno) - node.lineno + 1 for node in functions}
    return not module.body or ast.get_docstring(module) is not None, lengths


def nodes(path: Path, *words: str) -> list[ast.AST]:
    """The syntax of a file in whose text one of some words stands; of others nothing, to save the time."""
    text = path.read_text(encoding="utf-8")
    return list(ast.walk(ast.parse(text))) if any(word in text for word in words) else []


def calls(path: Path, *words: str) -> list[ast.Call]:
    return [node for node in nodes(path, *words) if isinstance(node, ast.Call)]


def test_there_are_sources() -> None:
    assert ROOT / "core" / "products" / "store.py" in LIBRARY
    assert Path(__file__) in SOURCES
    assert ROOT / "README.md" in TEXTS


def test_every_module_says_what_it_is() -> None:
    assert not [name(path) for path in LIBRARY if not summary(path)[0]]


def test_no_file_is_long() -> None:
    lengths = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    assert not {path: length for path, length in lengths.items() if length > MAX_LINES_OF_FILE}


def test_no_function_is_long() -> None:
    lengths = {function: length for path in SOURCES for function, length in summary(path)[1].items()}
    assert len(lengths) > 1000
    assert not {function: length for function, length in lengths.items() if length > MAX_LINES_OF_FUNCTION}


def test_the_library_does_not_print() -> None:
    printing = {
        f"{name(path)}:{call.lineno}"
        for path in LIBRARY
        if name(path) != "flows/cli.py"
        for call in calls(path, "print")
        if isinstance(call.func, ast.Name) and call.func.id in {"print", "pprint"}
    }
    assert not printing


def test_the_library_does_not_assert() -> None:
    asserting = {name(path) for path in LIBRARY for node in nodes(path, "assert") if isinstance(node, ast.Assert)}
    assert not asserting


def test_arrays_are_not_unpickled() -> None:
    unpickling = {
        f"{name(path)}:{call.lineno}"
        for path in LIBRARY
        if name(path) != "core/legacy/pickles.py"
        for call in calls(path, "allow_pickle")
        for keyword in call.keywords
        if keyword.arg == "allow_pickle" and not (isinstance(keyword.value, ast.Constant) and not keyword.value.value)
    }
    assert not unpickling


@pytest.mark.parametrize("path", TEXTS, ids=name)
def test_nothing_names_a_path_of_one_machine(path: Path) -> None:
    assert not MACHINE_PATH.findall(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("text", "is_machine_path"),
    [
        ('open("/home/ana/x.i3")', True),
        ("root = /data/ana/exp", True),
        ("https://example.org/data/x", False),
        ("../shared/data/x", False),
        ("{root}/data/x", False),
    ],
)
def test_machine_paths_are_recognised(text: str, is_machine_path: bool) -> None:
    assert bool(MACHINE_PATH.search(text)) is is_machine_path
