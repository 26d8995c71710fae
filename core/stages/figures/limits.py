"""Figures of what can be excluded: all channels in one frame, beside published limits, and channel by channel."""

from functools import partial

import pyarrow as pa
from matplotlib.figure import Figure

from core.figures import style
from core.figures.limits import channel_limits_figure, limits_figure, sensitivities_figure
from core.products.recipe import ProductKey
from core.products.store import ProductStore
from core.published.limits import SHIPPED_TABLE, published_limits
from core.stages.figures.figure import FigureContext, FigureRecipe

PUBLISHED = (SHIPPED_TABLE,)
Rows = tuple[ProductKey, ...]


def figures(context: FigureContext) -> list[FigureRecipe]:
    """Return the figures of all channels and of each; none before there is a result."""
    rows = tuple(recipe.product for recipe in context.results)
    if not rows:
        return []
    found = [
        FigureRecipe("limits.png", rows, partial(draw_limits, rows=rows), PUBLISHED),
        FigureRecipe("sensitivities.png", rows, partial(draw_sensitivities, rows=rows)),
    ]
    for channel in dict.fromkeys(str(product.keys["channel"]) for product in rows):
        own = tuple(product for product in rows if product.keys["channel"] == channel)
        drawing = partial(draw_channel, rows=own, channel=channel)
        found.append(FigureRecipe(f"limits-{channel}.png", own, drawing, PUBLISHED))
    return found


def draw_limits(store: ProductStore, rows: Rows) -> Figure:
    """Draw a panel a channel, beside published limits."""
    table = _table(store, rows)
    return limits_figure(table, published_limits(), style.caveats_of(table))


def draw_sensitivities(store: ProductStore, rows: Rows) -> Figure:
    """Draw all channels in one frame."""
    table = _table(store, rows)
    return sensitivities_figure(table, caveats=style.caveats_of(table))


def draw_channel(store: ProductStore, rows: Rows, channel: str) -> Figure:
    """Draw one channel with its bands, beside published limits."""
    table = _table(store, rows)
    return channel_limits_figure(table, channel, published_limits(), style.caveats_of(table))


def _table(store: ProductStore, rows: Rows) -> pa.Table:
    return pa.concat_tables([store.read_product(product) for product in rows])
