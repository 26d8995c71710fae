"""Stage `background_pdf`: the density of the background, from the data, even in right ascension."""

from collections.abc import Iterable

import pyarrow as pa

from core.configuration.config import Config
from core.pdfs.background import background_pdf
from core.products.recipe import ProductKey, Recipe
from core.products.store import ProductStore
from core.stages.inputs import Inputs
from core.stages.stage import Parameters, Stage, recipe_of


def recipes(_: Config, __: ProductStore) -> Iterable[Recipe]:
    """Yield the one recipe: from the measured counts."""
    yield recipe_of(make, STAGE.product(), inputs=(ProductKey("event_counts"),))


def make(inputs: Inputs, _: Parameters) -> pa.Table:
    """Estimate the background density from the data."""
    return background_pdf(inputs["event_counts"])


STAGE = Stage(
    name="background_pdf",
    title="background PDF",
    sentence="Estimate the background density from the data, spread evenly over right ascension.",
    columns=(
        "event_class",
        "reco_energy_low",
        "reco_energy_high",
        "reco_cos_zenith_low",
        "reco_cos_zenith_high",
        "n_events",
        "background_probability",
        "background_density",
    ),
    needs=("event_counts",),
    recipes=recipes,
)
