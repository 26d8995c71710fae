"""Stage `source_information`: what single sources tell about the strength, and how much of it they share."""

from collections.abc import Iterable

import pyarrow as pa

from core.configuration.config import Config
from core.pdfs.background import binned_background
from core.pdfs.source_information import source_information_table, source_patterns
from core.products.recipe import ProductKey, Recipe
from core.products.store import ProductStore
from core.stages.acceptance import signal_of
from core.stages.inputs import Inputs
from core.stages.pairs import pair_keys, served_pairs, signal_inputs, window_inputs, window_parameter
from core.stages.stage import PAIR_KEYS, Parameters, Stage, recipe_of
from core.stages.windows import window_in

# Kernels are several degrees wide: pixels of 3.7 deg give the information to 1e-3 of that of finer ones.
GREATEST_NSIDE = 16


def recipes(config: Config, store: ProductStore) -> Iterable[Recipe]:
    """Yield a recipe for each served pair."""
    settings = {
        "nside": min(config.statistic.nside, GREATEST_NSIDE),
        "background": config.statistic.background,
    }
    for pair in served_pairs(config, store):
        inputs = (*signal_inputs(pair), ProductKey("background_pdf"), *window_inputs(config, pair))
        parameters = settings | {"window": window_parameter(config, pair)}
        yield recipe_of(make, STAGE.product(**pair_keys(pair)), parameters, inputs)


def make(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Say which source tells what: expected events, share of the slope, information shared with each source."""
    patterns = source_patterns(
        signal_of(inputs, parameters),
        binned_background(inputs["background_pdf"]),
        parameters["nside"],
        parameters["background"],
        window_in(inputs, parameters),
    )
    return source_information_table(patterns, parameters["background"])


STAGE = Stage(
    name="source_information",
    title="information by source",
    sentence="Say which galaxy tells what of a pair: expected events, share of the slope, information that two share.",
    keys=PAIR_KEYS,
    columns=(
        "source",
        "n_s_per_sigma_v",
        "slope_share",
        "information_per_sigma_v_squared",
        "information_other_background_per_sigma_v_squared",
        "background",
        "process",
    ),
    needs=("acceptance", "background_pdf", "energy_range"),
    recipes=recipes,
)
