"""The files of a figure: PNG, PDF or SVG and a caption of LaTeX, and whether those that stand are fresh.

Their metadata carry the digest of the products and of the code that they were drawn from.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from core.configuration.config import Config
from core.figures.style import caveats_on
from core.products.code import code_name, digest_of_code
from core.products.digests import digest_of_file, digest_of_parameters
from core.products.recipe import ProductKey, ProductState, Recipe, State
from core.products.store import ProductStore
from core.stages.figures.words import FigureWords, Form, digest_in
from core.stages.freshness import Freshness
from core.stages.registry import recipes

if TYPE_CHECKING:
    from matplotlib.figure import Figure


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

    def __init__(self, config: Config, store: ProductStore, freshness: Freshness | None = None) -> None:
        self.config, self.store = config, store
        self.freshness = freshness or Freshness(config, store)

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


class FigureKinds(Protocol):
    """Some figures of an analysis; `freshness` of its products where it has been looked at already."""

    def __call__(self, config: Config, store: ProductStore, freshness: Freshness | None = None) -> list[FigureRecipe]:
        """Return them, as far as their products stand."""


def figure_digest(store: ProductStore, recipe: FigureRecipe) -> str:
    """Return the digest of the code and the products that a figure is drawn from."""
    files = [digest_of_file(path) for path in recipe.files]
    products = [store.digest(item) for item in recipe.inputs]
    settings = repr(sorted((name, repr(value)) for name, value in recipe.draw.keywords.items()))
    return digest_of_parameters([digest_of_code(code_name(recipe.draw.func)), settings, DOTS_PER_INCH, files, products])


def figure_state(store: ProductStore, recipe: FigureRecipe) -> ProductState:
    """Return whether the figure that stands shows the products that stand."""
    return content_state(store, recipe, store.read_figure(recipe.name))


def content_state(store: ProductStore, recipe: FigureRecipe, content: bytes | None) -> ProductState:
    """Return whether a file of a figure, in any of its forms, shows the products that stand; None: there is none."""
    if content is None:
        return ProductState(State.MISSING, "not drawn yet")
    drawn_from = digest_in(content)
    if drawn_from is None:
        return ProductState(State.FAILED, "the file is damaged or not a figure of ours")
    if drawn_from != figure_digest(store, recipe):
        return ProductState(State.STALE, "its products or the code that draws it have changed")
    return ProductState(State.FRESH, "as its products are")


def rendered(store: ProductStore, recipe: FigureRecipe) -> bytes:
    """Return a figure as the bytes of a PNG that carries its digest."""
    return rendered_files(store, recipe, ("png",))["png"]


def rendered_files(
    store: ProductStore, recipe: FigureRecipe, forms: Sequence[Form], command: str = "dwarfnu figures"
) -> dict[str, bytes]:
    """Return the bytes of a figure by form, and of its caption ("tex"); command: the one that draws all figures."""
    figure, words = drawn(store, recipe, command)
    return {form: saved(figure, form, words) for form in forms} | {"tex": words.caption().encode()}


def drawn(store: ProductStore, recipe: FigureRecipe, command: str) -> tuple[Figure, FigureWords]:
    """Return a figure and its words; command: the one that draws all figures."""
    words = FigureWords.of(recipe.name, store.analysis, figure_digest(store, recipe), command)
    figure = recipe.draw(store)
    return figure, words.with_caveats(caveats_on(figure))


def saved(figure: Figure, form: Form, words: FigureWords) -> bytes:
    """Return the bytes of a figure in a form, with its words as metadata."""
    from matplotlib import rc_context

    content = BytesIO()
    # Equal figures are equal files; letters of a PDF stay letters.
    with rc_context({"svg.hashsalt": "dwarfnu", "pdf.fonttype": 42}):
        figure.savefig(content, format=form, dpi=DOTS_PER_INCH, metadata=words.metadata(form))
    return content.getvalue()
