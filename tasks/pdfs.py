"""Tasks that spread background and signal over the sky and merge it by their ratio."""

import pyarrow as pa

import core.pdfs.background
import core.pdfs.one_sky
from core.config import Config
from core.pdfs.background import binned_background
from core.products import ProductStore
from core.recipes import Recipe
from tasks.caching import product_task
from tasks.signal_counts import signal_of


def background_pdf(store: ProductStore, _: Config, __: Recipe) -> pa.Table:
    """Estimate the background density from the data."""
    return core.pdfs.background.background_pdf(store.read("events"))


def signal_pdf(store: ProductStore, config: Config, recipe: Recipe) -> pa.Table:
    """Spread the signal of all sources over the sky, reconstructed energy and class."""
    return core.pdfs.one_sky.signal_pdf(
        signal_of(store, recipe),
        binned_background(store.read("background_pdf")),
        config.statistic.nside,
        config.statistic.window,
    )


def ratio_cells(store: ProductStore, config: Config, recipe: Recipe) -> pa.Table:
    """Merge the sky into cells of nearly equal ratio of signal to background."""
    return core.pdfs.one_sky.ratio_cells(
        store.read_product(recipe.inputs[0]),
        store.read("background_pdf"),
        config.statistic.background,
        config.statistic.n_cells,
    )


make_background_pdf = product_task(background_pdf)
make_signal_pdf = product_task(signal_pdf)
make_ratio_cells = product_task(ratio_cells)
