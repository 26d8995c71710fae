"""Where products are made: by this process, or by others to which an engine gives their recipes.

Tasks stay here, with all that Prefect knows of them. What travels is a recipe, and back comes its name: never a table.
Processes elsewhere import what makes products and no more; they know nothing of Prefect and need not reach its server.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from core.errors import DwarfnuError
from core.products.recipe import Recipe, State
from core.products.store import ProductStore
from core.stages.registry import STAGES
from core.stages.stage import make_product


@dataclass(frozen=True)
class Place:
    """Where the products of an analysis lie, for a process that may work in another folder."""

    root: str
    analysis: str
    sample: str | None = None


class EngineError(DwarfnuError):
    """An engine is gone, or what it lets work dies again and again."""


class Engine(Protocol):
    """What makes products elsewhere."""

    def make(self, place: Place, recipe: Recipe) -> None:
        """Return once a product stands; raise what kept it from being made. Called from many threads at once."""


_at_work: list[Engine] = []


@contextmanager
def working_on(engine: Engine) -> Iterator[None]:
    """Let an engine make what tasks ask for while the context lasts."""
    _at_work.append(engine)
    try:
        yield
    finally:
        _at_work.remove(engine)


def engine_at_work() -> Engine | None:
    """Return the engine that makes products; None where tasks make them themselves."""
    return _at_work[-1] if _at_work else None


def make_there(place: Place, recipe: Recipe) -> str:
    """Make a product, unless it stands, and return its name: what an engine lets another process do.

    It may stand: of a process that dies its engine does not know how far it had come, and asks another one.
    """
    store = _store(place)
    if store.explain_recipe(recipe).state is not State.FRESH:
        make_product(STAGES[recipe.product.stage], store, recipe)
    return str(recipe)


@lru_cache(maxsize=8)
def _store(place: Place) -> ProductStore:
    return ProductStore(place.root, place.analysis, place.sample)
