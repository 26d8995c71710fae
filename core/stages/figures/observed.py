"""Figures of an observed sky, once it is unblinded: what it says of every pair, and the limits that it gives."""

from __future__ import annotations

from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

import pyarrow as pa

from core.figures import style
from core.products.recipe import ProductKey
from core.products.store import ProductStore
from core.stages.figures.figure import FigureContext, FigureRecipe
from core.stages.figures.limits import Beside, of_channel, table_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Rows = tuple[ProductKey, ...]
SKY_CAVEATS = {
    "drawn": ("DRAWN SKY: right ascension by lot,\nno measurement",),
    "simulated": ("SIMULATED sky, no measurement",),
}


def figures(context: FigureContext) -> list[FigureRecipe]:
    """Return p-values, and limits of all channels and of each; none before the unblinding.

    Limits are of the first confidence level that is asked for.
    """
    observed = tuple(recipe.product for recipe in context.fresh("observed"))
    level = context.config.limits.confidence_levels[0]
    limits = tuple(
        recipe.product for recipe in context.fresh("upper_limit") if recipe.product.keys["confidence_level"] == level
    )
    rows = tuple(recipe.product for recipe in context.results)
    found = [FigureRecipe("observed.png", observed, partial(draw_observed, observed=observed))] if observed else []
    if not (limits and rows):
        return found
    beside = Beside(*(tuple(recipe.product for recipe in context.fresh(name)) for name in ("halo", "robustness")))
    channels = dict.fromkeys(str(product.keys["channel"]) for product in limits)
    return [
        *found,
        _upper_limits(rows, limits, beside),
        *(_of_channel(rows, limits, beside, name) for name in channels),
    ]


def _upper_limits(rows: Rows, limits: Rows, beside: Beside, channel: str | None = None) -> FigureRecipe:
    drawing = partial(draw_upper_limits, rows=rows, limits=limits, beside=beside, channel=channel)
    name = f"upper-limits-{channel}.png" if channel else "upper-limits.png"
    return FigureRecipe(name, (*rows, *limits, *chain(*beside)), drawing)


def _of_channel(rows: Rows, limits: Rows, beside: Beside, channel: str) -> FigureRecipe:
    own = Beside(*(of_channel(items, channel) for items in beside))
    return _upper_limits(of_channel(rows, channel), of_channel(limits, channel), own, channel)


def draw_observed(store: ProductStore, observed: Rows) -> Figure:
    """Draw test statistics and p-values of all pairs."""
    from core.figures.observed_sky import observed_figure

    table = table_of(store, observed)
    return observed_figure(table, (*_sky_caveats(table), *style.caveats_of(table)))


def draw_upper_limits(
    store: ProductStore, rows: Rows, limits: Rows, beside: Beside, channel: str | None = None
) -> Figure:
    """Draw a panel a channel, or one: expected sensitivities with their bands, and the limits of the observed sky."""
    from core.figures.limits import channel_limits_figure, limits_figure

    table, observed = table_of(store, rows), table_of(store, limits)
    tables = beside.tables(store) | {"observed": observed}
    caveats = (*_sky_caveats(observed), *style.caveats_of(table))
    if channel is None:
        return limits_figure(table, (), caveats, **tables)
    return channel_limits_figure(table, channel, (), caveats, **tables)


def _sky_caveats(table: pa.Table) -> tuple[str, ...]:
    """Return what is to be said of a sky that was not measured."""
    return SKY_CAVEATS.get(str(style.texts(table, "sky")[0]), ())
