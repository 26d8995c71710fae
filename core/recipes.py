"""Recipes: all that determines a product, and how fresh the product is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from core.digests import digest_of_code, digest_of_parameters
from core.errors import ProductError
from core.schemas import STAGE_KEYS, stage_keys

Key = str | float | int


class State(StrEnum):
    """How a product stands to its recipe."""

    FRESH = "fresh"  # whole, and made from what its recipe asks for
    STALE = "stale"  # whole, but a parameter, an input or the code has changed since
    MISSING = "missing"  # never made, or deleted
    FAILED = "failed"  # torn, or the last attempt to make it ended in an error


@dataclass(frozen=True)
class ProductState:
    """A product's state and, in words, why it is so."""

    state: State
    reason: str


@dataclass(frozen=True)
class ProductKey:
    """One product: its stage, the stage's keys and how many parts it has (None: all that there are)."""

    stage: str
    keys: Mapping[str, Key] = field(default_factory=dict)
    n_parts: int | None = None

    def __post_init__(self) -> None:
        names = stage_keys(self.stage)
        if set(self.keys) != set(names):
            wanted = ", ".join(names) or "none"
            raise ProductError(f"stage {self.stage} has the keys {wanted}, not {', '.join(self.keys) or 'none'}")

    def __str__(self) -> str:
        return " ".join([self.stage, *(f"{name}={path_text(self.keys[name])}" for name in STAGE_KEYS[self.stage])])


@dataclass(frozen=True)
class Recipe:
    """What one file of a product is made from.

    `parameters` are JSON-able and complete: two recipes with the same parameters, inputs and code make the same file.
    `module` is the module of core whose code makes it; what that module imports from core counts too.
    """

    product: ProductKey
    module: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    inputs: tuple[ProductKey, ...] = ()
    part: int = 0

    @property
    def digest(self) -> str:
        """Digest of stage, keys, part and parameters."""
        keys = {name: path_text(value) for name, value in self.product.keys.items()}
        return digest_of_parameters([self.product.stage, keys, self.part, dict(self.parameters)])

    @property
    def code_digest(self) -> str:
        """Digest of the code that makes the product."""
        return digest_of_code(self.module)

    def __str__(self) -> str:
        return str(self.product) if self.part == 0 else f"{self.product} part {self.part}"


def path_text(value: Key) -> str:
    """Return a key's value as it stands in a path: 10 for a mass of 10.0, 5.5 for 5.5, a text as it is."""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value)
