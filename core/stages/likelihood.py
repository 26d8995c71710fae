"""Stage `likelihood`: the likelihood over right ascension for others to use, of events expected without signal."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.configuration.config import Config
from core.dark_matter.processes import process_of
from core.errors import PhysicsError
from core.pdfs.background import binned_background
from core.pdfs.likelihood_cells import EXPECTED, LikelihoodCells, likelihood_table, source_likelihoods, stacked_cells
from core.products.recipe import AnnotatedTable, ProductKey, Recipe
from core.products.store import ProductStore
from core.stages.acceptance import signal_of
from core.stages.inputs import Inputs
from core.stages.pairs import Pair, of_pair, pair_keys, served_pairs, signal_inputs, window_inputs, window_parameter
from core.stages.stage import PAIR_KEYS, Parameters, Stage, recipe_of
from core.stages.statistics import hypothesis_of, statistic_of
from core.stages.windows import window_in

LIKELIHOOD_COLUMNS = (
    "source",
    "cell",
    "background_events",
    "excess_per_sigma_v",
    "events",
    "n_s_per_sigma_v",
    "fisher_information_loss",
    "sky",
    "background",
    "sample",
    "hypothesis",
    "process",
)


def recipes(config: Config, store: ProductStore) -> Iterable[Recipe]:
    """Yield a recipe for each served pair."""
    for pair in served_pairs(config, store):
        product = STAGE.product(**pair_keys(pair))
        yield recipe_of(make, product, likelihood_parameters(config, pair), likelihood_inputs(config, pair))


def has_one_template(config: Config) -> bool:
    """Return whether the statistic of an analysis is one likelihood of one strength, in ratio cells."""
    return statistic_of(config).has_one_template


def likelihood_inputs(config: Config, pair: Pair) -> tuple[ProductKey, ...]:
    """Return the products that the likelihoods of a pair, stacked and by source, follow from."""
    background = ProductKey("background_pdf")
    return (*signal_inputs(pair), background, *of_pair(pair, "ratio_cells"), *window_inputs(config, pair))


def likelihood_parameters(config: Config, pair: Pair) -> dict[str, Any]:
    """Return what the likelihoods of a pair are made with, beside their inputs."""
    settings = config.statistic
    return {
        "nside": settings.nside,
        "background": settings.background,
        "sample": config.sample,
        "hypothesis": hypothesis_of(config),
        "window": window_parameter(config, pair),
    }


def make(inputs: Inputs, parameters: Parameters) -> AnnotatedTable:
    """Hand on the likelihoods of what is expected without signal."""
    return likelihoods_of(inputs, parameters, stacked_cells(inputs["ratio_cells"]), EXPECTED)


def likelihoods_of(
    inputs: Inputs,
    parameters: Parameters,
    stacked: LikelihoodCells,
    kind: str,
    sky: NDArray[np.integer] | None = None,
) -> AnnotatedTable:
    """Return the stacked likelihood and that of each source, of a sky (n_classes, n_energies, n_pixels) of a kind.

    The remark `left_out` names the sources that have none, and why. PhysicsError if all are.
    """
    expected = signal_of(inputs, parameters)
    found: list[LikelihoodCells] = []
    left_out: list[str] = []
    for own in source_likelihoods(
        expected,
        binned_background(inputs["background_pdf"]),
        parameters["nside"],
        parameters["background"],
        window_in(inputs, parameters),
        sky,
    ):
        (left_out if isinstance(own, str) else found).append(own)  # type: ignore[arg-type]
    if not found:
        raise PhysicsError(f"no source has a likelihood to hand on: {'; '.join(left_out)}")
    described = {name: parameters[name] for name in ("background", "sample", "hypothesis")}
    table: pa.Table = likelihood_table([stacked, *found], process_of(inputs["sources"]), {"sky": kind, **described})
    return AnnotatedTable(table, {"left_out": left_out})


STAGE = Stage(
    name="likelihood",
    title="likelihood",
    sentence="Hand on the likelihood over right ascension, stacked and by galaxy, of what is expected without signal.",
    keys=PAIR_KEYS,
    columns=LIKELIHOOD_COLUMNS,
    needs=("ratio_cells", "energy_range", "background_pdf", "acceptance"),
    recipes=recipes,
    applies=has_one_template,
    command="export",
)
