"""Stage `discovery_potential`: the cross sections that half of trials would show at 3 and at 5 sigma."""

from collections.abc import Iterable

from core.configuration.config import Config
from core.products.recipe import Recipe
from core.products.store import ProductStore
from core.stages.pairs import pair_keys, served_pairs
from core.stages.stage import PAIR_KEYS, Stage, recipe_of
from core.stages.statistics import statistic_of
from core.stages.trial_recipes import density_inputs, result_parameters, scale_inputs

N_DISCOVERY_TRIALS = 2_000  # of each number of injected events

DISCOVERY_COLUMNS = (
    "n_tail_trials",
    "n_signal_trials",
    *(
        name.format(level)
        for level in ("3sigma", "5sigma")
        for name in (
            "threshold_{}",
            "threshold_{}_error",
            "threshold_{}_n_effective",
            "threshold_{}_asymptotic_p_value",
            "n_s_discovery_{}",
            "n_s_discovery_{}_error",
            "sigma_v_discovery_{}",
        )
    ),
    "statistic",
    "background",
    "sample",
    "limitation",
    "process",
    "hypothesis",
)


def recipes(config: Config, store: ProductStore) -> Iterable[Recipe]:
    """Yield a recipe for each served pair, of a statistic whose trials are of one sky."""
    make = statistic_of(config).make_discovery_potential
    if make is None:
        return
    n_trials = {"n_tail_trials": config.trials.n_tail, "n_signal_trials": N_DISCOVERY_TRIALS}
    for pair in served_pairs(config, store):
        product = STAGE.product(**pair_keys(pair), seed=config.seed)
        inputs = (*scale_inputs(pair), *density_inputs(config, pair))
        yield recipe_of(make, product, {**result_parameters(config), **n_trials}, inputs)


def has_one_sky(config: Config) -> bool:
    """Return whether the trials of an analysis are of one sky, so that their tail is that of data."""
    return statistic_of(config).shares_one_sky


STAGE = Stage(
    name="discovery_potential",
    title="discovery potential",
    sentence="Find the cross sections that half of trials would show at 3 and at 5 sigma; of trials of one sky.",
    keys=(*PAIR_KEYS, "seed"),
    columns=DISCOVERY_COLUMNS,
    needs=(
        "energy_range",
        "ratio_cells",
        "ratio_cell_sources",
        "source_background_pdf",
        "source_signal_pdf",
        "sky_patterns",
    ),
    recipes=recipes,
    applies=has_one_sky,
)
