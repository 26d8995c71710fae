"""The stage `dwarf_profiles`: more J in a wider cone, as published within those apertures that are, none of decay."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from core.configuration.config import Config
from core.products.recipe import AnnotatedTable
from core.stages.catalogue import catalogue_in, catalogue_parameters
from core.stages.dwarf_profiles import STAGE, has_j_factors, make
from tests.core.stages.analyses import Analysis


def made(names: list[str], **sources: Any) -> pa.Table | AnnotatedTable:
    parameters, hints = catalogue_parameters(Config.model_validate({"sources": sources}))
    return make({"sources": pa.table({"source": names})}, {**parameters, **hints})  # type: ignore[arg-type]


def test_every_galaxy_that_is_searched_has_one(joint: Analysis) -> None:
    profiles, sources = joint.table("dwarf_profiles"), joint.table("sources")
    assert set(profiles["source"].to_pylist()) == set(sources["source"].to_pylist())
    (recipe,) = joint.recipes("dwarf_profiles")
    assert joint.inputs("dwarf_profiles") == {"sources"}
    assert recipe.parameters["embedded"] is True


def test_a_whole_galaxy_is_brighter_than_half_a_degree_of_it(joint: Analysis) -> None:
    frame = joint.table("dwarf_profiles").to_pandas()
    assert np.all(frame["log10_j_total_over_half_degree"] >= 0.0)
    for side in ("low", "high"):
        assert np.all(frame[f"log10_j_total_over_half_degree_error_{side}"] >= 0.0)
    assert np.all(frame["tidal_radius_kpc"] > 0.0)
    assert np.all(frame["scale_radius_kpc"] > 0.0)


def test_the_total_over_half_a_degree_is_of_the_catalogue_s_value_to_its_error(joint: Analysis) -> None:
    """The fit is of all apertures, so that its J within half a degree is the published one to within its error."""
    profiles = joint.table("dwarf_profiles").to_pandas().set_index("source")
    parameters, _ = catalogue_parameters(joint.config)
    catalogue = catalogue_in(parameters).set_index("source").loc[profiles.index]
    fitted = profiles["log10_j_factor_total"] - profiles["log10_j_total_over_half_degree"]
    published = catalogue["log10_j_factor_0.5deg"]
    error = catalogue[["log10_j_factor_0.5deg_error_low", "log10_j_factor_0.5deg_error_high"]].max(axis=1)
    assert np.all(np.abs(fitted - published) < error)


def test_a_galaxy_is_fitted_alone_as_among_others() -> None:
    alone, together = made(["Draco"]), made(["Draco", "Willman 1"])
    assert isinstance(alone, pa.Table)
    assert isinstance(together, pa.Table)
    of_draco = together.filter(pa.compute.equal(together["source"], "Draco"))
    assert of_draco.equals(alone)
    assert together.num_rows == 2


def test_a_name_that_the_catalogue_lacks_is_told_in_a_warning() -> None:
    found = made(["Draco", "Nowhere"])
    assert isinstance(found, AnnotatedTable)
    assert found.table.num_rows == 1
    (warning,) = found.remarks["warnings"]
    assert warning.startswith("no profile, for want of J factors")
    assert warning.endswith("Nowhere")


@pytest.mark.parametrize(("process", "has"), [("annihilation", True), ("dirac_annihilation", True), ("decay", False)])
def test_only_annihilation_goes_by_j_factors(process: str, has: bool) -> None:
    sources = {"catalogue": "mine.csv"} if process == "decay" else {}
    config = Config.model_validate({"process": process, "sources": sources})
    assert has_j_factors(config) is has
    assert STAGE.applies(config) is has
