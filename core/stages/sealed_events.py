"""Stage `sealed_events`: measured events with their true directions, which only the unblinding opens."""

from collections.abc import Iterable

from core.configuration.config import Config
from core.events.columns import DATA_SCHEMA
from core.products.recipe import Recipe
from core.products.store import ProductStore
from core.stages.event_inputs import event_source, has_events, part_recipes
from core.stages.stage import Stage


def recipes(config: Config, _: ProductStore) -> Iterable[Recipe]:
    """Yield a recipe for each part of each season; the sample's own function makes it."""
    for season, parts in event_source(config).parts(config, "data").items():
        yield from part_recipes(STAGE.product(season=season), parts)


STAGE = Stage(
    name="sealed_events",
    title="sealed events",
    sentence="Convert the files of measured events, or draw them; only the unblinding opens what this makes.",
    keys=("season",),
    columns=tuple(DATA_SCHEMA.names),
    needs=("sources", "spectra"),  # of an injected signal
    recipes=recipes,
    applies=has_events,
    has_parts_by_file=True,
)
