"""Stage `sources`: the dwarf galaxies that are searched, brightest first."""

from collections.abc import Iterable

import pyarrow as pa

from core.configuration.config import Config
from core.configuration.inputs import SourceSettings
from core.dark_matter.sources import aperture_warnings, select_sources
from core.products.recipe import AnnotatedTable, Recipe
from core.products.store import ProductStore
from core.stages.catalogue import catalogue_in, catalogue_parameters
from core.stages.inputs import Inputs
from core.stages.stage import Parameters, Stage, recipe_of


def recipes(config: Config, _: ProductStore) -> Iterable[Recipe]:
    """Yield the one recipe: the catalogue's content and what selects from it."""
    catalogue, hints = catalogue_parameters(config)
    selection = config.sources.model_dump(mode="json", exclude={"catalogue", "j_uncertainty"})
    parameters = {"selection": selection, "process": config.process, **catalogue}
    yield recipe_of(make, STAGE.product(), parameters, hints=hints)


def make(_: Inputs, parameters: Parameters) -> pa.Table | AnnotatedTable:
    """Select the galaxies from the catalogue, with warnings where their apertures differ."""
    settings = SourceSettings(catalogue=parameters.get("catalogue", "embedded"), **parameters["selection"])
    selected = select_sources(catalogue_in(parameters), settings, parameters["process"])
    warnings = aperture_warnings(selected)
    return AnnotatedTable(selected, {"warnings": warnings}) if warnings else selected


STAGE = Stage(
    name="sources",
    title="sources",
    sentence="Select the dwarf galaxies that are searched.",
    columns=(
        "source",
        "ra",
        "dec",
        "distance_kpc",
        "half_light_radius",
        "log10_j_factor",
        "log10_j_factor_error_low",
        "log10_j_factor_error_high",
        "j_factor",
        "log10_d_factor",
        "log10_d_factor_error_low",
        "log10_d_factor_error_high",
        "d_factor",
        "j_aperture",
        "reference",
        "contested_by",
        "process",
    ),
    recipes=recipes,
)
