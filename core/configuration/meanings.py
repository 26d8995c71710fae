"""What each setting means: its unit, its default, what it may be, and its sentence, from the settings themselves."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from pydantic_core import PydanticUndefined

from core.configuration.config import Config
from core.configuration.fields import Settings

# A unit stands in parentheses in the setting's sentence, or at the end of its name.
UNIT_IN_SENTENCE = re.compile(r"\((GeV|deg|s|cm³/s)\)")
UNITS_OF_NAMES = {"_deg": "deg", "_gev": "GeV"}
LONG_DEFAULT = 72
ONE_KIND = {"string": "a text", "boolean": "true or false"}
NUMBERS = {"number": "a number", "integer": "a whole number"}
# What a JSON schema calls the bounds of a number: by its own words, or by pydantic's inside an optional one.
BOUNDS = {
    "above": ("exclusiveMinimum", "gt"),
    "from": ("minimum", "ge"),
    "below": ("exclusiveMaximum", "lt"),
    "at most": ("maximum", "le"),
}


@dataclass(frozen=True)
class Setting:
    """One setting: its group ("" at the top, "events.cuts" of a list of tables), name, unit, default, values, meaning.

    `default`: as it is written in TOML, "not set", or "must be given".
    """

    group: str
    name: str
    unit: str
    default: str
    allowed: str
    meaning: str

    @property
    def path(self) -> str:
        """Return the name with its group: statistic.nside."""
        return f"{self.group}.{self.name}" if self.group else self.name


def settings_of(group: type[Settings], path: str = "") -> tuple[Setting, ...]:
    """Return the settings of a group by itself, without those of its groups."""
    schema = group.model_json_schema()
    definitions = schema.get("$defs", {})
    return tuple(
        Setting(path, name, _unit(name, sentence), _default(group, name), _allowed(values, definitions), sentence)
        for name, values in schema["properties"].items()
        if (sentence := " ".join(values.get("description", "").split()))
    )


def groups() -> Mapping[str, type[Settings]]:
    """Return all groups by the path under which they stand in TOML; "" is the top."""
    return {"": Config, **_groups_in(Config, "")}


def all_settings() -> tuple[Setting, ...]:
    """Return every setting there is, group by group."""
    return tuple(setting for path, group in groups().items() for setting in settings_of(group, path))


def _groups_in(group: type[Settings], path: str) -> dict[str, type[Settings]]:
    found: dict[str, type[Settings]] = {}
    for name, field in group.model_fields.items():
        for inner in _kinds(field.annotation):
            if issubclass(inner, Settings):
                place = f"{path}.{name}" if path else name
                found |= {place: inner, **_groups_in(inner, place)}
    return found


def _kinds(annotation: Any) -> list[type]:
    """Return the classes that an annotation such as tuple[X, ...] | None is made of."""
    if isinstance(annotation, type) and not get_args(annotation):
        return [annotation]
    return [kind for argument in get_args(annotation) for kind in _kinds(argument)]


def _unit(name: str, sentence: str) -> str:
    for ending, unit in UNITS_OF_NAMES.items():
        if name.endswith(ending):
            return unit
    found = UNIT_IN_SENTENCE.search(sentence)
    return found[1] if found else ""


def _default(group: type[Settings], name: str) -> str:
    value = group.model_fields[name].get_default(call_default_factory=True)
    if value is PydanticUndefined:
        return "must be given"
    if value is None:
        return "not set"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONG_DEFAULT else "as the meaning says"


def _allowed(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    """Return in words what a JSON schema allows."""
    if "$ref" in schema:
        return _allowed(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    if "enum" in schema:
        return ", ".join(json.dumps(value, ensure_ascii=False) for value in schema["enum"])
    if parts := schema.get("anyOf") or schema.get("oneOf"):
        return " or ".join(_allowed(part, definitions) for part in parts if part.get("type") != "null")
    kind = schema["type"]
    if kind in NUMBERS:
        return f"{NUMBERS[kind]}{_bounds(schema)}"
    if kind == "array":
        return _allowed_list(schema, definitions)
    if kind == "object":
        each = schema.get("additionalProperties")
        return f"a table by name, each {_allowed(each, definitions)}" if each else "a table"
    return f"{ONE_KIND[kind]} that matches {schema['pattern']}" if "pattern" in schema else ONE_KIND[kind]


def _allowed_list(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    if "prefixItems" in schema:
        return f"[{', '.join(_allowed(item, definitions) for item in schema['prefixItems'])}]"
    least = schema.get("minItems")
    size = f"a list of {least} or more" if least else "a list"
    return f"{size}, each {_allowed(schema['items'], definitions)}"


def _bounds(schema: Mapping[str, Any]) -> str:
    given = {word: schema[name] for word, names in BOUNDS.items() for name in names if name in schema}
    shown = [f"{word} {bound:,g}" if isinstance(bound, float) else f"{word} {bound:,}" for word, bound in given.items()]
    return f" {', '.join(shown)}" if shown else ""
