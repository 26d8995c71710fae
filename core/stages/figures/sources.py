"""The figure of the dwarf galaxies that are searched."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from core.products.recipe import ProductKey
from core.products.store import ProductStore
from core.stages.figures.figure import FigureContext, FigureRecipe

if TYPE_CHECKING:
    from matplotlib.figure import Figure


SOURCES = ProductKey("sources")


def figures(context: FigureContext) -> list[FigureRecipe]:
    """Return the one figure, once there is a result."""
    return [FigureRecipe("sources.png", (SOURCES,), partial(draw))] if context.results else []


def draw(store: ProductStore) -> Figure:
    """Draw where the galaxies are and how bright."""
    from core.figures.sources import sources_figure

    return sources_figure(store.read_product(SOURCES))
