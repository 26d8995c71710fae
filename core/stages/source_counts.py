"""Stage `source_counts`: expected signal and background about each source."""

from collections.abc import Iterable

import pyarrow as pa

from core.configuration.config import Config
from core.pdfs.source_counts import source_counts
from core.products.recipe import ProductKey, Recipe
from core.products.store import ProductStore
from core.stages.acceptance import signal_of
from core.stages.inputs import Inputs
from core.stages.pairs import pair_keys, served_pairs, signal_inputs, window_inputs, window_parameter
from core.stages.stage import PAIR_KEYS, Parameters, Stage, recipe_of
from core.stages.windows import window_in


def recipes(config: Config, store: ProductStore) -> Iterable[Recipe]:
    """Yield a recipe for each served pair."""
    for pair in served_pairs(config, store):
        inputs = (*signal_inputs(pair), ProductKey("background_pdf"), *window_inputs(config, pair))
        parameters = {"window": window_parameter(config, pair)}
        yield recipe_of(make, STAGE.product(**pair_keys(pair)), parameters, inputs)


def make(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Count expected signal and background within the angle that holds 68 % of each source's signal."""
    return source_counts(signal_of(inputs, parameters), inputs["background_pdf"], window_in(inputs, parameters))


STAGE = Stage(
    name="source_counts",
    title="counts by source",
    sentence="Count expected signal and background about each source.",
    keys=PAIR_KEYS,
    columns=(
        "source",
        "opening_angle",
        "n_signal_in_angle_per_sigma_v",
        "n_background_in_angle",
        "window_low",
        "window_high",
    ),
    needs=("acceptance", "background_pdf", "energy_range"),
    recipes=recipes,
)
