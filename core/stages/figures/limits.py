"""Figures of what can be excluded: all channels in one frame, beside published limits, and channel by channel."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

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


class Beside(NamedTuple):
    """What stands beside sensitivities: products of these stages, none of those that an analysis does not have."""

    halo: Rows = ()
    robustness: Rows = ()
    counts_limit: Rows = ()

    def tables(self, store: ProductStore) -> dict[str, pa.Table | None]:
        """Return their tables by the arguments of `core.figures.limits`; None for what is not there."""
        named = {"halo": self.halo, "robustness": self.robustness, "observed": self.counts_limit}
        return {name: table_of(store, items) if items else None for name, items in named.items()}


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
        return [*shipped, *(imported_limits(table_of(store, self.imported)) if self.imported else ())]


def figures(context: FigureContext) -> list[FigureRecipe]:
    """Return the figures of all channels and of each; none before there is a result."""
    rows = tuple(recipe.product for recipe in context.results)
    if not rows:
        return []
    beside = Beside(*(tuple(recipe.product for recipe in context.fresh(name)) for name in Beside._fields))
    imported = tuple(ProductKey("comparison", keys) for keys in context.store.keys("comparison"))
    others = Others(imported, context.config.limits.comparison)
    limits = partial(draw_limits, rows=rows, beside=beside, others=others)
    expected = beside._replace(counts_limit=())
    found = [
        FigureRecipe("limits.png", (*rows, *chain(*beside), *imported), limits, PUBLISHED),
        FigureRecipe(
            "sensitivities.png", (*rows, *chain(*expected)), partial(draw_sensitivities, rows=rows, beside=expected)
        ),
    ]
    for channel in dict.fromkeys(str(product.keys["channel"]) for product in rows):
        own, own_beside = of_channel(rows, channel), Beside(*(of_channel(items, channel) for items in expected))
        drawing = partial(draw_channel, rows=own, beside=own_beside, channel=channel, others=others)
        found.append(FigureRecipe(f"limits-{channel}.png", (*own, *chain(*own_beside), *imported), drawing, PUBLISHED))
    return found


def draw_limits(store: ProductStore, rows: Rows, beside: Beside, others: Others) -> Figure:
    """Draw a panel a channel: sensitivities, with the halo too, observed limits from the counts, limits of others."""
    from core.figures.limits import limits_figure

    table = table_of(store, rows)
    return limits_figure(table, others.of(store), style.caveats_of(table), **beside.tables(store))


def draw_sensitivities(store: ProductStore, rows: Rows, beside: Beside) -> Figure:
    """Draw all channels in one frame."""
    from core.figures.limits import sensitivities_figure

    table, tables = table_of(store, rows), beside.tables(store)
    return sensitivities_figure(table, style.caveats_of(table), tables["halo"], tables["robustness"])


def draw_channel(store: ProductStore, rows: Rows, beside: Beside, channel: str, others: Others) -> Figure:
    """Draw one channel with its bands, beside limits of others and what galaxies and halo would exclude."""
    from core.figures.limits import channel_limits_figure

    table = table_of(store, rows)
    return channel_limits_figure(table, channel, others.of(store), style.caveats_of(table), **beside.tables(store))


def of_channel(products: Rows, channel: str) -> Rows:
    """Return the products of one channel."""
    return tuple(item for item in products if item.keys["channel"] == channel)


def table_of(store: ProductStore, rows: Rows) -> pa.Table:
    """Return the rows of some products of a stage as one table."""
    return pa.concat_tables([store.read_product(product) for product in rows])
