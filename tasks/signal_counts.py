"""Tasks that count expected signal: by source, and by window in reconstructed energy."""

import pyarrow as pa

from core.config import Config
from core.expected_signal import ExpectedSignal, acceptance_product, energy_range_product, expected_signal
from core.products import ProductStore
from core.recipes import Recipe
from tasks.caching import product_task


def signal_of(store: ProductStore, recipe: Recipe) -> ExpectedSignal:
    """Return the expected signal of a recipe's pair, from the recipe's inputs."""
    inputs = {item.stage: store.read_product(item) for item in recipe.inputs}
    mass = float(recipe.product.keys["mass"])
    return expected_signal(inputs["response"], inputs["spectra"], inputs["sources"], mass)


def acceptance(store: ProductStore, _: Config, recipe: Recipe) -> pa.Table:
    """Count the signal events that each source gives per cross section."""
    return acceptance_product(signal_of(store, recipe))


def energy_range(store: ProductStore, _: Config, recipe: Recipe) -> pa.Table:
    """Scan windows in reconstructed energy for the best signal over the root of the background."""
    return energy_range_product(signal_of(store, recipe), store.read("background_pdf"))


make_acceptance = product_task(acceptance)
make_energy_range = product_task(energy_range)
