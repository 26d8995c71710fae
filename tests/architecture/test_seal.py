"""True right ascension is opened where events are made blind, and in an unblinding on record; nowhere else."""

import ast
from functools import cache
from pathlib import Path

import grimp
import pytest

from core.configuration.config import Config
from core.errors import ProductError
from core.products.recipe import ProductKey
from core.products.seal import SEALED_STAGES
from core.products.store import ProductStore
from core.products.unblinding import Opening
from core.stages.inputs import BLINDING, Inputs
from core.stages.registry import STAGES, stages_of
from core.stages.stage import make_product, recipe_of

ROOT = Path(__file__).parents[2]
PACKAGES = ("core", "tasks", "flows", "dashboards", "deployments")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
# Who may name what opens a seal: where it is checked, where leave is given, and where an unblinding is written down.
MAY_NAME = {
    "Leave": {
        "core/products/seal.py",
        "core/products/files.py",
        "core/products/memory.py",
        "core/products/store.py",
        "core/stages/inputs.py",
    },
    "record_opening": {"core/products/unblinding.py", "core/stages/unblinding.py"},
    "Opening": {
        "core/products/unblinding.py",
        "core/stages/inputs.py",
        "core/stages/stage.py",
        "core/stages/unblinding.py",
        "tasks/products.py",
    },
    "open_sky": {"core/stages/unblinding.py", "flows/unblinding.py"},
    "unsealed": {"core/events/blinding.py", "core/stages/observed_sky.py"},
}
GIVES_LEAVE = "core/stages/inputs.py"


@cache
def named(path: Path) -> set[str]:
    """Every name that a module uses, defines or imports."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    names |= {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    names |= {alias.name for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names}
    return names | {node.name for node in nodes if isinstance(node, ast.ClassDef | ast.FunctionDef)}


@pytest.mark.parametrize("name", MAY_NAME)
def test_no_other_module_names_what_opens_a_seal(name: str) -> None:
    found = {path.relative_to(ROOT).as_posix() for path in MODULES if name in named(path)}
    assert found == MAY_NAME[name]


def test_leave_is_given_in_one_place() -> None:
    makers = {
        path.relative_to(ROOT).as_posix()
        for path in MODULES
        if "Leave" in named(path)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Leave"
    }
    assert makers == {GIVES_LEAVE}


def test_product_files_are_read_in_the_room_of_products_alone() -> None:
    graph = grimp.build_graph(*PACKAGES, cache_dir=None)
    assert graph.find_modules_that_directly_import("core.products.files") <= {
        "core.products.memory",
        "core.products.store",
    }


@pytest.mark.parametrize("sealed", sorted(SEALED_STAGES))
@pytest.mark.parametrize("stage", sorted(STAGES))
def test_no_function_but_those_that_blind_opens_a_sealed_product(stage: str, sealed: str, tmp_path: Path) -> None:
    """Also not under the name of a stage that does: leave belongs to the function."""
    store = ProductStore(tmp_path)
    keys = dict.fromkeys(STAGES[stage].keys, 1) | {"season": "a", "kind": "data", "channel": "bb"}
    product = ProductKey(stage, {name: keys[name] for name in STAGES[stage].keys})
    asked = ProductKey(sealed, {"season": "a"} if sealed == "sealed_events" else {"seed": 1})
    inputs = Inputs(store, recipe_of(stages_of, product, inputs=(asked,)))
    with pytest.raises(ProductError, match="is sealed"):
        inputs[sealed]


def test_those_that_blind_are_functions_of_the_stages_that_they_blind_for() -> None:
    assert set(BLINDING.values()) == {"events", "good_runs"}
    assert not {name for name in BLINDING.values() if STAGES[name].unblinds}


def test_an_opening_that_nobody_wrote_down_opens_nothing(tmp_path: Path) -> None:
    store, recipe = ProductStore(tmp_path), recipe_of(stages_of, ProductKey("observed", {}))
    with pytest.raises(ProductError, match="no line of the log of unblindings"):
        Inputs(store, recipe, Opening("0123", "somebody", "2026-01-01", "measured"))


@pytest.mark.parametrize("stage", [name for name, stage in STAGES.items() if stage.unblinds])
def test_what_the_unblinding_makes_is_made_by_it_alone(stage: str, tmp_path: Path) -> None:
    recipe = recipe_of(stages_of, ProductKey(stage, {}))
    with pytest.raises(ProductError, match="dwarfnu unblind"):
        make_product(STAGES[stage], ProductStore(tmp_path), recipe)
    assert stage not in stages_of(Config())
