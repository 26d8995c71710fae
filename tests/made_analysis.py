"""A whole analysis made by its stages one after the other: no Prefect, no server."""

from collections.abc import Iterable

from core.configuration.config import Config
from core.products.recipe import State
from core.products.store import ProductStore
from core.products.unblinding import Opening, record_end
from core.stages.registry import STAGES, recipes, stages_of
from core.stages.stage import make_product
from core.stages.unblinding import open_sky, unblinding_plan


def made_analysis(config: Config, stages: Iterable[str] | None = None) -> ProductStore:
    """The store with every product of an analysis, or of some of its stages; what is fresh is not made again."""
    store = ProductStore(config.product_root, config.analysis, config.sample)
    for stage in stages_of(config) if stages is None else stages:
        for recipe in recipes(config, store, stage):
            if store.explain_recipe(recipe).state is not State.FRESH:
                make_product(STAGES[stage], store, recipe)
    return store


def unblinded(config: Config, store: ProductStore, who: str = "a test") -> Opening:
    """Open the sky of an analysis that stands, as its flow does, and make all that the unblinding makes."""
    plan = unblinding_plan(config, store)
    opening = open_sky(store, plan, plan.digest, who=who)
    for stage in stages_of(config, "unblind"):
        for recipe in recipes(config, store, stage):
            make_product(STAGES[stage], store, recipe, opening)
    record_end(store, opening)
    return opening
