"""Figures of an observed sky, once it is unblinded: what it says of every pair, and the limits that it gives."""

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

Rows = tuple[ProductKey, ...]
SKY_CAVEATS = {
    "drawn": ("DRAWN SKY: right ascension by lot,\nno measurement",),
    "simulated": ("SIMULATED sky, no measurement",),
}


def figures(context: FigureContext) -> list[FigureRecipe]:
    """Return the two figures, of the first confidence level that is asked for; none before the unblinding."""
    observed = tuple(recipe.product for recipe in context.fresh("observed"))
    level = context.config.limits.confidence_levels[0]
    limits = tuple(
        recipe.product for recipe in context.fresh("upper_limit") if recipe.product.keys["confidence_level"] == level
    )
    rows = tuple(recipe.product for recipe in context.results)
    found = [FigureRecipe("observed.png", observed, partial(draw_observed, observed=observed))] if observed else []
    if limits and rows:
        drawing = partial(draw_upper_limits, rows=rows, limits=limits)
        found.append(FigureRecipe("upper-limits.png", (*rows, *limits), drawing))
    return found


def draw_observed(store: ProductStore, observed: Rows) -> Figure:
    """Draw test statistics and p-values of all pairs."""
    from core.figures.observed_sky import observed_figure

    table = _table(store, observed)
    return observed_figure(table, (*_sky_caveats(table), *style.caveats_of(table)))


def draw_upper_limits(store: ProductStore, rows: Rows, limits: Rows) -> Figure:
    """Draw a panel a channel: expected sensitivities with their bands, and the limits of the observed sky."""
    from core.figures.limits import limits_figure

    table, observed = _table(store, rows), _table(store, limits)
    return limits_figure(table, (), (*_sky_caveats(observed), *style.caveats_of(table)), None, observed)


def _sky_caveats(table: pa.Table) -> tuple[str, ...]:
    """Return what is to be said of a sky that was not measured."""
    return SKY_CAVEATS.get(str(style.texts(table, "sky")[0]), ())


def _table(store: ProductStore, rows: Rows) -> pa.Table:
    return pa.concat_tables([store.read_product(product) for product in rows])
