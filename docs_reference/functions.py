"""The page of functions: what each room of core passes on to other programs, with signature and docstring."""

import ast
import inspect
import pkgutil
import textwrap
from importlib import import_module
from types import ModuleType
from typing import Any

import core
from docs_reference.markdown import page

INTRODUCTION = """\
`core` is a library of its own: it knows neither Prefect nor the command line, and each of its rooms passes on the names
that other programs may build on. Units are GeV, cm, s, rad and sr unless a name says another."""
# What is passed on that is neither a class nor a function.
VALUES = {
    "CHANNELS": "The names of the channels, in the order of figures and tables.",
    "EVENT_CLASSES": "The names of the event classes, in the order of arrays.",
    "FINAL_STATES": "The final states, in the order of figures and tables.",
    "FLAVOURS": "The names of the six neutrino species, in the order of arrays.",
    "GLOSSARY": "Every column by its name; see [columns](columns.md).",
    "INTERACTIONS": "The names of the interactions, in the order of arrays.",
    "KEYS": "The names of the columns that may be keys of a product.",
    "PROCESSES": "What dark matter may do, by its name in `process`.",
    "SHIPPED_RESPONSE": "The path of the shipped response.",
    "SHIPPED_SPECTRA": "The path of the shipped spectra.",
}
INDENT, WIDTH = "    ", 100
SHOWN_MARKS = {"property", "classmethod", "staticmethod"}
NOTHING_PASSED_ON = "It passes nothing on; the stages use its modules."


def functions_page() -> str:
    """Return the page, a chapter a room."""
    return page("Functions", INTRODUCTION, *map(_chapter, rooms()))


def rooms() -> list[ModuleType]:
    """Return the rooms of core, and rooms in rooms that pass names on."""
    names = [found.name for found in pkgutil.walk_packages(core.__path__, "core.") if found.ispkg]
    modules = [import_module(name) for name in names]
    return [module for module in modules if module.__name__.count(".") == 1 or hasattr(module, "__all__")]


def passed_on(room: ModuleType) -> list[tuple[str, Any]]:
    """Return what a room passes on, by name."""
    return [(name, getattr(room, name)) for name in sorted(getattr(room, "__all__", ()))]


def _chapter(room: ModuleType) -> str:
    entries = [_entry(name, thing) for name, thing in passed_on(room)] or [NOTHING_PASSED_ON]
    return "\n\n".join([f"## `{room.__name__}`", inspect.getdoc(room) or "", *entries])


def _entry(name: str, thing: Any) -> str:
    if not (inspect.isclass(thing) or inspect.isfunction(thing)):
        return f"### `{name}`\n\n{VALUES.get(name, _of_type(thing))}"
    node = ast.parse(textwrap.dedent(inspect.getsource(thing))).body[0]
    told = _class(node) if isinstance(node, ast.ClassDef) else _function(node)
    return f"### `{name}`\n\n```python\n{told}\n```"


def _of_type(thing: Any) -> str:
    return f"A value of type `{type(thing).__name__}`."


def _class(node: ast.ClassDef) -> str:
    """Return a class as one reads it: bases, docstring, fields, and what else it has that is public."""
    bases = ", ".join(map(ast.unparse, node.bases))
    lines = [f"class {node.name}({bases})" if bases else f"class {node.name}", *_docstring(node)]
    is_among_fields = False
    for part in node.body:
        if isinstance(part, ast.AnnAssign | ast.Assign) and not ast.unparse(part).startswith("_"):
            lines += ([] if is_among_fields else [""]) + [textwrap.indent(ast.unparse(part), INDENT)]
            is_among_fields = True
        elif isinstance(part, ast.FunctionDef) and (part.name == "__init__" or not part.name.startswith("_")):
            lines += ["", textwrap.indent(_function(part), INDENT)]
    return "\n".join(lines)


def _function(node: ast.stmt) -> str:
    if not isinstance(node, ast.FunctionDef):
        raise TypeError(f"{ast.unparse(node)} is neither a class nor a function")
    marks = [f"@{mark}" for mark in map(ast.unparse, node.decorator_list) if mark in SHOWN_MARKS]
    returned = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    line = f"def {node.name}({ast.unparse(node.args)}){returned}"
    if len(line) > WIDTH:
        parts = [f"{INDENT}{part},\n" for part in _arguments(node.args)]
        line = f"def {node.name}(\n{''.join(parts)}){returned}"
    return "\n".join([*marks, line, *_docstring(node)])


def _arguments(arguments: ast.arguments) -> list[str]:
    """Return each argument as it is written, the star before those that go by name alone too."""
    plain = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(plain) - len(arguments.defaults)) + list(map(ast.unparse, arguments.defaults))
    texts = [_with_default(one, default) for one, default in zip(plain, defaults, strict=True)]
    if arguments.vararg:
        texts.append(f"*{ast.unparse(arguments.vararg)}")
    elif arguments.kwonlyargs:
        texts.append("*")
    named = [None if default is None else ast.unparse(default) for default in arguments.kw_defaults]
    texts += [_with_default(one, default) for one, default in zip(arguments.kwonlyargs, named, strict=True)]
    return [*texts, f"**{ast.unparse(arguments.kwarg)}"] if arguments.kwarg else texts


def _with_default(argument: ast.arg, default: str | None) -> str:
    return ast.unparse(argument) if default is None else f"{ast.unparse(argument)} = {default}"


def _docstring(node: ast.ClassDef | ast.FunctionDef) -> list[str]:
    told = ast.get_docstring(node)
    return [textwrap.indent(told, INDENT)] if told else []
