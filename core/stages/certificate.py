"""Stage `certificate`: how often each kind of limit covers, in pseudo-skies of known cross sections."""

from collections.abc import Iterable

import pyarrow as pa

from core.configuration.config import Config
from core.inference.certificate import OVER_SENSITIVITY, CertifiedPair, certificate_rows, certificate_table
from core.inference.sensitivity_product import expected_in_cells
from core.inference.upper_limit_product import MARGIN, reaching_trials
from core.pdfs.background import binned_background
from core.products.recipe import ProductKey, Recipe
from core.products.store import ProductStore
from core.stages.inputs import Inputs
from core.stages.observed import trial_inputs
from core.stages.one_sky_recipes import sky_inputs, sky_parameters
from core.stages.pairs import pair_keys, served_pairs
from core.stages.scales import scale_in
from core.stages.stage import PAIR_KEYS, Parameters, Stage, recipe_of
from core.stages.statistics import statistic_of
from core.stages.statistics.joint import sky_model
from core.stages.statistics.one_sky import N_FURTHER_TRIALS, seed_of
from core.stages.trial_recipes import scale_inputs
from core.trials.statistic import TrialStatistic, by_n_injected

COLUMN = "test_statistic_signed"
FARTHEST_FIT = 4.0  # standard deviations of n_s above the truth that a sky's fit may reach


def recipes(config: Config, store: ProductStore) -> Iterable[Recipe]:
    """Yield a recipe for each served pair."""
    for pair in served_pairs(config, store):
        keys = pair_keys(pair) | {"seed": config.seed}
        inputs = (
            ProductKey("background_pdf"),
            ProductKey("sensitivity", keys),
            *sky_inputs(config, pair),
            *scale_inputs(pair),
            *trial_inputs(config, store, keys, pair),
        )
        parameters = {**sky_parameters(config, pair), "n_skies": config.limits.n_certificate_skies}
        parameters["confidence_level"] = config.limits.confidence_levels[0]
        yield recipe_of(make, STAGE.product(**keys), parameters, inputs)


def make(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Draw skies of known cross sections and ask every kind of limit whether it covers."""
    cells = inputs["ratio_cells"]
    sky = sky_model(inputs, parameters, parameters["channel"], parameters["mass"])
    scale = scale_in(inputs, parameters, expected_in_cells(cells))
    edges = binned_background(inputs["background_pdf"]).reco_cos_zenith_edges
    pair = CertifiedPair.of(sky, inputs["signal_pdf"], parameters["background"], edges, scale.n_s_per_strength)
    sensitivity = inputs["sensitivity"]["n_s_sensitivity"][0].as_py()
    spread = cells["n_s_uncertainty"][0].as_py()
    reach = OVER_SENSITIVITY[-1] * sensitivity + (FARTHEST_FIT + MARGIN) * spread
    signal = by_n_injected(inputs["signal_trials"], COLUMN)
    rows = certificate_rows(
        pair,
        TrialStatistic.of_table(inputs["background_trials"], COLUMN),
        reaching_trials(sky.model, signal, COLUMN, spread, reach, N_FURTHER_TRIALS, seed_of(parameters)),
        sensitivity,
        spread,
        parameters["n_skies"],
        seed_of(parameters) % 2**32,
        parameters["confidence_level"],
    )
    return certificate_table(rows, scale.process.strength)


def is_one_likelihood(config: Config) -> bool:
    """Return whether the statistic of an analysis is one likelihood of one sky, which pseudo-skies are fitted with."""
    fits = statistic_of(config).one_sky
    return fits is not None and "ratio_cells" in fits.stages


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
    needs=("sensitivity", "background_trials", "signal_trials"),
    recipes=recipes,
    applies=is_one_likelihood,
    command="certify",
)
