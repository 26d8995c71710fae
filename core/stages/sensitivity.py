"""Stage `sensitivity`: the cross section that the search can exclude, with its bands."""

from collections.abc import Iterable

from core.configuration.config import Config
from core.products.recipe import ProductKey, Recipe
from core.products.store import ProductStore
from core.stages.pairs import pair_keys, served_pairs, window_parameter
from core.stages.stage import PAIR_KEYS, Stage, recipe_of
from core.stages.statistics import statistic_of
from core.stages.trial_recipes import density_inputs, result_parameters, scale_inputs, shards, signal_trial_products

SENSITIVITY_COLUMNS = (
    "n_s_sensitivity",
    "n_s_sensitivity_error",
    "flux_sensitivity",
    "sigma_v_sensitivity",
    "sigma_v_sensitivity_error",
    "lifetime_sensitivity",
    "n_s_per_sigma_v",
    "n_s_per_sigma_v_error",
    "sigma_v_band_lo95",
    "sigma_v_band_lo68",
    "sigma_v_band_hi68",
    "sigma_v_band_hi95",
    "sigma_v_cls_median",
    "sigma_v_cls_band_lo95",
    "sigma_v_cls_band_lo68",
    "sigma_v_cls_band_hi68",
    "sigma_v_cls_band_hi95",
    "n_background_trials",
    "n_signal_trials",
    "sample",
    "limitation",
    "process",
    "hypothesis",
    "n_s_sensitivity_closed_form",
    "n_s_uncertainty",
    "statistic",
    "background",
    "j_uncertainty",
)


def recipes(config: Config, store: ProductStore) -> Iterable[Recipe]:
    """Yield a recipe for each served pair; the statistic's own function makes a number of its trials."""
    trials = config.trials
    n_trials = {"n_background_trials": trials.n_background, "n_signal_trials": trials.n_signal}
    n_parts = len(shards(trials.n_background, trials.shard_size))
    n_signal_parts = len(shards(trials.n_signal, trials.shard_size))
    for pair in served_pairs(config, store):
        keys = pair_keys(pair) | {"seed": config.seed}
        injected = signal_trial_products(config, store, pair)
        inputs = (
            *scale_inputs(pair),
            *density_inputs(config, pair),
            ProductKey("background_trials", keys, n_parts),
            *(ProductKey("signal_trials", product.keys, n_signal_parts) for product in injected),
        )
        parameters = {"window": window_parameter(config, pair), **result_parameters(config), **n_trials}
        yield recipe_of(statistic_of(config).make_sensitivity, STAGE.product(**keys), parameters, inputs)


STAGE = Stage(
    name="sensitivity",
    title="sensitivity",
    sentence="Turn trials into the cross section that the search can exclude, with its bands.",
    keys=(*PAIR_KEYS, "seed"),
    columns=SENSITIVITY_COLUMNS,
    needs=("energy_range", "background_trials", "signal_trials"),
    recipes=recipes,
)
