"""Tasks that count expected signal: by source, and by window in reconstructed energy."""

import pyarrow as pa

from core.configuration.config import Config
from core.products.recipe import Recipe
from core.products.store import ProductStore
from core.signal.energy_histograms import SIMULATED_COLUMNS, energy_grid, energy_range_of_events
from core.signal.expected_signal import ExpectedSignal, acceptance_product, energy_range_product, expected_signal
from tasks.caching import product_task
from tasks.reading import input_of, inputs_of


def signal_of(store: ProductStore, recipe: Recipe) -> ExpectedSignal:
    """Return the expected signal of a recipe's pair, from the recipe's inputs."""
    response, spectra, sources = (input_of(store, recipe, stage) for stage in ("response", "spectra", "sources"))
    return expected_signal(response, spectra, sources, float(recipe.product.keys["mass"]))


def acceptance(store: ProductStore, _: Config, recipe: Recipe) -> pa.Table:
    """Count the signal events that each source gives per cross section."""
    return acceptance_product(signal_of(store, recipe))


def energy_range(store: ProductStore, config: Config, recipe: Recipe) -> pa.Table:
    """Scan windows in reconstructed energy for the best signal over the root of the background."""
    if not config.has_events:
        return energy_range_product(signal_of(store, recipe), store.read("background_pdf"))
    settings = config.energy_range
    is_measured = settings.background == "data"
    return energy_range_of_events(
        inputs_of(store, recipe, "events", SIMULATED_COLUMNS, "mc"),
        inputs_of(store, recipe, "events", ["reco_energy"], "data") if is_measured else None,
        input_of(store, recipe, "good_runs"),
        input_of(store, recipe, "spectra"),
        input_of(store, recipe, "sources"),
        float(recipe.product.keys["mass"]),
        energy_grid(settings.step_gev, settings.highest_gev),
    )


make_acceptance = product_task(acceptance)
make_energy_range = product_task(energy_range)
