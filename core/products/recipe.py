"""Recipes: all that determines a product, and how fresh the product is."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import pyarrow as pa

from core.dark_matter.channels import key_channel
from core.errors import ProductError
from core.glossary import GLOSSARY, KEYS
from core.products.code import digest_of_code
from core.products.digests import digest_of_parameters

KeyValue = str | float | int

PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,99}")


class State(StrEnum):
    """How a product stands to its recipe."""

    FRESH = "fresh"  # whole, and made from what its recipe asks for
    STALE = "stale"  # whole, but a parameter, an input or the code has changed since
    MISSING = "missing"  # never made, or deleted
    FAILED = "failed"  # torn, or not fresh and the last attempt to make it ended in an error


WORST_FIRST = (State.FAILED, State.STALE, State.MISSING, State.FRESH)


@dataclass(frozen=True)
class ProductState:
    """A product's state and, in words, why it is so."""

    state: State
    reason: str


NOT_MADE = ProductState(State.MISSING, "not made yet")


@dataclass(frozen=True)
class ProductKey:
    """One product: its stage, its keys and how many parts it has (None: all that there are).

    With `part` that part alone is meant. The keys take the order and the types of the glossary. Raises ProductError if
    the glossary has no such key, or if a value is none of its type or could not stand in a path.
    """

    stage: str
    keys: Mapping[str, KeyValue] = field(default_factory=dict)
    n_parts: int | None = None
    part: int | None = None

    def __post_init__(self) -> None:
        plain(self.stage, "stage")
        if unknown := [name for name in self.keys if name not in KEYS]:
            raise ProductError(f"products have no key {', '.join(unknown)}; keys are {', '.join(KEYS)}")
        object.__setattr__(self, "keys", {name: typed(name, self.keys[name]) for name in KEYS if name in self.keys})

    @property
    def folders(self) -> tuple[str, ...]:
        """The folders that lead to the product's parts: the stage, then key=value for each key."""
        return (self.stage, *(f"{name}={path_text(value)}" for name, value in self.keys.items()))

    def __str__(self) -> str:
        return " ".join(self.folders) + ("" if self.part is None else f" part {self.part}")


@dataclass(frozen=True)
class Recipe:
    """What one file of a product is made from.

    `parameters` are JSON-able and complete: two recipes with the same parameters, inputs and code make the same file.
    `code` names the function of core that makes it, "core.stages.spectra:make" (see `code_name`). `hints` tell
    that function what cannot change a number: where a file lies whose digest is a parameter, or that damage is refused.
    """

    product: ProductKey
    code: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    inputs: tuple[ProductKey, ...] = ()
    part: int = 0
    hints: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        # As they will be read back from the file: tuples become lists, names of entries become texts.
        object.__setattr__(self, "parameters", json.loads(json.dumps(dict(self.parameters))))

    @property
    def digest(self) -> str:
        """Digest of stage, keys, part and parameters."""
        return digest_of_parameters([self.product.folders, self.part, self.parameters])

    @property
    def code_digest(self) -> str:
        """Digest of the code that makes the product."""
        return digest_of_code(self.code)

    @property
    def arguments(self) -> dict[str, Any]:
        """What the making function is told: stage, keys, part, parameters and hints."""
        return {"stage": self.product.stage, "part": self.part, **self.product.keys, **self.parameters, **self.hints}

    def __str__(self) -> str:
        return str(self.product) if self.part == 0 else f"{self.product} part {self.part}"


@dataclass(frozen=True)
class AnnotatedTable:
    """A table and what else is to be said of how it was made (JSON-able); its file carries both."""

    table: pa.Table
    remarks: Mapping[str, Any]


def recipe_in(metadata: Mapping[str, Any]) -> Recipe:
    """Return the recipe that the file of a product says it was made from."""
    inputs = tuple(input_in(item, item["n_parts"]) for item in metadata["inputs"])
    product = ProductKey(metadata["stage"], metadata["keys"])
    return Recipe(product, metadata["code"]["function"], metadata["recipe"], inputs, metadata["part"])


def input_in(item: Mapping[str, Any], n_parts: int | None = None) -> ProductKey:
    """Return the product that an entry among the inputs of a file names."""
    return ProductKey(item["stage"], item["keys"], n_parts, item.get("part"))


def changed_parameters(made_with: Mapping[str, Any], asked_for: Mapping[str, Any]) -> str:
    """Return which parameters have changed, in words; of files that they have other content."""
    names = sorted(set(made_with) | set(asked_for))
    pairs = [(name, made_with.get(name), asked_for.get(name)) for name in names]
    changes = [f"{name}: {_change(name, before, now)}" for name, before, now in pairs if before != now]
    return "its parameters have changed (" + "; ".join(changes) + ")"


def _change(name: str, before: object, now: object) -> str:
    is_of_content = name.endswith("_digest") and isinstance(before, str) and isinstance(now, str)
    return "other content" if is_of_content else f"{before} → {now}"


def typed(name: str, value: object) -> KeyValue:
    """Return a key's value in the type that the glossary gives it; a channel may go by its published name.

    Any name that may stand in a path may be one of a channel: which are known the configuration says. Raises
    ProductError if it is not of that type, or leads elsewhere.
    """
    dtype = GLOSSARY[name].dtype
    key: KeyValue
    if pa.types.is_floating(dtype):
        key = _number(name, value)
    elif pa.types.is_integer(dtype):
        key = _count(name, value)
    elif isinstance(value, str):
        key = value
    else:
        raise ProductError(f"key {name}={value!r} is not a text")
    plain(path_text(key), name)
    return key_channel(str(key)) if name == "channel" else key


def _number(name: str, value: object) -> float:
    """Return a key's value as a finite number from 0 on; ProductError if it is none."""
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:
        raise ProductError(f"key {name}={value!r} is not a number") from error
    if not math.isfinite(number) or number < 0:
        raise ProductError(f"key {name}={value!r} is not a finite number from 0 on")
    return number


def _count(name: str, value: object) -> int:
    """Return a key's value as a whole number that fits 64 bits; ProductError if it is none."""
    try:
        count = int(value)  # type: ignore[call-overload]
    except (TypeError, ValueError, OverflowError) as error:
        raise ProductError(f"key {name}={value!r} is not a whole number") from error
    if (isinstance(value, float) and count != value) or not 0 <= count < 2**63:
        raise ProductError(f"key {name}={value!r} is not a whole number from 0 to 2^63 - 1")
    return int(count)


def path_text(value: KeyValue) -> str:
    """Return a key's value as it stands in a path: 10 for a mass of 10.0, 5.5 for 5.5, a text as it is."""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e16 else repr(float(value))
    return str(value)


def plain(value: str, name: str) -> str:
    """Return a text that may stand in a path; ProductError if it could lead anywhere else."""
    if not PLAIN_NAME.fullmatch(value):
        raise ProductError(
            f"{name} {value!r} cannot stand in a path: at most 100 letters, digits and _ . + - are allowed, "
            "a letter or digit first"
        )
    return value
