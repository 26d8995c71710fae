"""Stage `event_counts`: measured events in bins of class, reconstructed energy and cos zenith."""

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa

from core.configuration.config import Config
from core.events.blinding import EVENT_KEYS
from core.events.columns import refuse_repeated
from core.events.counts import summed_event_counts
from core.products.recipe import Recipe
from core.products.store import ProductStore
from core.stages.event_inputs import bin_parameters, events_of
from core.stages.inputs import Inputs
from core.stages.samples import sample_of
from core.stages.stage import Parameters, Stage, recipe_of

COUNTED_COLUMNS = ("reco_energy", "reco_dec", "event_class")


def recipes(config: Config, _: ProductStore) -> Iterable[Recipe]:
    """Yield the one recipe: counts of the sample's events, or those that it comes with."""
    if (given := sample_of(config).event_counts) is not None:
        yield given.recipe(config, STAGE.product())
    else:
        yield recipe_of(make, STAGE.product(), bin_parameters(config), events_of(config, "data"))


def make(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Count the measured events in bins; InputError if one stands twice."""
    edges = (np.array(parameters[name]) for name in ("reco_energy_edges", "reco_cos_zenith_edges"))
    identities: list[tuple[str, pa.Table]] = []
    counts = summed_event_counts(
        _remembered(inputs.each("events", (*COUNTED_COLUMNS, *EVENT_KEYS)), identities), *edges
    )
    refuse_repeated(identities)
    return counts


def _remembered(parts: Iterable[pa.Table], identities: list[tuple[str, pa.Table]]) -> Iterator[pa.Table]:
    """Yield tables of events, and keep of each what tells its events from others, by season."""
    for part in parts:
        season = part["season"][0].as_py() if part.num_rows else ""
        identities.append((f"season {season}", part.select(list(EVENT_KEYS))))
        yield part


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
