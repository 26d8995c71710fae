"""Stage `upper_limit`: limits of every kind by the observed sky; made by the unblinding alone."""

from collections.abc import Iterable

from core.configuration.config import Config
from core.products.recipe import ProductKey, Recipe
from core.products.store import ProductStore
from core.stages.drawn_detector import hyperplanes_digest, hyperplanes_hints
from core.stages.observed import recipes as observed_recipes
from core.stages.observed import trial_inputs
from core.stages.one_sky_recipes import fits_one_sky, sky_inputs, sky_parameters
from core.stages.pairs import pair_keys, served_pairs, window_parameter
from core.stages.stage import PAIR_KEYS, Stage, recipe_of
from core.stages.statistics import statistic_of
from core.stages.trial_recipes import scale_inputs


def recipes(config: Config, store: ProductStore) -> Iterable[Recipe]:
    """Yield a recipe for each served pair and confidence level, where there is a sky to observe."""
    fits = statistic_of(config).one_sky
    if fits is None or not list(observed_recipes(config, store)):
        return
    for pair in served_pairs(config, store):
        keys = pair_keys(pair) | {"seed": config.seed}
        inputs = (
            ProductKey("background_pdf"),
            ProductKey("response"),
            ProductKey("observed", keys),
            ProductKey("observed_sky", {"seed": config.seed}),
            *sky_inputs(config, pair),
            *scale_inputs(pair),
            *trial_inputs(config, store, keys, pair),
        )
        parameters = {**sky_parameters(config, pair), "window": window_parameter(config, pair)}
        parameters["limit_statistic"] = "test_statistic" if config.statistic.grid else "test_statistic_signed"
        if fits.has_one_likelihood:
            parameters |= {"hyperplanes": hyperplanes_digest(config)}
        for confidence in config.limits.confidence_levels:
            product = STAGE.product(**keys, confidence_level=confidence)
            yield recipe_of(fits.make_upper_limit, product, parameters, inputs, hints=hyperplanes_hints(config))


STAGE = Stage(
    name="upper_limit",
    title="upper limit",
    sentence="Limit the strength by the observed sky: by trials, CLs, Feldman-Cousins, detector drawn, J profiled.",
    keys=(*PAIR_KEYS, "confidence_level", "seed"),
    columns=(
        "n_s_upper_limit",
        "n_s_upper_limit_error",
        "is_sensitivity",
        "test_statistic_signed",
        "sigma_v_upper_limit",
        "sigma_v_upper_limit_error",
        "sigma_v_upper_limit_unfloored",
        "sigma_v_upper_limit_cls",
        "sigma_v_upper_limit_feldman_cousins",
        "sigma_v_feldman_cousins_lo",
        "sigma_v_upper_limit_marginalised_detector",
        "sigma_v_upper_limit_likelihood",
        "sigma_v_upper_limit_profiled_j",
        "sky",
        "statistic",
        "background",
        "sample",
        "limitation",
        "process",
    ),
    needs=("observed", "response", "energy_range", "background_trials", "signal_trials"),
    recipes=recipes,
    applies=fits_one_sky,
    command="unblind",
)
