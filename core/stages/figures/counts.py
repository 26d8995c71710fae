"""The figure of the atmospheric model fitted to the measured counts."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from core.products.recipe import ProductKey
from core.products.store import ProductStore
from core.stages.figures.figure import FigureContext, FigureRecipe

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def figures(context: FigureContext) -> list[FigureRecipe]:
    """Return the figure of the fit, of a sample with an atmospheric model, once it stands."""
    if not context.results or not context.fresh("atmospheric_expectation"):
        return []
    inputs = (ProductKey("atmospheric_expectation"), ProductKey("atmospheric_fit"))
    return [FigureRecipe("atmospheric-fit.png", inputs, partial(draw_fit))]


def draw_fit(store: ProductStore) -> Figure:
    """Draw the measured counts beside the fitted model, and the pulls."""
    from core.figures.atmospheric_fit import atmospheric_fit_figure

    expectation, fit = (ProductKey(name) for name in ("atmospheric_expectation", "atmospheric_fit"))
    return atmospheric_fit_figure(store.read_product(expectation), store.read_product(fit))
