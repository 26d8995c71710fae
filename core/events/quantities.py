"""Naming a number in a frame: "Key", "Key.attribute" or "Key[entry]"."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from core.errors import InputError

_PATTERN = re.compile(r"(?P<key>[^\[\].]+)(?:\.(?P<attribute>[a-z]\w*)|\[(?P<entry>[^\]]+)\])?")


@dataclass(frozen=True)
class Quantity:
    """An object in a frame (`key`), one of its attributes, or one entry of a map."""

    key: str
    attribute: str | None = None
    entry: str | None = None

    def __str__(self) -> str:
        if self.attribute is not None:
            return f"{self.key}.{self.attribute}"
        return self.key if self.entry is None else f"{self.key}[{self.entry}]"

    def is_in(self, frame: Mapping[str, Any]) -> bool:
        """Tell whether the frame has the object."""
        return self.key in frame

    def value_in(self, frame: Mapping[str, Any]) -> float | None:
        """Return the number, None where the frame has no such object or entry; truth values are 0 and 1.

        Raises InputError if what stands there is no number.
        """
        if self.key not in frame:
            return None
        value = frame[self.key]
        if self.entry is not None:
            value = self._entry_of(value)
        elif self.attribute is not None:
            value = self._attribute_of(value)
        if value is None or type(value) is float:
            return value
        if isinstance(value, (bool, int, float, np.number)):
            return float(value)
        raise InputError(f"{self} is a {type(value).__name__}, a number is due")

    def _entry_of(self, value: Any) -> Any:
        if not isinstance(value, Mapping):
            raise InputError(f"{self.key} is a {type(value).__name__}, a map is due to have the entry {self.entry!r}")
        return value.get(self.entry)

    def _attribute_of(self, value: Any) -> Any:
        try:
            return getattr(value, str(self.attribute))
        except AttributeError:
            raise InputError(f"{self.key} is a {type(value).__name__}, which has no {self.attribute!r}") from None


@lru_cache(maxsize=1024)
def quantity(text: str) -> Quantity:
    """Return the quantity that a text names: "Key", "Key.attribute" or "Key[entry]"; InputError if it names none."""
    match = _PATTERN.fullmatch(text.strip())
    if match is None:
        raise InputError(f'{text!r} names no quantity: "Key", "Key.attribute" and "Key[entry]" do')
    return Quantity(match["key"], match["attribute"], match["entry"])
