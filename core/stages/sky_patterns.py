"""Stage `sky_patterns`: background and signal of all sources on one sky, by the bins of angle that its parts lie in."""

from collections.abc import Iterable

import pyarrow as pa

from core.configuration.config import Config
from core.pdfs.background import binned_background
from core.pdfs.sky_patterns import sky_patterns
from core.products.recipe import ProductKey, Recipe
from core.products.store import ProductStore
from core.stages.acceptance import signal_of
from core.stages.inputs import Inputs
from core.stages.pairs import of_pair, pair_keys, served_pairs, signal_inputs, window_inputs, window_parameter
from core.stages.stage import PAIR_KEYS, Parameters, Stage, recipe_of
from core.stages.statistics import has_density_stage
from core.stages.windows import window_in


def recipes(config: Config, store: ProductStore) -> Iterable[Recipe]:
    """Yield a recipe for each served pair."""
    for pair in served_pairs(config, store):
        parameters = {"nside": config.statistic.nside, "window": window_parameter(config, pair)}
        by_source = of_pair(pair, "source_background_pdf", "source_signal_pdf")
        inputs = (*signal_inputs(pair), ProductKey("background_pdf"), *by_source, *window_inputs(config, pair))
        yield recipe_of(make, STAGE.product(**pair_keys(pair)), parameters, inputs)


def make(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Put the background and signal of all sources on one sky."""
    return sky_patterns(
        signal_of(inputs, parameters),
        binned_background(inputs["background_pdf"]),
        inputs["source_background_pdf"],
        inputs["source_signal_pdf"],
        parameters["nside"],
        window_in(inputs, parameters),
    )


STAGE = Stage(
    name="sky_patterns",
    title="sky patterns",
    sentence="Put background and signal on one sky for the statistic j_weighted, by the bins of angle of all sources.",
    keys=PAIR_KEYS,
    columns=(
        "pattern",
        "angle_bins",
        "background_probability",
        "signal_probability",
        "nside",
        "n_events",
        "n_s_uncertainty",
    ),
    needs=("source_background_pdf", "source_signal_pdf"),
    recipes=recipes,
    applies=has_density_stage("sky_patterns"),
)
