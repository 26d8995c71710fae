"""The recipes of trials and of what is made of them: shards, numbers of injected events, models.

How many events are injected follows from the densities of a pair, so that signal trials are known once these stand.
"""

from collections.abc import Iterator
from typing import Any

from core.configuration.config import Config
from core.errors import ProductError
from core.products.recipe import ProductKey, Recipe
from core.products.store import ProductStore
from core.stages.pairs import Pair, of_pair, pair_keys
from core.stages.samples import reco_energy_range
from core.stages.stage import recipe_of
from core.stages.statistics import hypothesis_of, statistic_of
from core.trials.statistic import BINS_PER_ROOT


def injected_counts(config: Config, n_s_uncertainty: float, n_events: int) -> tuple[int, ...]:
    """Return the numbers of injected events, in ascending order, for a standard deviation of the fitted n_s.

    None is larger than the number of events of a trial; of the statistic with a fit a source, of any of its sources.
    """
    counts = (max(1, round(factor * n_s_uncertainty)) for factor in config.trials.injected_over_uncertainty)
    return tuple(sorted({min(count, n_events) for count in counts}))


def shards(n_trials: int, shard_size: int) -> list[tuple[int, int]]:
    """Return (first trial, number of trials) of each shard."""
    return [(first, min(shard_size, n_trials - first)) for first in range(0, n_trials, shard_size)]


def model_products(config: Config, pair: Pair) -> tuple[ProductKey, ...]:
    """Return the products that the trials of a pair are drawn from."""
    stages = statistic_of(config).model_stages
    return tuple(ProductKey("sources") if stage == "sources" else of_pair(pair, stage)[0] for stage in stages)


def shard_recipes(config: Config, pair: Pair, product: ProductKey, n_trials: int) -> Iterator[Recipe]:
    """Yield the recipe of each shard of the trials of a pair, kept as rows or as a histogram."""
    statistic = statistic_of(config)
    is_binned = config.trials.keep == "histogram"
    make = statistic.make_histogram if is_binned else statistic.make_trials
    settings = statistic.parameters(config.statistic)
    settings |= {"keep": "histogram", "bins_per_root": BINS_PER_ROOT} if is_binned else {}
    inputs = model_products(config, pair)
    for part, (first_trial, n_in_shard) in enumerate(shards(n_trials, config.trials.shard_size)):
        yield recipe_of(make, product, {"first_trial": first_trial, "n_trials": n_in_shard, **settings}, inputs, part)


def is_shard(recipe: Recipe) -> bool:
    """Return whether a recipe is that of a shard of trials."""
    return "first_trial" in recipe.parameters


def signal_trial_products(config: Config, store: ProductStore, pair: Pair) -> Iterator[ProductKey]:
    """Yield the products of signal trials of a pair, one a number of injected events; none before densities stand."""
    try:
        spread = statistic_of(config).spread(store, model_products(config, pair), config.statistic)
    except ProductError:
        return
    for n_injected in injected_counts(config, *spread):
        yield ProductKey("signal_trials", pair_keys(pair) | {"n_injected": n_injected, "seed": config.seed})


def result_parameters(config: Config) -> dict[str, Any]:
    """Return what a number that follows from trials is made with, beside its inputs."""
    return {
        "sample": config.sample,
        "reco_energy_range": reco_energy_range(config),
        "background": config.statistic.background,
        "hypothesis": hypothesis_of(config),
        **statistic_of(config).parameters(config.statistic),
    }


def scale_inputs(pair: Pair) -> tuple[ProductKey, ...]:
    """Return the products that the scale of a pair follows from: events and flux of a cross section."""
    return ProductKey("sources"), *of_pair(pair, "spectra", "acceptance")


def density_inputs(config: Config, pair: Pair) -> tuple[ProductKey, ...]:
    """Return the products that the trials of a pair are drawn from, without the sources."""
    return tuple(product for product in model_products(config, pair) if product.keys)
