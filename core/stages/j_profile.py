"""Stage `j_profile`: the limit that is expected with J factors profiled, beside that with J factors as they are.

Of every analysis by Gaussian skies; with `sources.j_uncertainty = "profiled"` by skies of counts, each with the
background that its own events give.
"""

from collections.abc import Iterable

import pyarrow as pa

from core.configuration.config import Config
from core.dark_matter.processes import process_of
from core.inference.j_limits import (
    N_GAUSSIAN_SKIES,
    falls_of_table,
    j_profile_table,
    limits_of_count_skies,
    limits_of_gaussian_skies,
)
from core.likelihood.j_profile import FactorErrors
from core.pdfs.background import binned_background
from core.pdfs.source_information import information_of_table, source_cells, source_patterns
from core.products.recipe import ProductKey, Recipe, path_text
from core.products.store import ProductStore
from core.stages.acceptance import signal_of
from core.stages.inputs import Inputs
from core.stages.j_calibration import calibrated_pair, is_profiled, profiled_pairs
from core.stages.pairs import of_pair, pair_keys, signal_inputs, window_inputs, window_parameter
from core.stages.stage import PAIR_KEYS, Parameters, Stage, recipe_of
from core.stages.windows import window_in

N_COUNT_SKIES = 400


def recipes(config: Config, store: ProductStore) -> Iterable[Recipe]:
    """Yield a recipe for each served pair; none where an error of a J factor is not known."""
    pairs = profiled_pairs(config, store)
    for pair in pairs:
        reference = calibrated_pair(config, pair, pairs)
        shared = {"seed": config.seed, "calibrated_on": f"{reference[0]}/{path_text(reference[1])}"}
        calibration, product = of_pair(reference, "j_calibration"), STAGE.product(**pair_keys(pair))
        if not is_profiled(config):
            inputs = (ProductKey("sources"), *of_pair(pair, "source_information"), *calibration)
            yield recipe_of(make, product, shared | {"n_skies": N_GAUSSIAN_SKIES}, inputs)
            continue
        settings = config.statistic
        parameters = shared | {
            "n_skies": N_COUNT_SKIES,
            "nside": settings.nside,
            "n_cells": settings.n_cells,
            "background": settings.background,
            "window": window_parameter(config, pair),
        }
        inputs = (*signal_inputs(pair), ProductKey("background_pdf"), *calibration, *window_inputs(config, pair))
        yield recipe_of(make_from_counts, product, parameters, inputs)


def make(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Take the medians of limits over Gaussian skies without signal."""
    sources, falls = inputs["sources"], falls_of_table(inputs["j_calibration"], parameters["calibrated_on"])
    information = information_of_table(inputs["source_information"])
    errors = FactorErrors.of_sources(sources)
    limits = limits_of_gaussian_skies(information, errors, falls, parameters["seed"], parameters["n_skies"])
    return j_profile_table(limits, falls, process_of(sources))


def make_from_counts(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Take the medians of limits over skies of counts without signal, the background anew from each."""
    expected, background = signal_of(inputs, parameters), binned_background(inputs["background_pdf"])
    falls = falls_of_table(inputs["j_calibration"], parameters["calibrated_on"])
    window = window_in(inputs, parameters)
    patterns = source_patterns(expected, background, parameters["nside"], parameters["background"], window)
    cells = source_cells(patterns, parameters["n_cells"])
    errors = FactorErrors.of_sources(expected.sources)
    edges, seed = background.reco_cos_zenith_edges, parameters["seed"]
    limits = limits_of_count_skies(patterns, cells, edges, errors, falls, seed, parameters["n_skies"])
    return j_profile_table(limits, falls, patterns.process)


STAGE = Stage(
    name="j_profile",
    title="limits with J profiled",
    sentence="Expect the limit with J factors profiled within their errors, beside that with J factors as they are.",
    keys=PAIR_KEYS,
    columns=(
        "sigma_v_sensitivity_fixed_j",
        "sigma_v_sensitivity_profiled_j",
        "sigma_v_sensitivity_profiled_j_error",
        "sigma_v_sensitivity_profiled_j_gaussian_fall",
        "sigma_v_profiled_j_band_lo68",
        "sigma_v_profiled_j_band_hi68",
        "likelihood_fall",
        "likelihood_fall_error",
        "calibrated_on",
        "skies",
        "n_skies",
        "process",
    ),
    needs=("source_information", "j_calibration"),
    recipes=recipes,
)
