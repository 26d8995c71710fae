"""Stage `certificate`: how often each kind of limit covers, in pseudo-skies of known cross sections."""

from collections.abc import Iterable

import numpy as np
import pyarrow as pa

from core.configuration.config import Config
from core.errors import InputError
from core.inference.certificate import certificate_rows, certificate_table
from core.inference.certificate_drawn import detector_rows, j_drawn_rows
from core.inference.certified_pair import CertifiedPair, ratio_source_cells
from core.inference.j_calibration import calibrated_drop
from core.inference.profiled_j_limit import CALIBRATION_STRENGTHS, N_CALIBRATION_TRIALS, N_CELLS
from core.likelihood.j_profile import FactorErrors, gaussian_drop
from core.pdfs.background import binned_background
from core.pdfs.source_information import source_cells, source_patterns
from core.products.recipe import ProductKey, Recipe
from core.products.store import ProductStore
from core.stages.acceptance import signal_of
from core.stages.drawn_detector import drawn_factors, hyperplanes_digest, hyperplanes_hints
from core.stages.inputs import Inputs
from core.stages.one_sky_recipes import sky_inputs, sky_parameters
from core.stages.pairs import pair_keys, served_pairs, window_parameter
from core.stages.stage import PAIR_KEYS, Parameters, Stage, recipe_of
from core.stages.statistics import statistic_of
from core.stages.statistics.joint import sky_model
from core.stages.statistics.one_sky import detector_nodes_of, seed_of
from core.stages.trial_recipes import scale_inputs
from core.stages.windows import window_in


def recipes(config: Config, store: ProductStore) -> Iterable[Recipe]:
    """Yield a recipe for each served pair."""
    for pair in served_pairs(config, store):
        keys = pair_keys(pair) | {"seed": config.seed}
        inputs = (
            ProductKey("background_pdf"),
            ProductKey("response"),
            ProductKey("sensitivity", keys),
            *sky_inputs(config, pair),
            *scale_inputs(pair),
        )
        parameters = {
            **sky_parameters(config, pair),
            "n_skies": config.limits.n_certificate_skies,
            "confidence_level": config.limits.confidence_levels[0],
            "window": window_parameter(config, pair),
            "hyperplanes": hyperplanes_digest(config),
        }
        yield recipe_of(make, STAGE.product(**keys), parameters, inputs, hints=hyperplanes_hints(config))


def make(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Draw skies of known cross sections and ask every kind of limit whether it covers."""
    background = binned_background(inputs["background_pdf"])
    expected, treatment = signal_of(inputs, parameters), parameters["background"]
    patterns = source_patterns(expected, background, parameters["nside"], treatment, window_in(inputs, parameters))
    sky = sky_model(inputs, parameters, parameters["channel"], parameters["mass"])
    edges = background.reco_cos_zenith_edges
    pair = CertifiedPair.of(patterns, ratio_source_cells(sky, patterns), treatment, edges)
    limits = inputs["sensitivity"]["n_s_sensitivity"][0].as_py(), inputs["ratio_cells"]["n_s_uncertainty"][0].as_py()
    n_skies, seed, confidence = parameters["n_skies"], seed_of(parameters) % 2**32, parameters["confidence_level"]
    rows = certificate_rows(pair, *limits, n_skies, seed, confidence)
    detectors = np.ones((n_skies, 1))
    nodes = detector_nodes_of(inputs, parameters)
    if nodes is not None:
        detectors, _ = drawn_factors(inputs, parameters, n_skies, np.random.default_rng([seed, 0]))
        rows += detector_rows(pair, *limits, detectors, nodes, seed, confidence)
    try:
        errors = FactorErrors.of_sources(inputs["sources"])
    except InputError:  # one source has none: J factors cannot be drawn, and there is no limit with them profiled
        return certificate_table(rows, patterns.process.strength)
    by_source = CertifiedPair.of(patterns, source_cells(patterns, N_CELLS), treatment, edges)
    calibrated = calibrated_drop(
        patterns.information, errors, seed, N_CALIBRATION_TRIALS, CALIBRATION_STRENGTHS, confidence
    )
    drop = max(float(calibrated.drop.max()), gaussian_drop(confidence))
    rows += j_drawn_rows(pair, by_source, errors, drop, *limits, detectors, seed, confidence)
    return certificate_table(rows, patterns.process.strength)


def is_one_likelihood(config: Config) -> bool:
    """Return whether the statistic of an analysis is one likelihood of one sky, which pseudo-skies are fitted with."""
    fits = statistic_of(config).one_sky
    return fits is not None and fits.has_one_likelihood


STAGE = Stage(
    name="certificate",
    title="certificate",
    sentence="Prove by pseudo-skies of known cross sections that limits cover; each sky gives its own background.",
    keys=(*PAIR_KEYS, "seed"),
    columns=(
        "sigma_v_true",
        "limit",
        "coverage",
        "coverage_error",
        "n_skies",
        "bias",
        "bias_error",
        "pull",
        "pull_width",
        "p_value_flatness",
        "passed",
        "reason",
    ),
    needs=("sensitivity", "response", "energy_range"),
    recipes=recipes,
    applies=is_one_likelihood,
    command="certify",
)
