"""What can be known of files of events only by reading them whole, checked before anything is made of them."""

from collections.abc import Iterator

import pyarrow as pa

from core.configuration.config import Config
from core.events.columns import Kind, refuse_repeated
from core.events.ingestion import convert_event_file
from core.products.recipe import Recipe, State
from core.products.store import ProductStore
from core.stages.event_inputs import event_source
from core.stages.freshness import Freshness
from core.stages.registry import recipes

# Stages that convert files of events, and of which kind.
CONVERTING: dict[str, Kind] = {"sealed_events": "data", "events": "mc"}


def check_events(config: Config, store: ProductStore) -> None:
    """Raise InputError for a value that no event can have, and for a measured event that stands twice.

    Only of formats that are read whole at once, a file at a time, and only where products are to be made; an i3 file is
    gone through event by event, and what is wrong with one is told in the account of its file.
    """
    if not event_source(config).reads_whole_files(config):
        return
    freshness = Freshness(config, store)
    if all(freshness.of(recipe).state is State.FRESH for _, recipe in _conversions(config, store)):
        return
    refuse_repeated(_measured(config, store))


def _conversions(config: Config, store: ProductStore) -> Iterator[tuple[Kind, Recipe]]:
    """Yield the recipes by which files are converted, with their kind."""
    for stage, kind in CONVERTING.items():
        for recipe in recipes(config, store, stage):
            if "path" in recipe.parameters:
                yield kind, recipe


def _measured(config: Config, store: ProductStore) -> Iterator[tuple[str, pa.Table]]:
    """Yield path and events of each measured file; read the simulated ones too, so that they are checked."""
    for kind, recipe in _conversions(config, store):
        season, path = str(recipe.product.keys["season"]), str(recipe.parameters["path"])
        events = convert_event_file(kind, season, recipe.parameters).events
        if kind == "data":
            yield path, events
