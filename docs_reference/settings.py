"""The page of settings: every one with unit, default, allowed values and its sentence."""

from core.configuration.meanings import Setting, groups, settings_of
from docs_reference.markdown import code, page, table

INTRODUCTION = """\
An analysis is one TOML file, which names only what differs from the public analysis. `dwarfnu run --print-config`
prints the same settings with the values that a run would use, as a file to start from. What is not listed here is
refused."""
IN_WORDS = ("not set", "must be given", "as the meaning says")
HEAD = ("setting", "unit", "default", "allowed", "meaning")


def settings_page() -> str:
    """Return the page, a chapter a table of the TOML file."""
    chapters = []
    for path, group in groups().items():
        settings = settings_of(group, path)
        rows = [
            (code(setting.name), setting.unit, _default(setting), setting.allowed, setting.meaning)
            for setting in settings
        ]
        sentence = " ".join((group.__doc__ or "").split())
        chapters.append(f"## {_heading(path)}\n\n{sentence}\n\n{table(HEAD, rows)}")
    return page("Settings", INTRODUCTION, *chapters)


def _default(setting: Setting) -> str:
    return setting.default if setting.default in IN_WORDS else code(setting.default)


def _heading(path: str) -> str:
    if not path:
        return "At the top"
    return f"`[[{path}]]`" if "." in path else f"`[{path}]`"
