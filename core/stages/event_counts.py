"""Stage `event_counts`: measured events in bins of class, reconstructed energy and cos zenith."""

from collections.abc import Iterable

import numpy as np
import pyarrow as pa

from core.configuration.config import Config
from core.events.counts import summed_event_counts
from core.products.recipe import Recipe
from core.products.store import ProductStore
from core.stages.event_inputs import bin_parameters, events_of
from core.stages.given_files import file_digest
from core.stages.inputs import Inputs
from core.stages.samples import sample_of
from core.stages.stage import Parameters, Stage, recipe_of

COUNTED_COLUMNS = ("reco_energy", "reco_dec", "event_class")


def recipes(config: Config, _: ProductStore) -> Iterable[Recipe]:
    """Yield the one recipe: counts of the sample's events, or those that it comes with."""
    if (shipped := sample_of(config).event_counts) is not None:
        yield recipe_of(shipped.make, STAGE.product(), {"file_digest": file_digest(shipped.path)})
    else:
        yield recipe_of(make, STAGE.product(), bin_parameters(config), events_of(config, "data"))


def make(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Count the measured events in bins."""
    edges = (np.array(parameters[name]) for name in ("reco_energy_edges", "reco_cos_zenith_edges"))
    return summed_event_counts(inputs.each("events", COUNTED_COLUMNS), *edges)


STAGE = Stage(
    name="event_counts",
    title="event counts",
    sentence="Count the measured events in bins; those of the public sample come so.",
    columns=(
        "event_class",
        "reco_energy_low",
        "reco_energy_high",
        "reco_cos_zenith_low",
        "reco_cos_zenith_high",
        "n_events",
    ),
    needs=("events",),
    recipes=recipes,
)
