"""Stage `unweighted_events`: simulated events of files with the weights of each file alone."""

from collections.abc import Iterable

from core.configuration.config import Config
from core.events.columns import MC_SCHEMA
from core.events.simulation_sets import GENERATION, TRUE_ZENITH
from core.products.recipe import Recipe
from core.products.store import ProductStore
from core.stages.event_inputs import event_source, has_events, part_recipes
from core.stages.stage import Stage


def recipes(config: Config, _: ProductStore) -> Iterable[Recipe]:
    """Yield a recipe for each file of each season, where events come with the weights of their files alone."""
    source = event_source(config)
    if source.needs_sets(config):
        for season, parts in source.parts(config, "mc").items():
            yield from part_recipes(STAGE.product(season=season), parts)


STAGE = Stage(
    name="unweighted_events",
    title="simulated events by file",
    sentence="Convert the files of simulated events; weights are those of each file alone.",
    keys=("season",),
    columns=(*MC_SCHEMA.names, GENERATION, TRUE_ZENITH),
    recipes=recipes,
    applies=has_events,
    has_parts_by_file=True,
)
