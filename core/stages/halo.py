"""Stage `halo`: what the Galactic halo does to the search of a pair, for each of its density profiles."""

from collections.abc import Iterable

import pyarrow as pa

from core.configuration.config import Config
from core.dark_matter.halo import PROFILES, halo_profile
from core.inference.halo import halo_product
from core.products.recipe import ProductKey, Recipe
from core.products.store import ProductStore
from core.stages.inputs import Inputs
from core.stages.pairs import of_pair, pair_keys, served_pairs, signal_inputs
from core.stages.stage import PAIR_KEYS, Parameters, Stage, recipe_of
from core.stages.statistics import has_density_stage


def recipes(config: Config, store: ProductStore) -> Iterable[Recipe]:
    """Yield a recipe for each served pair, of a statistic that sees the whole sky at once."""
    parameters = {"background": config.statistic.background, "profiles": list(PROFILES)}
    for pair in served_pairs(config, store):
        inputs = (*signal_inputs(pair), *of_pair(pair, "signal_pdf"), ProductKey("background_pdf"))
        yield recipe_of(make, STAGE.product(**pair_keys(pair)), parameters, inputs)


def make(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Hold the halo of each profile against the sources: brightness, events, information, sensitivities, pull."""
    return halo_product(
        inputs["response"],
        inputs["spectra"],
        inputs["sources"],
        inputs["signal_pdf"],
        inputs["background_pdf"],
        parameters["mass"],
        [halo_profile(name) for name in parameters["profiles"]],
        parameters["background"],
    )


STAGE = Stage(
    name="halo",
    title="Galactic halo",
    sentence="Hold the Galactic halo of each profile against the sources: events, information, expected sensitivities.",
    keys=PAIR_KEYS,
    columns=(
        "profile",
        "j_all_sky",
        "d_all_sky",
        "halo_over_sources",
        "n_events_per_sigma_v",
        "information_share",
        "halo_correlation",
        "sigma_v_sensitivity_asimov",
        "sigma_v_sensitivity_asimov_same_cross_section",
        "sigma_v_sensitivity_asimov_free",
        "sigma_v_sensitivity_asimov_halo",
        "n_s_pull_per_sigma_v",
    ),
    needs=("acceptance", "background_pdf", "signal_pdf"),
    recipes=recipes,
    applies=has_density_stage("signal_pdf"),
)
