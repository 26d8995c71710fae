"""What an address of the dashboard says: `?analysis=…&page=limits&channel=bb&mass=50`, and nothing else is kept."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any
from urllib.parse import parse_qs, urlencode

from core.products.recipe import path_text

FIRST_PAGE = "overview"
LONGEST = 500  # letters of a value that an address may name; no product has a name as long
LONGEST_WHAT_IF = 4000  # every galaxy by its name


@dataclass(frozen=True)
class Address:
    """The analysis, page, pair, seed and product that are looked at, on a light or dark ground, and what is supposed.

    What an address does not name, or names as no such thing could be called, is None or the default.
    """

    analysis: str | None = None
    page: str = FIRST_PAGE
    channel: str | None = None
    mass: float | None = None
    seed: int | None = None
    product: str | None = None
    theme: str = "default"
    what_if: str | None = None

    @property
    def query(self) -> str:
        """The address after the question mark, with it."""
        said = {field.name: getattr(self, field.name) for field in fields(self)}
        texts = {name: path_text(value) for name, value in said.items() if value is not None}
        if texts["theme"] == "default":
            del texts["theme"]
        return f"?{urlencode(texts)}"

    def at(self, **changes: Any) -> "Address":
        """Return the address with some of it changed; the product is forgotten unless it is named."""
        return replace(self, **{"product": None, **changes})


def parsed(query: str) -> Address:
    """Return the address that a query names; a number that is none counts as not named."""
    return address_of({name: values[-1] for name, values in parse_qs(query.removeprefix("?")).items()})


def address_of(said: Mapping[str, str]) -> Address:
    """Return the address of names and texts; names that an address does not have are left out."""
    texts = {name: text[: LONGEST_WHAT_IF if name == "what_if" else LONGEST] for name, text in said.items()}
    seed = texts.get("seed", "")
    return Address(
        texts.get("analysis"),
        texts.get("page", FIRST_PAGE),
        texts.get("channel"),
        _number(texts.get("mass", "")),
        int(seed) if seed.isascii() and seed.isdecimal() else None,
        texts.get("product"),
        "dark" if texts.get("theme") == "dark" else "default",
        texts.get("what_if"),
    )


def _number(text: str) -> float | None:
    """Return a positive finite number, None for any other text."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and number > 0.0 else None
