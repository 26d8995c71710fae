"""Stage `asimov`: expected sensitivity, bands and discovery potential from the densities alone, without a trial."""

from collections.abc import Iterable

from core.configuration.config import Config
from core.products.recipe import Recipe
from core.products.store import ProductStore
from core.stages.discovery_potential import DISCOVERY_COLUMNS
from core.stages.pairs import pair_keys, served_pairs, window_parameter
from core.stages.sensitivity import SENSITIVITY_COLUMNS
from core.stages.stage import PAIR_KEYS, Stage, recipe_of
from core.stages.statistics import statistic_of
from core.stages.trial_recipes import density_inputs, result_parameters, scale_inputs

# What only finite trials have: their numbers, and the errors that follow from these.
OF_TRIALS = (
    "n_effective",
    "asymptotic_p_value",
    "n_tail_trials",
    "n_signal_trials",
    "n_background_trials",
    "n_s_sensitivity_error",
    "sigma_error",
)


def recipes(config: Config, store: ProductStore) -> Iterable[Recipe]:
    """Yield a recipe for each served pair; the statistic's own law makes a number of its densities."""
    for pair in served_pairs(config, store):
        inputs = (*scale_inputs(pair), *density_inputs(config, pair))
        parameters = {"window": window_parameter(config, pair), **result_parameters(config)}
        yield recipe_of(statistic_of(config).make_asimov, STAGE.product(**pair_keys(pair)), parameters, inputs)


STAGE = Stage(
    name="asimov",
    title="expectation without trials",
    sentence="Expect sensitivity, bands and discovery potential from the densities alone, without a trial.",
    keys=PAIR_KEYS,
    columns=tuple(
        name for name in dict.fromkeys((*SENSITIVITY_COLUMNS, *DISCOVERY_COLUMNS)) if not name.endswith(OF_TRIALS)
    ),
    needs=(
        "energy_range",
        "ratio_cells",
        "ratio_cell_sources",
        "source_background_pdf",
        "source_signal_pdf",
        "sky_patterns",
    ),
    recipes=recipes,
)
