"""Stage `event_files`: of each file, how many events were read, kept, cut and broken."""

from collections.abc import Iterable

import pyarrow as pa

from core.configuration.config import Config
from core.events.accounts import FILES_SCHEMA, files_table, refuse_damage
from core.products.recipe import Recipe
from core.products.store import ProductStore
from core.stages.accounts import accounted, accounts_in
from core.stages.event_inputs import has_events
from core.stages.inputs import Inputs
from core.stages.stage import Parameters, Stage, recipe_of


def recipes(config: Config, store: ProductStore) -> Iterable[Recipe]:
    """Yield a recipe for each kind and season."""
    for kind, season, parameters, inputs in accounted(config, store):
        strictness = {"strict": config.events.strict}
        yield recipe_of(make, STAGE.product(kind=kind, season=season), strictness | parameters, inputs)


def make(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Write down what became of the events of each file; InputError for a damaged one if that is asked for."""
    files = files_table(*accounts_in(inputs))
    if parameters["strict"]:
        refuse_damage(files)
    return files


STAGE = Stage(
    name="event_files",
    title="event files",
    sentence="Say of each file how many events were read, kept, cut and broken.",
    keys=("kind", "season"),
    columns=tuple(FILES_SCHEMA.names),
    needs=("events",),
    recipes=recipes,
    applies=has_events,
)
