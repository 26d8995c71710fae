"""Stage `observed`: what the observed sky says of each pair; made by the unblinding alone."""

from collections.abc import Iterable, Mapping

from core.configuration.config import Config
from core.products.recipe import KeyValue, ProductKey, Recipe
from core.products.store import ProductStore
from core.stages.observed_sky import recipes as sky_recipes
from core.stages.one_sky_recipes import fits_one_sky, sky_inputs, sky_parameters
from core.stages.pairs import Pair, pair_keys, served_pairs
from core.stages.stage import PAIR_KEYS, Stage, recipe_of
from core.stages.statistics import statistic_of
from core.stages.trial_recipes import scale_inputs, shards, signal_trial_products


def recipes(config: Config, store: ProductStore) -> Iterable[Recipe]:
    """Yield a recipe for each served pair, where there is a sky to observe."""
    fits = statistic_of(config).one_sky
    if fits is None or not list(sky_recipes(config, store)):
        return
    for pair in served_pairs(config, store):
        keys = pair_keys(pair) | {"seed": config.seed}
        inputs = (
            ProductKey("background_pdf"),
            *sky_inputs(config, pair),
            *scale_inputs(pair),
            ProductKey("observed_sky", {"seed": config.seed}),
            ProductKey("common_sky_trials", {"seed": config.seed}),
            *trial_inputs(config, store, keys, pair),
        )
        parameters = {**sky_parameters(config, pair), "n_tail_trials": config.trials.n_tail}
        yield recipe_of(fits.make_observed, STAGE.product(**keys), parameters, inputs)


def trial_inputs(
    config: Config, store: ProductStore, keys: Mapping[str, KeyValue], pair: Pair
) -> tuple[ProductKey, ...]:
    """Return the background and signal trials of a pair."""
    trials = config.trials
    n_parts, n_signal_parts = (len(shards(n, trials.shard_size)) for n in (trials.n_background, trials.n_signal))
    injected = signal_trial_products(config, store, pair)
    signal = (ProductKey("signal_trials", product.keys, n_signal_parts) for product in injected)
    return ProductKey("background_trials", keys, n_parts), *signal


STAGE = Stage(
    name="observed",
    title="observed",
    sentence="Fit each pair to the observed sky: best fit, interval, p-values, also corrected for all pairs.",
    keys=(*PAIR_KEYS, "seed"),
    columns=(
        "n_s",
        "n_s_signed",
        "test_statistic",
        "test_statistic_signed",
        "p_value",
        "p_value_error",
        "p_value_signed",
        "p_value_global",
        "p_value_global_signed",
        "sigma_v_best_fit",
        "sigma_v_interval_lo",
        "sigma_v_interval_hi",
        "n_s_per_sigma_v",
        "n_events",
        "sky",
        "statistic",
        "background",
        "sample",
        "limitation",
        "process",
    ),
    needs=("observed_sky", "common_sky_trials", "energy_range", "background_trials", "signal_trials"),
    recipes=recipes,
    applies=fits_one_sky,
    command="unblind",
)
