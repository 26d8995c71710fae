"""The figure of what the sensitivities of an analysis hang on."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pyarrow as pa

from core.figures import style
from core.products.recipe import ProductKey, State
from core.products.store import ProductStore
from core.stages.figures.figure import FigureContext, FigureRecipe
from core.stages.figures.sources import SOURCES
from core.stages.registry import recipes

if TYPE_CHECKING:
    from matplotlib.figure import Figure


Products = tuple[ProductKey, ...]


def figures(context: FigureContext) -> list[FigureRecipe]:
    """Return the one figure, of all pairs whose robustness is fresh; none before there is one."""
    fresh = [
        recipe.product
        for recipe in recipes(context.config, context.store, "robustness")
        if context.freshness.of(recipe).state is State.FRESH
    ]
    if not fresh:
        return []
    shares = tuple(ProductKey("source_information", product.keys) for product in fresh)
    caveats = style.sample_caveats(context.config.sample)
    drawing = partial(draw, shares=shares, rows=tuple(fresh), caveats=caveats)
    return [FigureRecipe("robustness.png", (SOURCES, *shares, *fresh), drawing)]


def draw(store: ProductStore, shares: Products, rows: Products, caveats: tuple[str, ...]) -> Figure:
    """Draw the factors of the sources that weigh most, and what each variant does to each pair."""
    from core.figures.robustness import robustness_figure

    of_shares, of_rows = (pa.concat_tables([store.read_product(item) for item in items]) for items in (shares, rows))
    return robustness_figure(store.read_product(SOURCES), of_shares, of_rows, caveats)
