"""Stage `ratio_cell_sources`: the expected signal of each source in the ratio cells, for trials that draw J factors."""

from collections.abc import Iterable

import pyarrow as pa

from core.configuration.config import Config
from core.errors import ProductError
from core.pdfs.background import binned_background
from core.pdfs.source_information import source_patterns
from core.products.recipe import ProductKey, Recipe
from core.products.store import ProductStore
from core.stages.acceptance import signal_of
from core.stages.inputs import Inputs
from core.stages.pairs import of_pair, pair_keys, served_pairs, signal_inputs, window_inputs, window_parameter
from core.stages.stage import PAIR_KEYS, Parameters, Stage, recipe_of
from core.stages.statistics import has_density_stage
from core.stages.windows import window_in
from core.trials.j_trials import signal_in_ratio_cells


def recipes(config: Config, store: ProductStore) -> Iterable[Recipe]:
    """Yield a recipe for each served pair."""
    settings = config.statistic
    shared = {"nside": settings.nside, "n_cells": settings.n_cells, "background": settings.background}
    for pair in served_pairs(config, store):
        inputs = (*signal_inputs(pair), ProductKey("background_pdf"), *of_pair(pair, "ratio_cells"))
        parameters = shared | {"window": window_parameter(config, pair)}
        product = STAGE.product(**pair_keys(pair))
        yield recipe_of(make, product, parameters, (*inputs, *window_inputs(config, pair)))


def make(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Share the signal of every ratio cell among the sources; ProductError if the cells are others."""
    patterns = source_patterns(
        signal_of(inputs, parameters),
        binned_background(inputs["background_pdf"]),
        parameters["nside"],
        parameters["background"],
        window_in(inputs, parameters),
    )
    found, cells = signal_in_ratio_cells(patterns, parameters["n_cells"]), inputs["ratio_cells"]
    if found.shape[1] != cells.num_rows:
        raise ProductError(f"{found.shape[1]} cells of the sources, {cells.num_rows} ratio cells: make these again")
    reals = pa.list_(pa.float64())
    return pa.table({"cell": cells["cell"], "source_signal": pa.array(found.T.tolist(), reals)})


STAGE = Stage(
    name="ratio_cell_sources",
    title="sources in ratio cells",
    sentence="Share the signal of every ratio cell among the galaxies, for trials that draw their J factors.",
    keys=PAIR_KEYS,
    columns=("cell", "source_signal"),
    needs=("ratio_cells", "signal_pdf"),
    recipes=recipes,
    applies=has_density_stage("ratio_cell_sources"),
)
