"""Stage `cut_flow`: how many events each cut leaves, over all files of a season."""

from collections.abc import Iterable

import pyarrow as pa

from core.configuration.config import Config
from core.events.accounts import cut_flow_of
from core.events.cuts import CUT_FLOW_SCHEMA
from core.products.recipe import Recipe
from core.products.store import ProductStore
from core.stages.accounts import accounted, accounts_in
from core.stages.event_inputs import event_source, has_events
from core.stages.inputs import Inputs
from core.stages.stage import Parameters, Stage, recipe_of


def recipes(config: Config, store: ProductStore) -> Iterable[Recipe]:
    """Yield a recipe for each kind and season; measured events of other than good runs are the last cut."""
    with_list = event_source(config).good_runs(config)
    for kind, season, parameters, inputs in accounted(config, store):
        is_cut = kind == "data" and season in with_list
        yield recipe_of(make, STAGE.product(kind=kind, season=season), parameters | {"good_runs": is_cut}, inputs)


def make(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Sum the cut flows of all files."""
    accounts, outside = accounts_in(inputs)
    return cut_flow_of(accounts, outside if parameters["good_runs"] else None)


STAGE = Stage(
    name="cut_flow",
    title="cut flow",
    sentence="Sum over all files how many events each cut leaves.",
    keys=("kind", "season"),
    columns=tuple(CUT_FLOW_SCHEMA.names),
    needs=("events",),
    recipes=recipes,
    applies=has_events,
)
