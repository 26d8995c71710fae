"""Figures of each pair of channel and mass: energy ranges, counts by source, densities, trials."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial, reduce
from typing import TYPE_CHECKING

import pyarrow as pa

from core.figures import style
from core.pdfs.halo import with_halo
from core.products.recipe import ProductKey, Recipe, path_text
from core.products.store import ProductStore
from core.stages.figures.figure import FigureContext, FigureRecipe
from core.stages.figures.sources import SOURCES
from core.stages.statistics import hypothesis_of, statistic_of
from core.trials.rows import stored_trials

if TYPE_CHECKING:
    from matplotlib.figure import Figure


Products = tuple[ProductKey, ...]
Caveats = tuple[str, ...]


def figures(context: FigureContext) -> list[FigureRecipe]:
    """Return the figures of each pair with a fresh sensitivity."""
    return [figure for recipe in context.results for figure in _of_pair(context, recipe)]


def _of_pair(context: FigureContext, recipe: Recipe) -> list[FigureRecipe]:
    """Return the figures of one pair."""
    store, caveats = context.store, style.sample_caveats(context.config.sample)
    row, inputs = recipe.product, {item.stage: item for item in recipe.inputs}
    pair = {"channel": row.keys["channel"], "mass": row.keys["mass"]}
    name = f"{pair['channel']}-{path_text(pair['mass'])}"
    windows, counts = ProductKey("energy_range", pair), ProductKey("source_counts", pair)
    found = [_drawn(f"energy-range-{name}.png", draw_energy_range, (windows,), caveats)]
    if store.keys(counts.stage, **counts.keys):
        found.append(_drawn(f"source-counts-{name}.png", draw_source_counts, (counts,), caveats))
    caveats = style.sample_caveats(context.config.sample, hypothesis_of(context.config))
    signals = tuple(ProductKey(stage, pair) for stage in statistic_of(context.config).signal_stages)
    found += _densities(name, row, inputs, signals, caveats)
    trials = inputs["background_trials"]
    injected = tuple(item for item in recipe.inputs if item.stage == "signal_trials")
    drawing = partial(draw_trials, background=trials, injected=injected, row=row)
    found.append(FigureRecipe(f"test-statistic-{name}.png", (trials, *injected, row), drawing))
    drawing = partial(draw_recovery, background=trials, injected=injected, row=row)
    return [*found, FigureRecipe(f"recovery-{name}.png", (trials, *injected, row), drawing)]


def _densities(
    name: str, row: ProductKey, inputs: dict[str, ProductKey], signals: Products, caveats: Caveats
) -> list[FigureRecipe]:
    """Return the figures of the densities that the statistic of a pair has; `signals` are those it looks for."""
    if signals:
        return [
            _drawn(f"pdf-{name}.png", draw_pdf, (inputs["ratio_cells"], SOURCES, *signals), caveats),
            _drawn(f"sky-{name}.png", draw_sky, (SOURCES, row, *signals), caveats),
        ]
    caveats += style.J_WEIGHTED_CAVEATS if "sky_patterns" in inputs else style.SEPARATE_SKIES_CAVEATS
    densities = inputs["source_background_pdf"], inputs["source_signal_pdf"], SOURCES
    return [_drawn(f"pdf-{name}.png", draw_source_pdf, densities, caveats)]


def _drawn(name: str, draw: Callable[..., Figure], products: Products, caveats: Caveats) -> FigureRecipe:
    return FigureRecipe(name, products, partial(draw, products=products, caveats=caveats))


def draw_energy_range(store: ProductStore, products: Products, caveats: Caveats) -> Figure:
    """Draw S/√B of every window."""
    from core.figures.energy_range import energy_range_figure

    return energy_range_figure(store.read_product(products[0]), caveats)


def draw_source_counts(store: ProductStore, products: Products, caveats: Caveats) -> Figure:
    """Draw expected signal and background about each source."""
    from core.figures.source_counts import source_counts_figure

    return source_counts_figure(store.read_product(products[0]), caveats)


def draw_pdf(store: ProductStore, products: Products, caveats: Caveats) -> Figure:
    """Draw the densities of signal and background and their ratio."""
    from core.figures.pdf import pdf_figure

    cells, sources, *signals = map(store.read_product, products)
    return pdf_figure(_together(signals), cells, sources, caveats=caveats)


def draw_source_pdf(store: ProductStore, products: Products, caveats: Caveats) -> Figure:
    """Draw signal and background against the angle to each source."""
    from core.figures.source_pdf import source_pdf_figure

    background, signal, sources = map(store.read_product, products)
    return source_pdf_figure(background, signal, sources, caveats=caveats)


def draw_sky(store: ProductStore, products: Products, caveats: Caveats) -> Figure:
    """Draw signal, background and the ratio of the treatment of the background that the row names."""
    from core.figures.sky_maps import sky_maps_figure

    sources, sensitivity, *signals = map(store.read_product, products)
    return sky_maps_figure(_together(signals), sources, sensitivity["background"][0].as_py(), caveats=caveats)


def _together(signals: Sequence[pa.Table]) -> pa.Table:
    """Return the signal that is looked for on one sky: that of the galaxies, and of the halo where it is of one."""
    return reduce(with_halo, signals)


def draw_trials(store: ProductStore, background: ProductKey, injected: Products, row: ProductKey) -> Figure:
    """Draw the distributions of the test statistic, with the numbers that follow from them."""
    from core.figures.test_statistic import trials_figure

    signal = pa.concat_tables([stored_trials(store, item) for item in injected])
    return trials_figure(stored_trials(store, background), signal, store.read_product(row))


def draw_recovery(store: ProductStore, background: ProductKey, injected: Products, row: ProductKey) -> Figure:
    """Draw fitted against injected events."""
    from core.figures.recovery import recovery_figure

    signal = pa.concat_tables([stored_trials(store, item) for item in injected])
    caveats = style.caveats_of(store.read_product(row))
    return recovery_figure(signal, stored_trials(store, background), caveats)
