"""Stage `observed_likelihood`: the likelihood of the observed sky that others can use; made by the unblinding alone.

It holds the sky's events in merged cells, which tell nothing of where on the sky they came from.
"""

from collections.abc import Iterable

from core.configuration.config import Config
from core.pdfs.background import binned_background
from core.pdfs.likelihood_cells import stacked_cells
from core.pdfs.observed_sky import sky_of_table
from core.products.recipe import AnnotatedTable, ProductKey, Recipe
from core.products.store import ProductStore
from core.stages.certificate import is_one_likelihood
from core.stages.inputs import Inputs
from core.stages.likelihood import LIKELIHOOD_COLUMNS, likelihood_inputs, likelihood_parameters, likelihoods_of
from core.stages.observed_sky import recipes as sky_recipes
from core.stages.one_sky_recipes import sky_inputs, sky_parameters
from core.stages.pairs import pair_keys, served_pairs
from core.stages.stage import PAIR_KEYS, Parameters, Stage, recipe_of
from core.stages.statistics.joint import sky_model
from core.stages.statistics.one_sky import observed_counts


def recipes(config: Config, store: ProductStore) -> Iterable[Recipe]:
    """Yield a recipe for each served pair, where there is a sky to observe."""
    if not list(sky_recipes(config, store)):
        return
    for pair in served_pairs(config, store):
        keys = pair_keys(pair) | {"seed": config.seed}
        named = (*likelihood_inputs(config, pair), *sky_inputs(config, pair))
        inputs = {str(item): item for item in (*named, ProductKey("observed_sky", {"seed": config.seed}))}
        parameters = {**sky_parameters(config, pair), **likelihood_parameters(config, pair)}
        yield recipe_of(make, STAGE.product(**keys), parameters, tuple(inputs.values()))


def make(inputs: Inputs, parameters: Parameters) -> AnnotatedTable:
    """Hand on the likelihoods of the observed sky."""
    model = sky_model(inputs, parameters, parameters["channel"], parameters["mass"])
    stacked = stacked_cells(inputs["ratio_cells"], observed_counts(inputs, model))
    sky = sky_of_table(inputs["observed_sky"], binned_background(inputs["background_pdf"]).reco_energy_edges)
    return likelihoods_of(inputs, parameters, stacked, inputs["observed_sky"]["sky"][0].as_py(), sky)


STAGE = Stage(
    name="observed_likelihood",
    title="observed likelihood",
    sentence="Hand on the likelihood of the observed sky, stacked and by galaxy; made by the unblinding alone.",
    keys=(*PAIR_KEYS, "seed"),
    columns=LIKELIHOOD_COLUMNS,
    needs=("observed_sky", "ratio_cells", "energy_range", "background_pdf", "acceptance"),
    recipes=recipes,
    applies=is_one_likelihood,
    command="unblind",
)
