"""Tasks that say where background and signal lie: on one sky, merged by their ratio, or about single sources."""

import pyarrow as pa

import core.pdfs.background
import core.pdfs.one_sky
import core.pdfs.sky_patterns
import core.pdfs.source_background
import core.pdfs.source_counts
import core.pdfs.source_events
import core.pdfs.source_signal
from core.channels import key_channel
from core.config import Config
from core.pdfs.background import binned_background
from core.products import ProductStore
from core.recipes import Recipe, Remarked
from core.windows import Window, window_of
from tasks.caching import product_task
from tasks.reading import input_of, inputs_of
from tasks.signal_counts import signal_of


def background_pdf(store: ProductStore, _: Config, __: Recipe) -> pa.Table:
    """Estimate the background density from the data."""
    return core.pdfs.background.background_pdf(store.read("event_counts"))


def signal_pdf(store: ProductStore, config: Config, recipe: Recipe) -> pa.Table:
    """Spread the signal of all sources over the sky, reconstructed energy and class."""
    return core.pdfs.one_sky.signal_pdf(
        signal_of(store, recipe),
        binned_background(store.read("background_pdf")),
        config.statistic.nside,
        _window(store, config, recipe),
    )


def ratio_cells(store: ProductStore, config: Config, recipe: Recipe) -> pa.Table:
    """Merge the sky into cells of nearly equal ratio of signal to background."""
    return core.pdfs.one_sky.ratio_cells(
        store.read_product(recipe.inputs[0]),
        store.read("background_pdf"),
        config.statistic.background,
        config.statistic.n_cells,
    )


def source_background_pdf(store: ProductStore, config: Config, recipe: Recipe) -> pa.Table:
    """Count background by its angle to each source, averaged over right ascension."""
    if config.has_events:
        return core.pdfs.source_events.background_of_events(
            inputs_of(store, recipe, "events", core.pdfs.source_events.BACKGROUND_COLUMNS),
            input_of(store, recipe, "sources"),
            config.statistic.n_angle_bins,
            _window(store, config, recipe),
            config.statistic.declination_band_deg,
            config.statistic.declination_smoothing_deg,
        )
    return core.pdfs.source_background.source_background_pdf(
        store.read("background_pdf"),
        store.read("sources"),
        config.statistic.n_angle_bins,
        _window(store, config, recipe),
        config.statistic.declination_band_deg,
    )


def source_signal_pdf(store: ProductStore, config: Config, recipe: Recipe) -> pa.Table | Remarked:
    """Count expected signal by its angle to each source."""
    statistic, window = config.statistic, _window(store, config, recipe)
    if statistic.signal == "response":
        return core.pdfs.source_signal.source_signal_pdf(
            signal_of(store, recipe), statistic.n_angle_bins, window, statistic.declination_band_deg
        )
    simulation = inputs_of(store, recipe, "events", core.pdfs.source_events.SIGNAL_COLUMNS)
    good_runs, spectra = input_of(store, recipe, "good_runs"), input_of(store, recipe, "spectra")
    if statistic.signal == "published":
        return core.pdfs.source_events.published_signal_of_events(
            simulation,
            good_runs,
            spectra,
            signal_of(store, recipe),
            statistic.n_angle_bins,
            window,
            statistic.declination_band_deg,
        )
    return core.pdfs.source_events.signal_of_events(
        simulation,
        good_runs,
        spectra,
        input_of(store, recipe, "sources"),
        float(recipe.product.keys["mass"]),
        statistic.n_angle_bins,
        window,
        statistic.declination_band_deg,
        statistic.signal_band_deg,
    )


def sky_patterns(store: ProductStore, config: Config, recipe: Recipe) -> pa.Table:
    """Put the background and signal of all sources on one sky, by the bins of angle that its parts lie in."""
    return core.pdfs.sky_patterns.sky_patterns(
        signal_of(store, recipe),
        binned_background(store.read("background_pdf")),
        input_of(store, recipe, "source_background_pdf"),
        input_of(store, recipe, "source_signal_pdf"),
        config.statistic.nside,
        _window(store, config, recipe),
    )


def source_counts(store: ProductStore, config: Config, recipe: Recipe) -> pa.Table:
    """Count expected signal and background about each source."""
    return core.pdfs.source_counts.source_counts(
        signal_of(store, recipe), store.read("background_pdf"), _window(store, config, recipe)
    )


def _window(store: ProductStore, config: Config, recipe: Recipe) -> Window | None:
    channel, mass = key_channel(str(recipe.product.keys["channel"])), float(recipe.product.keys["mass"])
    ranges = list(inputs_of(store, recipe, "energy_range"))
    return window_of(config.statistic.window, channel, mass, ranges[0] if ranges else None)


make_background_pdf = product_task(background_pdf)
make_signal_pdf = product_task(signal_pdf)
make_ratio_cells = product_task(ratio_cells)
make_source_background_pdf = product_task(source_background_pdf)
make_source_signal_pdf = product_task(source_signal_pdf)
make_sky_patterns = product_task(sky_patterns)
make_source_counts = product_task(source_counts)
