"""Stage `atmospheric_fit`: the atmospheric model fitted to the measured counts, without dark matter."""

from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from core.configuration.config import Config
from core.events.atmosphere import SHIPPED_FLUX
from core.inference.atmospheric_fit import atmospheric_fit_product
from core.inference.atmospheric_model import public_counts_model
from core.products.recipe import ProductKey, Recipe
from core.products.store import ProductStore
from core.response.folded import SHIPPED_FOLDED_RESPONSE
from core.response.hyperplanes import SHIPPED_HYPERPLANES
from core.response.muons import SHIPPED_MUONS
from core.stages.given_files import file_digest
from core.stages.inputs import Inputs
from core.stages.samples import sample_of
from core.stages.stage import Parameters, Stage, recipe_of

MODEL_FILES = (SHIPPED_FLUX, SHIPPED_FOLDED_RESPONSE, SHIPPED_HYPERPLANES, SHIPPED_MUONS)


def applies(config: Config) -> bool:
    """Return whether the sample has an atmospheric model of its own."""
    return sample_of(config).has_atmospheric_model


def model_parameters() -> dict[str, Any]:
    """Return what of a recipe names the shipped files that the atmospheric model is read from."""
    return {"model_digests": [file_digest(path) for path in MODEL_FILES]}


def recipes(_: Config, __: ProductStore) -> Iterable[Recipe]:
    """Yield the one recipe."""
    yield recipe_of(make, STAGE.product(), model_parameters(), (ProductKey("event_counts"),))


def make(inputs: Inputs, _: Parameters) -> pa.Table:
    """Fit flux, oscillation, muons and detector to the measured counts."""
    counts = inputs["event_counts"]["n_events"].to_numpy().astype(float)
    return atmospheric_fit_product(public_counts_model(), counts)


STAGE = Stage(
    name="atmospheric_fit",
    title="atmospheric fit",
    sentence="Fit flux, oscillation, muons and detector to the measured counts, without dark matter.",
    columns=(
        "parameter",
        "best_fit",
        "uncertainty",
        "prior",
        "prior_uncertainty",
        "pull",
        "reference",
        "goodness_of_fit",
    ),
    needs=("event_counts",),
    recipes=recipes,
    applies=applies,
)
