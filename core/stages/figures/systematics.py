"""The figure of what systematic errors do to the sensitivities of an analysis."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pyarrow as pa

from core.figures import style
from core.products.recipe import ProductKey
from core.products.store import ProductStore
from core.stages.figures.figure import FigureContext, FigureRecipe

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def figures(context: FigureContext) -> list[FigureRecipe]:
    """Return the one figure, of all pairs whose systematic errors are fresh; none before there are any."""
    fresh = tuple(recipe.product for recipe in context.fresh("systematics"))
    if not fresh:
        return []
    drawing = partial(draw, rows=fresh, caveats=style.sample_caveats(context.config.sample))
    return [FigureRecipe("systematics.png", fresh, drawing)]


def draw(store: ProductStore, rows: tuple[ProductKey, ...], caveats: tuple[str, ...]) -> Figure:
    """Draw by how much each cause moves each pair."""
    from core.figures.systematics import systematics_figure

    return systematics_figure(pa.concat_tables([store.read_product(row) for row in rows]), caveats)
