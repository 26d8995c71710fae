"""The code of a product: what its maker reaches, by definition, through whatever passes a name on."""

import ast

import pytest

from core.errors import ProductError
from core.products import code
from core.products.code import (
    CARRIERS,
    DESCRIPTIONS_ONLY,
    NUMERICAL,
    code_name,
    digest_of_code,
    numerical_libraries,
    reached_definitions,
)
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


MAKERS = ("core.stages.spectra:make", "core.stages.statistics.joint:make_trials")


def test_what_is_reached_reaches_no_more() -> None:
    """Each definition's own reach lies within; a whole module reaches at least what a function of it does."""
    maker = "core.stages.spectra:make"
    reached = reached_definitions(maker)
    for module, name in sorted(reached):
        assert {used for used in code._used_by(module, name) if used[1] in code._module(used[0]).named} <= reached
    assert reached_definitions("core.signal.flux:flux_per_strength") <= reached_definitions("core.signal.flux")


@pytest.mark.parametrize("maker", MAKERS)
def test_words_are_never_reached(maker: str) -> None:
    assert not any(module.startswith(DESCRIPTIONS_ONLY) for module, _ in reached_definitions(maker))


def test_a_name_of_another_module_leads_there_however_it_is_imported() -> None:
    """`import core.units as units`, `from core import units` and `from core.units import DEGREE` are one."""
    (plain,) = code._imported(statement("import core.units as units")).items()
    (member,) = code._imported(statement("from core import units")).items()
    assert plain == ("units", ("core.units", ""))
    assert member == ("units", ("core", "units"))
    assert list(code._resolved(*plain[1])) == list(code._resolved(*member[1]))
    assert ("core.units", "DEGREE") in code._resolved(*plain[1])
    assert list(code._resolved("core.units", "DEGREE")) == [("core.units", "DEGREE")]
    assert code._imported(statement("from numpy import pi")) == {}
    assert list(code._resolved("core.glossary", "GLOSSARY")) == []


@pytest.mark.parametrize("carrier", CARRIERS)
def test_what_carries_every_table_is_there(carrier: str) -> None:
    """Else a renamed method would no longer count for any product."""
    module, _, name = carrier.partition(":")
    assert name in code._module(module).named
    assert reached_definitions(carrier)


def statement(text: str) -> ast.stmt:
    (only,) = ast.parse(text).body
    return only


def bare(text: str) -> str:
    return ast.dump(code._bare(ast.parse(text)))


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("def f(a: int, /, b: int, *, c: int) -> int:\n  return a", "def f(a, /, b, *, c):\n  return a", True),
        ("def f(*rest: int, **more: str):\n  return rest", "def f(*rest, **more):\n  return rest", True),
        ("def f():\n  'words'\n  return 1  # why", "def f():\n  return 1", True),
        ("class A:\n  'words'\n  def f(self) -> int:\n    'words'", "class A:\n  def f(self):\n    pass", True),
        ("def f(a=1):\n  return a", "def f(a=2):\n  return a", False),
        ("def f(a, b):\n  return a", "def f(b, a):\n  return a", False),
        ("@cache\ndef f(): pass", "def f(): pass", False),
        ("class A:\n  x: int", "class A:\n  x: float", False),
        ("def f(): return 'words'", "def f(): return 'others'", False),
    ],
)
def test_code_counts_by_what_can_change_a_number(one: str, other: str, is_same: bool) -> None:
    """The annotations of a class are its fields, by which it is checked: they count."""
    assert (bare(one) == bare(other)) is is_same


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("def f(): pass", ["f"]),
        ("async def f(): pass", ["f"]),
        ("class A: pass", ["A"]),
        ("X = Y = 1", ["X", "Y"]),
        ("A, (B, *C) = 1, (2, 3)", ["A", "B", "C"]),
        ("X: int = 1", ["X"]),
        ("TABLE['a'] = 1", ["TABLE"]),
        ("TABLE.update(a=1)", []),
    ],
)
def test_a_statement_stands_under_all_names_that_it_binds(text: str, names: list[str]) -> None:
    assert sorted(code._bound_names(statement(text))) == names


def test_libraries_go_by_the_names_of_their_distributions_wherever_they_are_imported() -> None:
    tree = ast.parse("import os, numpy.linalg\ndef f():\n  from erfa import c2s\nfrom . import scipy")
    assert code._libraries(tree) == {"numpy", "pyerfa"}
    assert "scipy" in NUMERICAL
