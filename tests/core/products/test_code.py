"""The code of a product: what its maker reaches, by definition, through whatever passes a name on."""

import pytest

from core.errors import ProductError
from core.products import code
from core.products.code import code_name, digest_of_code, numerical_libraries, reached_definitions
from core.signal.flux import flux_per_strength


def test_a_function_goes_by_its_module_and_name() -> None:
    assert code_name(flux_per_strength) == "core.signal.flux:flux_per_strength"


def test_a_maker_reaches_what_it_uses_and_no_more() -> None:
    reached = reached_definitions("core.stages.spectra:make")
    assert ("core.spectra.table", "SpectrumTable") in reached
    assert ("core.spectra.shipped", "shipped_table") in reached
    modules = {module for module, _ in reached}
    # Readers of other tables, the glossary's words, the recipes and the configuration change no number of it.
    assert not modules & {"core.spectra.pppc", "core.spectra.cosmixs", "core.glossary", "core.configuration.config"}
    assert ("core.stages.spectra", "recipes") not in reached


def test_what_a_package_passes_on_leads_to_where_it_is_defined() -> None:
    assert list(code._resolved("core.spectra", "spectra_from_table")) == [("core.spectra", "spectra_from_table")]
    found = set(code._used_by("core.spectra", "spectra_from_table"))
    assert found == {("core.spectra.annihilation", "spectra_from_table")}


def test_a_whole_module_is_all_that_it_defines() -> None:
    assert ("core.units", "DEGREE") in reached_definitions("core.units")
    assert digest_of_code("core.units") != digest_of_code("core.errors")


def test_libraries_are_those_that_compute() -> None:
    assert numerical_libraries("core.stages.statistics.joint:make_trials") == {"numba", "numpy", "scipy"}
    assert numerical_libraries("core.errors") == set()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("core.once_there", "core has no module core.once_there"),
        ("core.once_there:make", "core has no module core.once_there"),
        ("core.units:make", "core.units has no function make"),
        ("os:system", "core has no module os"),
    ],
)
def test_code_that_is_not_there_is_named(name: str, said: str) -> None:
    with pytest.raises(ProductError, match=said):
        digest_of_code(name)
