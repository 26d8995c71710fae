"""The page of commands: each with its sentence, arguments and options, from the functions behind it."""

import inspect
from collections.abc import Callable, Iterator
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

import typer
from typer.models import ArgumentInfo, OptionInfo

from docs_reference.markdown import code, page, table
from flows.cli import app

INTRODUCTION = """\
Every command ends with exit code 0 when what was asked for exists, with 2 and one line when something in the input must
be mended (nothing is written then), and with 1 when products failed or a bound does not hold. `dwarfnu --version` says
which release it is, `dwarfnu --install-completion` lets the shell complete words; `--help` after any command says what
stands here."""
HEAD = ("argument or option", "value", "default", "meaning")
COMMON_OPTIONS = {"--help", "--version", "--install-completion", "--show-completion"}
VALUES = {str: "text", int: "whole number", float: "number"}


def commands_page() -> str:
    """Return the page, a chapter a command."""
    chapters = [_chapter(name, function) for name, function in commands(app, "dwarfnu")]
    return page("Commands", INTRODUCTION, *chapters)


def commands(group: typer.Typer, name: str) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield each command by its whole name with its function, those of inner groups last."""
    for command in group.registered_commands:
        if command.callback is not None:
            yield f"{name} {command.name or command.callback.__name__.replace('_', '-')}", command.callback
    for inner in group.registered_groups:
        if inner.typer_instance is not None:
            yield from commands(inner.typer_instance, f"{name} {inner.name}")


def spellings(function: Callable[..., Any]) -> set[str]:
    """Return all spellings of a command's options."""
    hints = get_type_hints(function, include_extras=True)
    names = inspect.signature(function).parameters
    spelt = (_spelt(name, _kind_and_told(hints[name])[1]) for name in names)
    return {word for text in spelt for word in text.split(", ") if word.startswith("-")}


def _chapter(name: str, function: Callable[..., Any]) -> str:
    hints = get_type_hints(function, include_extras=True)
    rows = [_row(one, hints[one.name]) for one in inspect.signature(function).parameters.values()]
    sentence = "\n\n".join(" ".join(part.split()) for part in (inspect.getdoc(function) or "").split("\n\n"))
    options = table(HEAD, rows) if rows else "It takes no options."
    return f"## `{name}`\n\n{sentence}\n\n{options}"


def _row(parameter: inspect.Parameter, hint: Any) -> tuple[str, str, str, str]:
    kind, told = _kind_and_told(hint)
    is_list = get_origin(kind) is list
    one = get_args(kind)[0] if is_list else kind
    value = "" if one is bool else VALUES.get(one, "path")
    bounds = [f"{word} {bound:g}" for word, bound in (("from", told.min), ("at most", told.max)) if bound is not None]
    value = ", ".join(filter(None, [value, *bounds, "may be given again" if is_list else ""]))
    return code(_spelt(parameter.name, told)), value, _default(parameter.default), told.help or ""


def _kind_and_told(hint: Any) -> tuple[Any, ArgumentInfo | OptionInfo]:
    """Return the type of a parameter's value, without None, and what typer is told of it."""
    annotated, *notes = get_args(hint)
    told = next(note for note in notes if isinstance(note, ArgumentInfo | OptionInfo))
    kinds = [kind for kind in get_args(annotated) if kind is not NoneType] if NoneType in get_args(annotated) else []
    return (kinds[0] if kinds else annotated), told


def _spelt(name: str, told: ArgumentInfo | OptionInfo) -> str:
    if isinstance(told, ArgumentInfo):
        return told.metavar or name.upper()
    # As a note of a type, typer's Option takes its first spelling for the default that it has elsewhere.
    first = [told.default] if isinstance(told.default, str) else []
    return ", ".join([*first, *(told.param_decls or ())] or [f"--{name.replace('_', '-')}"])


def _default(default: object) -> str:
    if default is inspect.Parameter.empty:
        return "must be given"
    if default is None or default is False:
        return ""
    return code(str(default))
