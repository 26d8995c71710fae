"""Stage `j_calibration`: how far 2 ln L must fall at a limit that covers with J factors profiled, by trials.

With `sources.j_uncertainty = "profiled"` of every pair, else of one: it takes seconds a pair, and differs little from
pair to pair.
"""

import math
from collections.abc import Iterable

import pyarrow as pa

from core.configuration.config import Config
from core.errors import ProductError
from core.inference.j_calibration import N_TRIALS
from core.inference.j_limits import calibration_table
from core.inference.robustness_product import known_errors
from core.likelihood.j_profile import FactorErrors
from core.pdfs.source_information import information_of_table
from core.products.recipe import ProductKey, Recipe
from core.products.store import ProductStore
from core.stages.inputs import Inputs
from core.stages.pairs import Pair, of_pair, pair_keys, served_pairs
from core.stages.stage import PAIR_KEYS, Parameters, Stage, recipe_of

REFERENCE_MASS = 20.0  # GeV: the middle of the masses that the public sample serves
N_REFERENCE_TRIALS = 500


def recipes(config: Config, store: ProductStore) -> Iterable[Recipe]:
    """Yield a recipe for each pair that is calibrated; none where an error of a J factor is not known."""
    pairs = profiled_pairs(config, store)
    n_trials = N_TRIALS if is_profiled(config) else N_REFERENCE_TRIALS
    for pair in dict.fromkeys(calibrated_pair(config, pair, pairs) for pair in pairs):
        inputs = (ProductKey("sources"), *of_pair(pair, "source_information"))
        parameters = {"seed": config.seed, "n_trials": n_trials}
        yield recipe_of(make, STAGE.product(**pair_keys(pair)), parameters, inputs)


def is_profiled(config: Config) -> bool:
    """Whether limits with J factors profiled are asked for by trials of their own."""
    return config.sources.j_uncertainty == "profiled"


def profiled_pairs(config: Config, store: ProductStore) -> list[Pair]:
    """Return the pairs whose J factors can be profiled: all served ones, if every J factor has an error.

    Where profiled limits are asked for they are returned without: their recipe then says which error is missing.
    """
    try:
        if not is_profiled(config) and known_errors(store.read_product(ProductKey("sources"))) is None:
            return []
    except ProductError:
        return []
    return list(served_pairs(config, store))


def calibrated_pair(config: Config, pair: Pair, pairs: list[Pair]) -> Pair:
    """Return the pair whose calibration a pair takes: its own where asked for, else that nearest to 20 GeV."""
    if is_profiled(config):
        return pair
    return min(pairs, key=lambda other: abs(math.log(other[1] / REFERENCE_MASS)))


def make(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Draw Gaussian skies with J factors observed about their true ones, and find the fall that covers."""
    information = information_of_table(inputs["source_information"])
    errors = FactorErrors.of_sources(inputs["sources"])
    return calibration_table(information, errors, parameters["seed"], parameters["n_trials"])


STAGE = Stage(
    name="j_calibration",
    title="calibration with J profiled",
    sentence="Find by trials how far 2 ln L must fall at a limit that covers with J factors profiled.",
    keys=PAIR_KEYS,
    columns=(
        "strength_over_uncertainty",
        "likelihood_fall",
        "likelihood_fall_error",
        "coverage_of_gaussian_fall",
        "n_trials",
    ),
    needs=("acceptance", "source_information"),
    recipes=recipes,
)
