"""Figures of what can be excluded: all channels in one frame, beside published limits, and channel by channel."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import pyarrow as pa

from core.figures import style
from core.products.recipe import ProductKey
from core.products.store import ProductStore
from core.published.limits import SHIPPED_TABLE, PublishedLimit, imported_limits, published_limits
from core.stages.figures.figure import FigureContext, FigureRecipe

if TYPE_CHECKING:
    from matplotlib.figure import Figure


PUBLISHED = (SHIPPED_TABLE,)
Rows = tuple[ProductKey, ...]


@dataclass(frozen=True)
class Others:
    """Limits that are shown beside ours: those of some experiments of the shipped table, None for all, and imported."""

    imported: Rows
    experiments: tuple[str, ...] | None

    def of(self, store: ProductStore) -> list[PublishedLimit]:
        """Return the curves."""
        shipped = [
            limit for limit in published_limits() if self.experiments is None or limit.experiment in self.experiments
        ]
        return [*shipped, *(imported_limits(_table(store, self.imported)) if self.imported else ())]


def figures(context: FigureContext) -> list[FigureRecipe]:
    """Return the figures of all channels and of each; none before there is a result."""
    rows = tuple(recipe.product for recipe in context.results)
    if not rows:
        return []
    halo, observed = (tuple(recipe.product for recipe in context.fresh(name)) for name in ("halo", "counts_limit"))
    imported = tuple(ProductKey("comparison", keys) for keys in context.store.keys("comparison"))
    others = Others(imported, context.config.limits.comparison)
    limits = partial(draw_limits, rows=rows, halo=halo, observed=observed, others=others)
    found = [
        FigureRecipe("limits.png", (*rows, *halo, *observed, *imported), limits, PUBLISHED),
        FigureRecipe("sensitivities.png", (*rows, *halo), partial(draw_sensitivities, rows=rows, halo=halo)),
    ]
    for channel in dict.fromkeys(str(product.keys["channel"]) for product in rows):
        own, own_halo = (tuple(item for item in of if item.keys["channel"] == channel) for of in (rows, halo))
        drawing = partial(draw_channel, rows=own, halo=own_halo, channel=channel, others=others)
        found.append(FigureRecipe(f"limits-{channel}.png", (*own, *own_halo, *imported), drawing, PUBLISHED))
    return found


def draw_limits(store: ProductStore, rows: Rows, halo: Rows, observed: Rows, others: Others) -> Figure:
    """Draw a panel a channel: sensitivities, with the halo too, observed limits from the counts, limits of others."""
    from core.figures.limits import limits_figure

    table, limits = _table(store, rows), _table(store, observed) if observed else None
    return limits_figure(table, others.of(store), style.caveats_of(table), _halo_table(store, halo), limits)


def draw_sensitivities(store: ProductStore, rows: Rows, halo: Rows) -> Figure:
    """Draw all channels in one frame."""
    from core.figures.limits import sensitivities_figure

    table = _table(store, rows)
    return sensitivities_figure(table, style.caveats_of(table), _halo_table(store, halo))


def draw_channel(store: ProductStore, rows: Rows, halo: Rows, channel: str, others: Others) -> Figure:
    """Draw one channel with its bands, beside limits of others and what galaxies and halo would exclude."""
    from core.figures.limits import channel_limits_figure

    table = _table(store, rows)
    return channel_limits_figure(table, channel, others.of(store), style.caveats_of(table), _halo_table(store, halo))


def _table(store: ProductStore, rows: Rows) -> pa.Table:
    return pa.concat_tables([store.read_product(product) for product in rows])


def _halo_table(store: ProductStore, halo: Rows) -> pa.Table | None:
    """Return what the halo does to the pairs, None for a statistic that does not tell."""
    return _table(store, halo) if halo else None
