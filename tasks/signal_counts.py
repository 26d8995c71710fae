"""Tasks that count expected signal: by source, and by window in reconstructed energy."""

import pyarrow as pa

from core.acceptance import Acceptance, acceptance_table, source_acceptance
from core.config import Config
from core.energy_range import binned_background_energies, energy_range_table, energy_windows, reconstructed_signal
from core.products import ProductStore
from core.recipes import Recipe
from core.response import Response
from core.spectra import spectra_from_table
from tasks.caching import product_task


def source_signal(store: ProductStore, recipe: Recipe) -> tuple[Response, Acceptance, pa.Table]:
    """Return response, expected signal of each source, and the sources, from the inputs of a recipe."""
    inputs = {item.stage: store.read_product(item) for item in recipe.inputs}
    response = Response.from_table(inputs["response"])
    mass = float(recipe.product.keys["mass"])
    acceptance = source_acceptance(response, spectra_from_table(inputs["spectra"]), inputs["sources"], mass)
    return response, acceptance, inputs["sources"]


def acceptance(store: ProductStore, _: Config, recipe: Recipe) -> pa.Table:
    """Count the signal events that each source gives per cross section."""
    _response, expected, sources = source_signal(store, recipe)
    return acceptance_table(sources, expected)


def energy_range(store: ProductStore, _: Config, recipe: Recipe) -> pa.Table:
    """Scan windows in reconstructed energy for the best signal over the root of the background."""
    response, expected, sources = source_signal(store, recipe)
    edges, background = binned_background_energies(store.read("background_pdf"))
    signal = reconstructed_signal(response, expected, sources["dec"].to_numpy())
    return energy_range_table(energy_windows(edges, signal, background))


make_acceptance = product_task(acceptance)
make_energy_range = product_task(energy_range)
