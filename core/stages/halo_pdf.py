"""Stage `halo_pdf`: where the signal of the Galactic halo lies on the sky, on the cells of the sources' signal."""

from collections.abc import Iterable

import pyarrow as pa

from core.configuration.config import Config
from core.dark_matter.halo import halo_profile
from core.dark_matter.processes import process_of
from core.pdfs.halo import matching_halo_pdf, sky_acceptance
from core.products.recipe import Recipe
from core.products.store import ProductStore
from core.stages.inputs import Inputs
from core.stages.pairs import of_pair, pair_keys, served_pairs, signal_inputs
from core.stages.stage import PAIR_KEYS, Parameters, Stage, recipe_of
from core.stages.statistics import has_density_stage


def recipes(config: Config, store: ProductStore) -> Iterable[Recipe]:
    """Yield a recipe for each served pair."""
    for pair in served_pairs(config, store):
        inputs = (*signal_inputs(pair), *of_pair(pair, "signal_pdf"))
        yield recipe_of(make, STAGE.product(**pair_keys(pair)), {"profile": config.halo.profile}, inputs)


def make(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Spread the signal of the halo over the cells of the sources' signal."""
    process = process_of(inputs["sources"])
    acceptance = sky_acceptance(inputs["response"], inputs["spectra"], parameters["mass"], process)
    return matching_halo_pdf(acceptance, halo_profile(parameters["profile"]), inputs["signal_pdf"])


STAGE = Stage(
    name="halo_pdf",
    title="halo PDF",
    sentence="Spread the signal of the Galactic halo over the sky, reconstructed energy and class.",
    keys=PAIR_KEYS,
    columns=(
        "profile",
        "event_class",
        "reco_energy_low",
        "reco_energy_high",
        "nside",
        "pixel",
        "signal_probability",
        "signal_average_probability",
        "n_s_per_sigma_v",
    ),
    needs=("acceptance", "signal_pdf"),
    recipes=recipes,
    applies=has_density_stage("halo_pdf"),
)
