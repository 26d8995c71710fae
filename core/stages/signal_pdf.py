"""Stage `signal_pdf`: where the signal of all sources lies on the sky, in reconstructed energy and class."""

from collections.abc import Iterable

import pyarrow as pa

from core.configuration.config import Config
from core.pdfs.background import binned_background
from core.pdfs.one_sky import signal_pdf
from core.products.recipe import ProductKey, Recipe
from core.products.store import ProductStore
from core.stages.acceptance import signal_of
from core.stages.inputs import Inputs
from core.stages.pairs import pair_keys, served_pairs, signal_inputs, window_inputs, window_parameter
from core.stages.stage import PAIR_KEYS, Parameters, Stage, recipe_of
from core.stages.statistics import has_density_stage
from core.stages.windows import window_in


def recipes(config: Config, store: ProductStore) -> Iterable[Recipe]:
    """Yield a recipe for each served pair."""
    for pair in served_pairs(config, store):
        parameters = {"nside": config.statistic.nside, "window": window_parameter(config, pair)}
        inputs = (*signal_inputs(pair), ProductKey("background_pdf"), *window_inputs(config, pair))
        yield recipe_of(make, STAGE.product(**pair_keys(pair)), parameters, inputs)


def make(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Spread the signal of all sources over the sky, reconstructed energy and class."""
    background = binned_background(inputs["background_pdf"])
    return signal_pdf(signal_of(inputs, parameters), background, parameters["nside"], window_in(inputs, parameters))


STAGE = Stage(
    name="signal_pdf",
    title="signal PDF",
    sentence="Spread the signal of all sources over the sky, reconstructed energy and class.",
    keys=PAIR_KEYS,
    columns=(
        "event_class",
        "reco_energy_low",
        "reco_energy_high",
        "nside",
        "pixel",
        "signal_probability",
        "signal_average_probability",
        "background_probability",
        "n_s_per_sigma_v",
    ),
    needs=("acceptance", "background_pdf", "energy_range"),
    recipes=recipes,
    applies=has_density_stage("signal_pdf"),
)
