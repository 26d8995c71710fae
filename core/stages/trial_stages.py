"""The stages from trials to results: shards of pseudo-experiments, sensitivities, discovery potentials.

How many events are injected follows from the densities of a pair, so that signal trials are known once these stand.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from core.configuration.config import Config
from core.errors import ProductError
from core.likelihood.stacked_law import StackedLaw
from core.likelihood.stacked_model import source_trial_model
from core.products.recipe import KeyValue, ProductKey, Recipe
from core.products.store import ProductStore
from core.stages.samples import reco_energy_range
from core.stages.served_pairs import Pair, pair_keys, served_pairs
from core.stages.window_recipes import window_parameter
from core.trials.statistic import BINS_PER_ROOT

DENSITY_STAGES = ("signal_pdf", "ratio_cells", "source_background_pdf", "source_signal_pdf", "sky_patterns")
# What the number of events and the flux of a cross section follow from, beside the sources.
_SCALE_STAGES = ("spectra", "acceptance")
N_DISCOVERY_TRIALS = 2_000  # of each number of injected events


def density_stages(config: Config) -> tuple[str, ...]:
    """Return the stages between detector and trials that the analysis' statistic has, in order."""
    if config.statistic.name == "joint":
        return DENSITY_STAGES[:2]
    return DENSITY_STAGES[2:] if config.statistic.has_one_sky else DENSITY_STAGES[2:4]


def injected_counts(config: Config, n_s_uncertainty: float, n_events: int) -> tuple[int, ...]:
    """Return the numbers of injected events, in ascending order, for a standard deviation of the fitted n_s.

    None is larger than the number of events of a trial; of the statistic with a fit a source, of any of its sources.
    """
    counts = (max(1, round(factor * n_s_uncertainty)) for factor in config.trials.injected_over_uncertainty)
    return tuple(sorted({min(count, n_events) for count in counts}))


def shards(n_trials: int, shard_size: int) -> list[tuple[int, int]]:
    """Return (first trial, number of trials) of each shard."""
    return [(first, min(shard_size, n_trials - first)) for first in range(0, n_trials, shard_size)]


def _background_trials(config: Config, store: ProductStore) -> Iterable[Recipe]:
    for pair in served_pairs(config, store):
        product = ProductKey("background_trials", pair_keys(pair) | {"seed": config.seed})
        yield from _trial_recipes(config, product, config.trials.n_background)


def _signal_trials(config: Config, store: ProductStore) -> Iterable[Recipe]:
    for pair in served_pairs(config, store):
        for product in _signal_trial_products(config, store, pair):
            yield from _trial_recipes(config, product, config.trials.n_signal)


def _trial_recipes(config: Config, product: ProductKey, n_trials: int) -> Iterable[Recipe]:
    model = _model_products(config, {name: product.keys[name] for name in ("channel", "mass")})
    is_joint = config.statistic.name == "joint"
    module, settings = (
        ("core.trials.run", {}) if is_joint else ("core.inference.stacked_product", {"grid": config.statistic.grid})
    )
    binning: Mapping[str, Any] = {}
    if config.trials.keep == "histogram":
        module = "core.trials.histogram" if is_joint else module
        binning = {"keep": "histogram", "bins_per_root": BINS_PER_ROOT}
    for part, (first_trial, n_in_shard) in enumerate(shards(n_trials, config.trials.shard_size)):
        parameters = {"first_trial": first_trial, "n_trials": n_in_shard, **settings, **binning}
        yield Recipe(product, module, parameters, model, part)


def _model_products(config: Config, pair: Mapping[str, KeyValue]) -> tuple[ProductKey, ...]:
    """Return the products that the trials of a pair are drawn from."""
    if config.statistic.name == "joint":
        return (ProductKey("ratio_cells", pair),)
    return *(ProductKey(stage, pair) for stage in density_stages(config)), ProductKey("sources")


def _signal_trial_products(config: Config, store: ProductStore, pair: Pair) -> Iterable[ProductKey]:
    try:
        uncertainty, n_events = _uncertainty_and_events(config, store, pair)
    except ProductError:
        return
    for n_injected in injected_counts(config, uncertainty, n_events):
        yield ProductKey("signal_trials", pair_keys(pair) | {"n_injected": n_injected, "seed": config.seed})


def _uncertainty_and_events(config: Config, store: ProductStore, pair: Pair) -> tuple[float, int]:
    """Return the standard deviation of n_s without signal and how many events a trial has, of j_weighted its least."""
    if config.statistic.has_one_sky:
        cells = ProductKey(density_stages(config)[-1], pair_keys(pair))
        (row,) = store.read_product(cells, ["n_s_uncertainty", "n_events"]).slice(0, 1).to_pylist()
        return float(row["n_s_uncertainty"]), int(row["n_events"])
    background, signal, sources = (store.read_product(item) for item in _model_products(config, pair_keys(pair)))
    model = source_trial_model(background, signal, sources, config.statistic.grid)
    return StackedLaw.of(model).n_s_uncertainty, int(model.draw_events.min())


def _sensitivity(config: Config, store: ProductStore) -> Iterable[Recipe]:
    trials = config.trials
    settings: Mapping[str, Any] = {
        "sample": config.sample,
        "reco_energy_range": reco_energy_range(config),
        "background": config.statistic.background,
        "n_background_trials": trials.n_background,
        "n_signal_trials": trials.n_signal,
    }
    is_joint = config.statistic.name == "joint"
    module = "core.inference.sensitivity_product" if is_joint else "core.inference.stacked_product"
    if not is_joint:
        settings = {**settings, "grid": config.statistic.grid}
    for pair in served_pairs(config, store):
        keys = pair_keys(pair) | {"seed": config.seed}
        n_parts = len(shards(trials.n_background, trials.shard_size))
        n_signal_parts = len(shards(trials.n_signal, trials.shard_size))
        densities = [product for product in _model_products(config, pair_keys(pair)) if product.keys]
        inputs = (
            ProductKey("sources"),
            *(ProductKey(stage, pair_keys(pair)) for stage in _SCALE_STAGES),
            *densities,
            ProductKey("background_trials", keys, n_parts),
            *(
                ProductKey("signal_trials", product.keys, n_signal_parts)
                for product in _signal_trial_products(config, store, pair)
            ),
        )
        parameters = {"window": window_parameter(config, pair), **settings}
        yield Recipe(ProductKey("sensitivity", keys), module, parameters, inputs)


def _discovery_potential(config: Config, store: ProductStore) -> Iterable[Recipe]:
    parameters: Mapping[str, Any] = {
        "sample": config.sample,
        "reco_energy_range": reco_energy_range(config),
        "background": config.statistic.background,
        "n_tail_trials": config.trials.n_tail,
        "n_signal_trials": N_DISCOVERY_TRIALS,
    }
    module = "core.inference.discovery_product"
    if config.statistic.name != "joint":
        module, parameters = "core.inference.stacked_discovery_product", {**parameters, "grid": config.statistic.grid}
    for pair in served_pairs(config, store):
        keys = pair_keys(pair)
        inputs = (ProductKey("sources"), *(ProductKey(stage, keys) for stage in _SCALE_STAGES))
        product = ProductKey("discovery_potential", keys | {"seed": config.seed})
        cells = tuple(item for item in _model_products(config, keys) if item.keys)
        yield Recipe(product, module, parameters, (*inputs, *cells))


RESULT_RECIPES: Mapping[str, Callable[[Config, ProductStore], Iterable[Recipe]]] = {
    "background_trials": _background_trials,
    "signal_trials": _signal_trials,
    "sensitivity": _sensitivity,
    "discovery_potential": _discovery_potential,
}
