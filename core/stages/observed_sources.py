"""Stage `observed_sources`: what the observed sky says of each galaxy alone; made by the unblinding alone."""

from collections.abc import Iterable

import pyarrow as pa

from core.configuration.config import Config
from core.dark_matter.processes import process_of
from core.inference.observed_sources import observed_sources_table
from core.pdfs.likelihood_cells import likelihoods_of_table
from core.products.recipe import ProductKey, Recipe
from core.products.store import ProductStore
from core.stages.certificate import is_one_likelihood
from core.stages.inputs import Inputs
from core.stages.observed_sky import recipes as sky_recipes
from core.stages.pairs import pair_keys, served_pairs
from core.stages.stage import PAIR_KEYS, Parameters, Stage, recipe_of
from core.stages.statistics.one_sky import seed_of

N_TRIALS = 20_000  # of each galaxy: a p-value of 1e-3 has an error of a fifth
COPIED = ("sky", "background", "sample", "hypothesis")


def recipes(config: Config, store: ProductStore) -> Iterable[Recipe]:
    """Yield a recipe for each served pair, where there is a sky to observe."""
    if not list(sky_recipes(config, store)):
        return
    for pair in served_pairs(config, store):
        keys = pair_keys(pair) | {"seed": config.seed}
        parameters = {"n_trials": N_TRIALS, "confidence_level": config.limits.confidence_levels[0]}
        inputs = (ProductKey("sources"), ProductKey("observed_likelihood", keys))
        yield recipe_of(make, STAGE.product(**keys), parameters, inputs)


def make(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Fit each galaxy alone to the observed sky."""
    table = inputs["observed_likelihood"]
    return observed_sources_table(
        likelihoods_of_table(table),
        process_of(inputs["sources"]),
        parameters["confidence_level"],
        parameters["n_trials"],
        seed_of(parameters),
        {name: table[name][0].as_py() for name in COPIED},
    )


STAGE = Stage(
    name="observed_sources",
    title="observed sources",
    sentence="Fit each galaxy alone to the observed sky: best fit, interval, p-value, limit.",
    keys=(*PAIR_KEYS, "seed"),
    columns=(
        "source",
        "n_s",
        "n_s_signed",
        "test_statistic",
        "test_statistic_signed",
        "p_value",
        "p_value_error",
        "p_value_signed",
        "sigma_v_best_fit",
        "sigma_v_interval_lo",
        "sigma_v_interval_hi",
        "confidence_level",
        "sigma_v_upper_limit_likelihood",
        "n_s_per_sigma_v",
        "sky",
        "background",
        "sample",
        "hypothesis",
        "process",
    ),
    needs=("sources", "observed_likelihood"),
    recipes=recipes,
    applies=is_one_likelihood,
    command="unblind",
)
