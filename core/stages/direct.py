"""Make products one after the other in this process: for notebooks, scripts and examples; runs go through flows."""

from core.configuration.config import Config
from core.errors import ConfigError
from core.products.recipe import State
from core.products.store import ProductStore
from core.stages.registry import STAGES, recipes, stages_before, stages_of
from core.stages.stage import make_product


def made_products(config: Config, *stages: str) -> ProductStore:
    """Make the products of some stages and all that they need, unless they are fresh; return the store that has them.

    stages: names such as "asimov" or "sensitivity"; none for all that `dwarfnu run` makes. Nothing is split over
    processes and nothing is tried again: `dwarfnu run` does that. Raises ConfigError for a stage that the analysis does
    not have or that another command makes, as `dwarfnu unblind` does.
    """
    there = stages_of(config)
    if unknown := [name for name in stages if name not in there]:
        raise ConfigError(f"no stage {', '.join(unknown)} of a run of this analysis: it has {', '.join(there)}")
    wanted = {*stages, *(before for name in stages for before in stages_before(config, name))} if stages else {*there}
    store = ProductStore(config.product_root, config.analysis, config.sample)
    for name in there:
        if name in wanted:
            for recipe in recipes(config, store, name):
                if store.explain_recipe(recipe).state is not State.FRESH:
                    make_product(STAGES[name], store, recipe)
    return store
