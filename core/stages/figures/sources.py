"""The figure of the dwarf galaxies that are searched."""

from functools import partial

from matplotlib.figure import Figure

from core.figures.sources import sources_figure
from core.products.recipe import ProductKey
from core.products.store import ProductStore
from core.stages.figures.figure import FigureContext, FigureRecipe

SOURCES = ProductKey("sources")


def figures(context: FigureContext) -> list[FigureRecipe]:
    """Return the one figure, once there is a result."""
    return [FigureRecipe("sources.png", (SOURCES,), partial(draw))] if context.results else []


def draw(store: ProductStore) -> Figure:
    """Draw where the galaxies are and how bright."""
    return sources_figure(store.read_product(SOURCES))
