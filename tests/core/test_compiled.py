"""Compiled functions are cached by their own file alone, so that they may use nothing of ours from another one."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DECORATORS = {"compiled", "compiled_fused"}
MODULES = sorted(path for path in (ROOT / "core").rglob("*.py") if "@compiled" in path.read_text(encoding="utf-8"))


def borrowed(source: str) -> set[tuple[str, str]]:
    """(compiled function, what it uses of another module of core), annotations left out."""
    tree = ast.parse(source)
    ours = {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(("core", "tasks", "flows"))
        for alias in node.names
    }
    functions = [
        node
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        and any(isinstance(by, ast.Name) and by.id in DECORATORS for by in node.decorator_list)
    ]
    return {
        (function.name, name.id)
        for function in functions
        for statement in function.body
        for name in ast.walk(statement)
        if isinstance(name, ast.Name) and name.id in ours
    }


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_compiled_function_uses_its_own_module_alone(path: Path) -> None:
    assert borrowed(path.read_text(encoding="utf-8")) == set()


def test_what_is_borrowed_is_found() -> None:
    source = "from core.b import c, T\n\n@compiled\ndef f(x: T) -> T:\n    return c(x)\n\ndef g(x):\n    return c(x)\n"
    assert borrowed(source) == {("f", "c")}
    assert len(MODULES) > 5
