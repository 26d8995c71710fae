"""Stage `atmospheric_expectation`: the counts that the fitted atmospheric model expects, bin by bin."""

from collections.abc import Iterable

import pyarrow as pa

from core.configuration.config import Config
from core.inference.atmospheric_expectation import atmospheric_expectation_product
from core.inference.atmospheric_model import public_counts_model
from core.products.recipe import ProductKey, Recipe
from core.products.store import ProductStore
from core.stages.atmospheric_fit import applies, model_parameters
from core.stages.inputs import Inputs
from core.stages.stage import Parameters, Stage, recipe_of


def recipes(_: Config, __: ProductStore) -> Iterable[Recipe]:
    """Yield the one recipe."""
    inputs = (ProductKey("event_counts"), ProductKey("atmospheric_fit"))
    yield recipe_of(make, STAGE.product(), model_parameters(), inputs)


def make(inputs: Inputs, _: Parameters) -> pa.Table:
    """Expect the counts of each bin from the fitted atmospheric model."""
    return atmospheric_expectation_product(public_counts_model(), inputs["event_counts"], inputs["atmospheric_fit"])


STAGE = Stage(
    name="atmospheric_expectation",
    title="atmospheric expectation",
    sentence="Expect the counts of each bin from the fitted atmospheric model.",
    columns=(
        "event_class",
        "reco_energy_low",
        "reco_energy_high",
        "reco_cos_zenith_low",
        "reco_cos_zenith_high",
        "n_events",
        "n_expected",
        "n_expected_error",
        "n_expected_muons",
        "residual",
    ),
    needs=("event_counts", "atmospheric_fit"),
    recipes=recipes,
    applies=applies,
)
