"""Stage `response`: effective area, migration in energy, and angular error of the detector."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pyarrow as pa

from core.configuration.config import Config
from core.products.recipe import Recipe
from core.products.store import ProductStore
from core.response.from_events import EVENT_BINS, RESPONSE_COLUMNS, response_product
from core.stages.event_inputs import bin_parameters, simulation_of
from core.stages.inputs import Inputs
from core.stages.samples import sample_of
from core.stages.stage import Parameters, Stage, recipe_of


def recipes(config: Config, _: ProductStore) -> Iterable[Recipe]:
    """Yield the one recipe: from the sample's simulated events, or the response that it comes with."""
    if (given := sample_of(config).response) is not None:
        yield given.recipe(config, STAGE.product())
    else:
        true_edges = config.bins.true_cos_zenith_edges
        own = {} if true_edges is None else {"true_cos_zenith_edges": list(true_edges)}
        yield recipe_of(make, STAGE.product(), bin_parameters(config) | own, simulation_of(config))


def make(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Derive the response from the simulated events."""
    names = ("reco_energy_edges", "reco_cos_zenith_edges", "true_cos_zenith_edges")
    edges = {name: np.array(parameters[name]) for name in names if name in parameters}
    simulation = inputs.each("events", RESPONSE_COLUMNS)
    return response_product(simulation, inputs["good_runs"], replace(EVENT_BINS, **edges))


STAGE = Stage(
    name="response",
    title="response",
    sentence="Derive the detector's response from the simulated events; that of the public sample is shipped.",
    columns=(
        "flavour",
        "interaction",
        "event_class",
        "true_energy_low",
        "true_energy_high",
        "angular_energy_low",
        "angular_energy_high",
        "effective_area",
        "effective_area_error",
        "energy_migration",
        "energy_migration_error",
        "kappa_core",
        "kappa_core_error",
        "kappa_tail",
        "kappa_tail_error",
        "tail_fraction",
        "tail_fraction_error",
        "true_zenith_energy_factor",
        "reco_zenith_energy_factor",
        "true_reco_zenith_factor",
        "true_cos_zenith_edges",
        "reco_energy_edges",
        "reco_cos_zenith_edges",
        "livetime",
    ),
    needs=("events", "good_runs"),
    recipes=recipes,
)
