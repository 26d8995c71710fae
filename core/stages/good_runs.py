"""Stage `good_runs`: which runs of a season count, and how long the detector was live in them."""

from collections.abc import Iterable

from core.configuration.config import Config
from core.products.recipe import Recipe
from core.products.store import ProductStore
from core.stages.event_inputs import event_source, has_events
from core.stages.stage import Stage, recipe_of


def recipes(config: Config, _: ProductStore) -> Iterable[Recipe]:
    """Yield a recipe for each season that has a list of good runs; the sample's own function makes it."""
    for season, one in event_source(config).good_runs(config).items():
        yield recipe_of(one.make, STAGE.product(season=season), one.parameters, one.inputs, hints=one.hints)


STAGE = Stage(
    name="good_runs",
    title="good runs",
    sentence="Read which runs count and how long the detector was live in them.",
    keys=("season",),
    columns=("run", "mjd_start", "mjd_stop", "livetime", "n_events"),
    needs=("sealed_events",),
    recipes=recipes,
    applies=has_events,
)
