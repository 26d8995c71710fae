"""Stage `simulation_sets`: which simulated files were generated together, how, and how many events in all."""

from collections.abc import Iterable

import pyarrow as pa

from core.configuration.config import Config
from core.events.simulation_sets import SETS_SCHEMA, ConfiguredSet, simulation_sets
from core.products.recipe import ProductKey, Recipe
from core.products.store import ProductStore
from core.stages import unweighted_events
from core.stages.event_inputs import event_source, has_events
from core.stages.inputs import Inputs
from core.stages.stage import Parameters, Stage, recipe_of


def recipes(config: Config, store: ProductStore) -> Iterable[Recipe]:
    """Yield a recipe for each season with simulated files."""
    by_season: dict[str, list[Recipe]] = {}
    for recipe in unweighted_events.recipes(config, store):
        by_season.setdefault(str(recipe.product.keys["season"]), []).append(recipe)
    said = event_source(config).set_parameters(config)
    for season, parts in by_season.items():
        # Remarks are no part of a digest of data: that of the conversions' recipes and code stands for them.
        conversions = {"conversions": [part.digest for part in parts], "codes": {p.code: p.code_digest for p in parts}}
        inputs = tuple(ProductKey(part.product.stage, part.product.keys, part=part.part) for part in parts)
        yield recipe_of(make, STAGE.product(season=season), said | conversions, inputs)


def make(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Tell the generated sets of a season apart."""
    configured = {name: ConfiguredSet(**said) for name, said in parameters["configured"].items()}
    return simulation_sets(list(inputs.remarks("unweighted_events")), configured, parameters["n_files"])


STAGE = Stage(
    name="simulation_sets",
    title="generated sets of simulation",
    sentence="Tell which simulated files were generated together, how, and how many events in all.",
    keys=("season",),
    columns=tuple(SETS_SCHEMA.names),
    needs=("unweighted_events",),
    recipes=recipes,
    applies=has_events,
)
