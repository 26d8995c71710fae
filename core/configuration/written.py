"""An analysis as the text of a TOML file: every setting with its value and its meaning, those not set commented out."""

import textwrap
from typing import Any

import tomli_w

from core.configuration.config import Config
from core.configuration.meanings import Setting, groups, settings_of

WIDTH = 110


def config_as_toml(config: Config) -> str:
    """Return the effective configuration as a TOML text that reads back as the same configuration.

    A setting that is not set stands as `# name = ` with what it may be, for TOML has no word for nothing.
    """
    values = _without_nothing(config.model_dump(mode="json"))
    inner = {path: group for path, group in groups().items() if path and "." not in path}
    chapters = [_chapter("", settings_of(Config), values)]
    for path, group in inner.items():
        heading = f"{_comment(group.__doc__ or '')}[{path}]\n"
        chapters.append(heading + _chapter(path, settings_of(group, path), values[path]))
    return "\n".join(chapters)


def _chapter(path: str, settings: tuple[Setting, ...], values: dict[str, Any]) -> str:
    """Return the settings of one group, tables last: what follows the head of a table would be the table's."""
    plain = [setting for setting in settings if not _is_table(values.get(setting.name))]
    tables = [setting for setting in settings if _is_table(values.get(setting.name))]
    lines = [_comment(setting.meaning) + _line(setting, values.get(setting.name)) for setting in plain]
    for setting in tables:
        entries = [f"{_entry(name, value)}\n" for name, value in values[setting.name].items()]
        lines += [f"\n{_comment(setting.meaning)}[{path}{'.' if path else ''}{setting.name}]\n", *entries]
    return "".join(lines)


def _line(setting: Setting, value: Any) -> str:
    if value is None:
        return f"# {setting.name} =    ({setting.allowed})\n"
    return f"{_entry(setting.name, value)}\n"


def _entry(name: str, value: Any) -> str:
    key = tomli_w.dumps({name: 0}).removesuffix(" = 0\n")
    return f"{key} = {_inline(value)}"


def _inline(value: Any) -> str:
    """Return a value in one line, however long: tables in braces, where tomli_w would write a head for each."""
    if isinstance(value, list):
        return f"[{', '.join(map(_inline, value))}]"
    if isinstance(value, dict):
        entries = ", ".join(_entry(name, one) for name, one in value.items())
        return f"{{ {entries} }}" if entries else "{}"
    return tomli_w.dumps({"x": value}).removeprefix("x = ").removesuffix("\n")


def _is_table(value: Any) -> bool:
    return isinstance(value, dict) and bool(value)


def _comment(sentence: str) -> str:
    words = " ".join(sentence.split())
    return textwrap.indent(textwrap.fill(words, WIDTH, break_on_hyphens=False) + "\n", "# ")


def _without_nothing(value: Any) -> Any:
    """Return a value without what is not set, in tables and in lists of them."""
    if isinstance(value, dict):
        return {name: _without_nothing(one) for name, one in value.items() if one is not None}
    return [_without_nothing(one) for one in value] if isinstance(value, list) else value
