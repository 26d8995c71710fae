"""Stage `sources`: the dwarf galaxies that are searched, brightest first."""

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa

from core.configuration.config import Config
from core.configuration.inputs import SourceSettings
from core.dark_matter.sources import aperture_warnings, catalogue_path, read_catalogue, select_sources
from core.products.recipe import AnnotatedTable, Recipe
from core.products.store import ProductStore
from core.stages.given_files import file_digest
from core.stages.inputs import Inputs
from core.stages.stage import Parameters, Stage, recipe_of


def recipes(config: Config, _: ProductStore) -> Iterable[Recipe]:
    """Yield the one recipe: the catalogue's content and what selects from it."""
    path = catalogue_path(config.sources)
    selection = config.sources.model_dump(mode="json", exclude={"catalogue", "j_uncertainty"})
    is_embedded = config.sources.catalogue == "embedded"
    parameters = {
        "selection": selection,
        "process": config.process,
        "embedded": is_embedded,
        "catalogue_digest": file_digest(path),
    }
    hints = {} if is_embedded else {"catalogue": str(path)}
    yield recipe_of(make, STAGE.product(), parameters, hints=hints)


def make(_: Inputs, parameters: Parameters) -> pa.Table | AnnotatedTable:
    """Select the galaxies from the catalogue, with warnings where their apertures differ."""
    settings = SourceSettings(catalogue=parameters.get("catalogue", "embedded"), **parameters["selection"])
    selected = select_sources(read_catalogue(Path(catalogue_path(settings))), settings, parameters["process"])
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
