"""Stage `dwarf_profiles`: a density profile of each galaxy, and its J factor beyond the widest published aperture."""

from collections.abc import Iterable

import pyarrow as pa

from core.configuration.config import Config
from core.dark_matter.dwarf_profiles import dwarf_profiles
from core.dark_matter.processes import PROCESSES
from core.products.recipe import AnnotatedTable, ProductKey, Recipe
from core.products.store import ProductStore
from core.stages.catalogue import catalogue_in, catalogue_parameters
from core.stages.inputs import Inputs
from core.stages.stage import Parameters, Stage, recipe_of


def has_j_factors(config: Config) -> bool:
    """Whether the strength of an analysis goes by J factors: not of decay."""
    return not PROCESSES[config.process].is_decay


def recipes(config: Config, _: ProductStore) -> Iterable[Recipe]:
    """Yield the one recipe: from the catalogue's J factors within several apertures."""
    parameters, hints = catalogue_parameters(config)
    yield recipe_of(make, STAGE.product(), parameters, (ProductKey("sources"),), hints=hints)


def make(inputs: Inputs, parameters: Parameters) -> pa.Table | AnnotatedTable:
    """Fit an NFW profile to the J factors of each galaxy that is searched, with a warning for those without one."""
    catalogue, names = catalogue_in(parameters), inputs["sources"]["source"].to_pylist()
    found = dwarf_profiles(catalogue[catalogue["source"].isin(names)])
    missing = sorted(set(names) - set(found["source"].to_pylist()))
    if not missing:
        return found
    said = f"no profile, for want of J factors with errors within two apertures or of a distance: {', '.join(missing)}"
    return AnnotatedTable(found, {"warnings": [said]})


STAGE = Stage(
    name="dwarf_profiles",
    title="profiles of dwarf galaxies",
    sentence="Fit a density profile to each galaxy's J factors, for J beyond the widest published aperture.",
    columns=(
        "source",
        "scale_density",
        "scale_radius_kpc",
        "tidal_radius_kpc",
        "log10_j_factor_total",
        "log10_j_total_over_half_degree",
        "log10_j_total_over_half_degree_error_low",
        "log10_j_total_over_half_degree_error_high",
        "profile_chi_square",
    ),
    needs=("sources",),
    recipes=recipes,
    applies=has_j_factors,
)
