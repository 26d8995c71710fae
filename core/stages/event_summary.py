"""Stage `event_summary`: each season's livetime, measured events, and what its simulation expects."""

from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

from core.configuration.config import Config
from core.events.accounts import SUMMARY_SCHEMA, season_summary, sum_rates
from core.events.blinding import EVENT_KEYS
from core.events.columns import KINDS, count_duplicates
from core.events.livetime import total_livetime
from core.products.recipe import ProductKey, Recipe
from core.products.store import ProductStore
from core.stages.event_inputs import event_source, has_events
from core.stages.inputs import Inputs
from core.stages.stage import Parameters, Stage, recipe_of

RATE_COLUMNS = ("true_energy", "true_dec", "weight", "flavour")


def recipes(config: Config, _: ProductStore) -> Iterable[Recipe]:
    """Yield a recipe for each season."""
    source = event_source(config)
    parts = {kind: source.parts(config, kind) for kind in KINDS}
    with_list = source.good_runs(config)
    for season in sorted({season for by_season in parts.values() for season in by_season}):
        inputs = [ProductKey("good_runs", {"season": season})] if season in with_list else []
        for kind in KINDS:
            n_parts = len(parts[kind].get(season, ()))
            keys = {"kind": kind, "season": season}
            inputs += [ProductKey("event_files", keys)] if n_parts else []
            inputs += [ProductKey("events", keys, part=part) for part in range(n_parts)]
        # An event that stands in an earlier season already is there twice, too.
        for earlier in sorted(name for name in parts["data"] if name < season) if season in parts["data"] else ():
            keys = {"kind": "data", "season": earlier}
            inputs += [ProductKey("events", keys, part=part) for part in range(len(parts["data"][earlier]))]
        yield recipe_of(make, STAGE.product(season=season), {}, tuple(inputs))


def make(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Compare the livetime of a season, its measured events and what its simulation expects."""
    by_kind: dict[str, list[pa.Table]] = {kind: list(inputs.each("event_files", kind=kind)) for kind in KINDS}
    files = {kind: pa.concat_tables(tables) for kind, tables in by_kind.items() if tables}
    good_runs = inputs.get("good_runs")
    n_duplicates, rates = None, None
    if "data" in files:
        measured = pa.concat_tables(inputs.each("events", EVENT_KEYS, kind="data"))
        before = measured.filter(pc.not_equal(measured["season"], parameters["season"]))
        n_duplicates = count_duplicates(measured) - count_duplicates(before)
    if "mc" in files:
        rates = sum_rates(inputs.each("events", RATE_COLUMNS, kind="mc"))
    return season_summary(files, None if good_runs is None else total_livetime(good_runs), n_duplicates, rates)


STAGE = Stage(
    name="event_summary",
    title="event summary",
    sentence="Compare each season's livetime, measured events and what its simulation expects.",
    keys=("season",),
    columns=tuple(SUMMARY_SCHEMA.names),
    needs=("event_files",),
    recipes=recipes,
    applies=has_events,
)
