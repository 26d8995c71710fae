"""Stage `events`: simulated events, and measured ones with their right ascension scrambled."""

from collections.abc import Iterable

from core.configuration.config import Config
from core.events.blinding import blind_events
from core.events.columns import MC_SCHEMA
from core.events.simulation_sets import weighed_events
from core.products.recipe import AnnotatedTable, ProductKey, Recipe
from core.products.store import ProductStore
from core.stages.event_inputs import event_source, has_events, part_recipes
from core.stages.inputs import Inputs
from core.stages.stage import Parameters, Stage, recipe_of


def recipes(config: Config, _: ProductStore) -> Iterable[Recipe]:
    """Yield a recipe for each part of each season: measured events are blinded here, simulated ones converted."""
    source = event_source(config)
    with_list = source.good_runs(config)
    for season, parts in source.parts(config, "data").items():
        runs = (ProductKey("good_runs", {"season": season}),) if season in with_list else ()
        for part in range(len(parts)):
            sealed = ProductKey("sealed_events", {"season": season}, part=part)
            product = STAGE.product(kind="data", season=season)
            yield recipe_of(make, product, {"seed": config.seed}, (sealed, *runs), part)
    for season, parts in source.parts(config, "mc").items():
        if source.needs_sets(config):
            sets = ProductKey("simulation_sets", {"season": season})
            product = STAGE.product(kind="mc", season=season)
            for part in range(len(parts)):
                unweighted = ProductKey("unweighted_events", {"season": season}, part=part)
                yield recipe_of(make_weighed, product, {}, (unweighted, sets), part)
            continue
        yield from part_recipes(STAGE.product(kind="mc", season=season), parts)


def make(inputs: Inputs, parameters: Parameters) -> AnnotatedTable:
    """Scramble the right ascensions of the measured events of good runs, all of them where no list says which."""
    measured, good_runs = inputs["sealed_events"], inputs.get("good_runs")
    blind = blind_events(measured, good_runs, parameters["seed"], parameters["season"], parameters["part"])
    return AnnotatedTable(blind, {"n_outside_good_runs": measured.num_rows - blind.num_rows})


def make_weighed(inputs: Inputs, _: Parameters) -> AnnotatedTable:
    """Give the simulated events of a file the weights that they have among all generated sets of their season."""
    account = next(inputs.remarks("unweighted_events"))
    events = weighed_events(inputs["unweighted_events"], account, inputs["simulation_sets"])
    return AnnotatedTable(events, dict(account))


STAGE = Stage(
    name="events",
    title="events",
    sentence="Convert the files of simulated events, or draw them, and scramble the right ascension of measured ones.",
    keys=("kind", "season"),
    columns=tuple(MC_SCHEMA.names),
    needs=("sealed_events", "good_runs", "simulation_sets"),
    recipes=recipes,
    applies=has_events,
    has_parts_by_file=True,
)
