"""The figure of the spectra that an analysis uses."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pyarrow as pa

from core.products.recipe import ProductKey
from core.products.store import ProductStore
from core.stages.figures.figure import FigureContext, FigureRecipe

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def figures(context: FigureContext) -> list[FigureRecipe]:
    """Return the one figure, of the pairs with a fresh sensitivity."""
    served = [(recipe.product.keys["channel"], recipe.product.keys["mass"]) for recipe in context.results]
    spectra = [recipe.product for recipe in context.fresh("spectra")] if served else []
    rows = tuple(one for one in spectra if (one.keys["channel"], one.keys["mass"]) in served)
    return [FigureRecipe("spectra.png", rows, partial(draw, rows=rows))] if rows else []


def draw(store: ProductStore, rows: tuple[ProductKey, ...]) -> Figure:
    """Draw what dark matter makes and what arrives, a panel a channel."""
    from core.figures.run_spectra import run_spectra_figure

    return run_spectra_figure(pa.concat_tables([store.read_product(row) for row in rows]))
