"""The file of a figure: a PNG beside the products, and whether the one that stands is fresh.

Its text metadata carry the digest of the products and of the code that it was drawn from.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from core.configuration.config import Config
from core.products.code import code_name, digest_of_code
from core.products.digests import digest_of_file, digest_of_parameters
from core.products.recipe import ProductKey, ProductState, Recipe, State
from core.products.store import ProductStore
from core.stages.freshness import Freshness
from core.stages.registry import recipes

if TYPE_CHECKING:
    from matplotlib.figure import Figure


DIGEST_KEY = "dwarfnu-digest"
DOTS_PER_INCH = 120


@dataclass(frozen=True)
class FigureRecipe:
    """One PNG: its name, the products it shows, what draws it, and shipped files it shows.

    `draw`: a function of the store at the top of a module, what it is told bound by `partial`, so that another process
    can draw it. `shares`: the figures beside it are drawn from the same sums, so that one process draws them all with
    less work.
    """

    name: str
    inputs: tuple[ProductKey, ...]
    draw: partial[Figure] = field(repr=False)
    files: tuple[Path, ...] = ()
    shares: bool = False

    def __str__(self) -> str:
        return f"figure {self.name}"


class FigureContext:
    """An analysis as its figures see it: its products, and which of its sensitivities are fresh."""

    def __init__(self, config: Config, store: ProductStore) -> None:
        self.config, self.store = config, store
        self.freshness = Freshness(config, store)

    @cached_property
    def results(self) -> list[Recipe]:
        """The recipes of the sensitivities that are fresh."""
        return self.fresh("sensitivity")

    def fresh(self, stage: str) -> list[Recipe]:
        """Return the recipes of a stage whose products are fresh."""
        return [
            recipe
            for recipe in recipes(self.config, self.store, stage)
            if self.freshness.of(recipe).state is State.FRESH
        ]


FigureKind = Callable[[FigureContext], list[FigureRecipe]]
FigureKinds = Callable[[Config, ProductStore], list[FigureRecipe]]


def figure_digest(store: ProductStore, recipe: FigureRecipe) -> str:
    """Return the digest of the code and the products that a figure is drawn from."""
    files = [digest_of_file(path) for path in recipe.files]
    products = [store.digest(item) for item in recipe.inputs]
    settings = repr(sorted((name, repr(value)) for name, value in recipe.draw.keywords.items()))
    return digest_of_parameters([digest_of_code(code_name(recipe.draw.func)), settings, DOTS_PER_INCH, files, products])


def figure_state(store: ProductStore, recipe: FigureRecipe) -> ProductState:
    """Return whether the figure that stands shows the products that stand."""
    content = store.read_figure(recipe.name)
    if content is None:
        return ProductState(State.MISSING, "not drawn yet")
    drawn_from = _drawn_from(content)
    if drawn_from is None:
        return ProductState(State.FAILED, "the file is damaged or not a figure of ours")
    if drawn_from != figure_digest(store, recipe):
        return ProductState(State.STALE, "its products or the code that draws it have changed")
    return ProductState(State.FRESH, "as its products are")


def rendered(store: ProductStore, recipe: FigureRecipe) -> bytes:
    """Return a figure as the bytes of a PNG that carries its digest."""
    digest = figure_digest(store, recipe)
    content = BytesIO()
    recipe.draw(store).savefig(content, format="png", dpi=DOTS_PER_INCH, metadata={DIGEST_KEY: digest})
    return content.getvalue()


def _drawn_from(content: bytes) -> str | None:
    """Return the digest in the bytes of a figure, None if they are no PNG of ours."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(BytesIO(content)) as image:
            image.verify()
            return image.info.get(DIGEST_KEY)
    except (UnidentifiedImageError, OSError, SyntaxError):
        return None
