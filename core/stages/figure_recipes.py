"""The figures of an analysis: which there are, and which products each shows."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pyarrow as pa
from matplotlib.figure import Figure

from core.configuration.config import Config
from core.figures import style
from core.figures.energy_range import energy_range_figure
from core.figures.limits import channel_limits_figure, limits_figure, sensitivities_figure
from core.figures.pdf import pdf_figure
from core.figures.sky_maps import sky_maps_figure
from core.figures.source_counts import source_counts_figure
from core.figures.source_pdf import source_pdf_figure
from core.figures.sources import sources_figure
from core.figures.test_statistic import trials_figure
from core.products.recipe import ProductKey, Recipe, State, path_text
from core.products.store import ProductStore
from core.published.limits import SHIPPED_TABLE, published_limits
from core.stages.declared import recipes
from core.stages.event_figure_recipes import event_figure_recipes
from core.stages.figure_files import FigureRecipe
from core.stages.freshness import Freshness
from core.stages.trial_products import read_trials

SOURCES = ProductKey("sources")
PUBLISHED = (SHIPPED_TABLE,)
Products = tuple[ProductKey, ...]


def figure_recipes(config: Config, store: ProductStore) -> list[FigureRecipe]:
    """Return the figures of an analysis: its events, the sources, the limits, each pair with a fresh sensitivity.

    Of events those of samples that have events one by one.
    """
    events = event_figure_recipes(config, store) if config.has_events else []
    return events + _result_figures(config, store)


def _result_figures(config: Config, store: ProductStore) -> list[FigureRecipe]:
    freshness = Freshness(config, store)
    done = [recipe for recipe in recipes(config, store, "sensitivity") if freshness.of(recipe).state is State.FRESH]
    if not done:
        return []
    drawing = partial(_drawn, figure=sources_figure, products=(SOURCES,))
    figures = [FigureRecipe("sources.png", (SOURCES,), "core.figures.sources", drawing)]
    figures += _limit_figures([recipe.product for recipe in done])
    for recipe in done:
        figures += _pair_figures(store, recipe, style.SAMPLE_CAVEATS[config.sample])
    return figures


def _limit_figures(done: list[ProductKey]) -> list[FigureRecipe]:
    module, rows = "core.figures.limits", tuple(done)
    figures = [
        FigureRecipe("limits.png", rows, module, partial(_drawn_limits, rows=rows), PUBLISHED),
        FigureRecipe("sensitivities.png", rows, module, partial(_drawn_sensitivities, rows=rows)),
    ]
    for channel in dict.fromkeys(str(product.keys["channel"]) for product in done):
        of_channel = tuple(product for product in done if product.keys["channel"] == channel)
        drawing = partial(_drawn_channel, rows=of_channel, channel=channel)
        figures.append(FigureRecipe(f"limits-{channel}.png", of_channel, module, drawing, PUBLISHED))
    return figures


def _pair_figures(store: ProductStore, recipe: Recipe, caveats: tuple[str, ...]) -> list[FigureRecipe]:
    row, inputs = recipe.product, {item.stage: item for item in recipe.inputs}
    pair = {"channel": row.keys["channel"], "mass": row.keys["mass"]}
    name = f"{pair['channel']}-{path_text(pair['mass'])}"
    windows, counts = ProductKey("energy_range", pair), ProductKey("source_counts", pair)
    figures = [_of_products(f"energy-range-{name}.png", energy_range_figure, (windows,), caveats)]
    if store.keys(counts.stage, **counts.keys):
        figures.append(_of_products(f"source-counts-{name}.png", source_counts_figure, (counts,), caveats))
    if "ratio_cells" in inputs:
        signal = ProductKey("signal_pdf", pair)
        densities = signal, inputs["ratio_cells"], SOURCES
        figures.append(_of_products(f"pdf-{name}.png", pdf_figure, densities, caveats))
        sky = partial(_drawn_sky, products=(signal, SOURCES, row), caveats=caveats)
        figures.append(FigureRecipe(f"sky-{name}.png", (signal, SOURCES, row), "core.figures.sky_maps", sky))
    else:
        densities = inputs["source_background_pdf"], inputs["source_signal_pdf"], SOURCES
        caveats += style.J_WEIGHTED_CAVEATS if "sky_patterns" in inputs else style.SEPARATE_SKIES_CAVEATS
        figures.append(_of_products(f"pdf-{name}.png", source_pdf_figure, densities, caveats))
    trials = inputs["background_trials"]
    injected = tuple(item for item in recipe.inputs if item.stage == "signal_trials")
    drawing = partial(_drawn_trials, background=trials, injected=injected, row=row)
    shown = (trials, *injected, row)
    return [*figures, FigureRecipe(f"test-statistic-{name}.png", shown, "core.figures.test_statistic", drawing)]


def _of_products(
    name: str, figure: Callable[..., Figure], products: Products, caveats: tuple[str, ...]
) -> FigureRecipe:
    drawing = partial(_drawn, figure=figure, products=products, caveats=caveats)
    return FigureRecipe(name, products, figure.__module__, drawing)


# What draws: functions of the store, so that another process can draw as well.


def _drawn(store: ProductStore, figure: Callable[..., Figure], products: Products, **options: Any) -> Figure:
    return figure(*map(store.read_product, products), **options)


def _drawn_limits(store: ProductStore, rows: Products) -> Figure:
    table = _rows(store, rows)
    return limits_figure(table, published_limits(), style.caveats_of(table))


def _drawn_sensitivities(store: ProductStore, rows: Products) -> Figure:
    table = _rows(store, rows)
    return sensitivities_figure(table, caveats=style.caveats_of(table))


def _drawn_channel(store: ProductStore, rows: Products, channel: str) -> Figure:
    table = _rows(store, rows)
    return channel_limits_figure(table, channel, published_limits(), style.caveats_of(table))


def _drawn_sky(store: ProductStore, products: Products, caveats: tuple[str, ...]) -> Figure:
    """Draw signal, background and the ratio of the treatment of the background that the row names."""
    signal_pdf, sources, sensitivity = map(store.read_product, products)
    return sky_maps_figure(signal_pdf, sources, sensitivity["background"][0].as_py(), caveats=caveats)


def _drawn_trials(store: ProductStore, background: ProductKey, injected: Products, row: ProductKey) -> Figure:
    signal = pa.concat_tables([read_trials(store, item) for item in injected])
    return trials_figure(read_trials(store, background), signal, store.read_product(row))


def _rows(store: ProductStore, products: Products) -> pa.Table:
    return pa.concat_tables([store.read_product(product) for product in products])
