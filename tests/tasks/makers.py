"""A whole analysis made by the tasks' own functions one after the other: no Prefect, no server."""

from collections.abc import Mapping

import tasks.events
import tasks.inputs
import tasks.pdfs
import tasks.sensitivity
import tasks.signal_counts
import tasks.trials

from core.configuration.config import Config
from core.products.recipe import State
from core.products.store import ProductStore
from core.stages.registry import EVENT_STAGES, recipes, stages_of
from tasks.products import Maker, product_store

MAKERS: Mapping[str, Maker] = {
    name: getattr(module, name)
    for module, names in (
        (tasks.events, EVENT_STAGES),
        (tasks.inputs, ("sources", "event_counts", "response", "spectra")),
        (tasks.signal_counts, ("acceptance", "energy_range")),
        (tasks.pdfs, ("background_pdf", "source_counts", "signal_pdf", "ratio_cells")),
        (tasks.pdfs, ("source_background_pdf", "source_signal_pdf", "sky_patterns")),
        (tasks.trials, ("background_trials", "signal_trials")),
        (tasks.sensitivity, ("sensitivity", "discovery_potential")),
    )
    for name in names
}


def made_analysis(config: Config) -> ProductStore:
    """The store with every product of an analysis; what is fresh is not made again."""
    store = product_store(config)
    for stage in stages_of(config):
        for recipe in recipes(config, store, stage):
            if store.explain_recipe(recipe).state is State.FRESH:
                continue
            store.write(recipe, MAKERS[stage](store, config, recipe), store.input_digests(recipe))
    return store
