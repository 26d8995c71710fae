"""Stage `ratio_cells`: the sky merged into cells of nearly equal ratio of signal to background."""

from collections.abc import Iterable

import pyarrow as pa

from core.configuration.config import Config
from core.pdfs.one_sky import ratio_cells
from core.products.recipe import ProductKey, Recipe
from core.products.store import ProductStore
from core.stages.inputs import Inputs
from core.stages.pairs import of_pair, pair_keys, served_pairs
from core.stages.stage import PAIR_KEYS, Parameters, Stage, recipe_of
from core.stages.statistics import has_density_stage


def recipes(config: Config, store: ProductStore) -> Iterable[Recipe]:
    """Yield a recipe for each served pair."""
    parameters = {"background": config.statistic.background, "n_cells": config.statistic.n_cells}
    for pair in served_pairs(config, store):
        inputs = (*of_pair(pair, "signal_pdf"), ProductKey("background_pdf"))
        yield recipe_of(make, STAGE.product(**pair_keys(pair)), parameters, inputs)


def make(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Merge the sky into cells of nearly equal ratio of signal to background."""
    treatment, n_cells = parameters["background"], parameters["n_cells"]
    return ratio_cells(inputs["signal_pdf"], inputs["background_pdf"], treatment, n_cells)


STAGE = Stage(
    name="ratio_cells",
    title="ratio cells",
    sentence="Merge the sky into cells of nearly equal ratio of signal to background.",
    keys=PAIR_KEYS,
    columns=(
        "cell",
        "ratio",
        "background_probability",
        "signal_probability",
        "n_sky_cells",
        "n_events",
        "n_s_per_sigma_v",
        "fisher_information",
        "fisher_information_loss",
        "n_s_uncertainty",
    ),
    needs=("signal_pdf", "background_pdf"),
    recipes=recipes,
    applies=has_density_stage("ratio_cells"),
)
