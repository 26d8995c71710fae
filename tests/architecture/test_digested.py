"""No number is made outside what is digested: every function that runs between product and product makes it stale.

Analyses are made while every call of a function of ours is noted, by product. What was called must be among the
definitions whose digest the product carries, but for what finds and names files: a mistake there ends in an error, or
in another digest of an input. Then what carries tables is changed, and the digest of a product must change.
"""

import ast
import copy
import sys
import threading
from collections import defaultdict
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from core.products import code
from core.products.code import CARRIERS, reached_definitions
from core.products.store import ProductStore
from core.stages.registry import STAGES, recipes, stages_of
from core.stages.stage import make_product
from tests.core.stages.analyses import LEFT_OUT, STATISTICS, small_config

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
OURS = ("core", "tasks", "flows")
# What finds, names and remembers files and recipes, and what judges them; what of it holds a table is among CARRIERS.
NAMES_AND_FILES = (
    "core.errors",
    "core.glossary",
    "core.products.code",
    "core.products.code_memory",
    "core.products.digests",
    "core.products.files",
    "core.products.folders",
    "core.products.memory",
    "core.products.recipe",
    "core.products.seal",
    "core.products.staleness",
    "core.products.store",
    "core.products.unblinding",
    "core.dark_matter.channels",
    "core.stages.stage",
)
Definition = tuple[str, str]
Called = dict[str, set[Definition]]


@cache
def definitions(filename: str) -> list[tuple[int, int, str]]:
    """First line, last line and name of each statement at the top of a module, with its decorators."""
    found = []
    for statement in ast.parse(Path(filename).read_text(encoding="utf-8")).body:
        first = min([statement.lineno, *(node.lineno for node in getattr(statement, "decorator_list", []))])
        last = statement.end_lineno or first
        found += [(first, last, name) for name in code._bound_names(statement)]
    return found


class Notes:
    """The definitions of ours that are called, by the code of the product that is being made."""

    def __init__(self) -> None:
        self.called: Called = defaultdict(set)
        self.maker: str | None = None

    def __call__(self, frame: FrameType, event: str, _: Any) -> None:
        if event != "call" or self.maker is None or frame.f_code.co_name == "<module>":
            return
        path = Path(frame.f_code.co_filename)
        if not path.is_absolute() or ROOT not in path.parents or path.relative_to(ROOT).parts[0] not in OURS:
            return
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        line = frame.f_code.co_firstlineno
        for first, last, name in definitions(str(path)):
            if first <= line <= last:
                self.called[self.maker].add((module, name))


@pytest.fixture(scope="module")
def called(tmp_path_factory: pytest.TempPathFactory) -> Called:
    """What is called in the making of each product of three small analyses, by the code of the product."""
    notes = Notes()
    before = sys.getprofile()
    for statistic in STATISTICS:
        config = small_config(tmp_path_factory.mktemp(statistic), statistic)
        store = ProductStore(config.product_root, config.analysis, config.sample)
        for stage in [name for name in stages_of(config) if name not in LEFT_OUT[statistic]]:
            for recipe in recipes(config, store, stage):
                notes.maker = recipe.code
                threading.setprofile(notes)
                sys.setprofile(notes)
                try:
                    make_product(STAGES[stage], store, recipe)
                finally:
                    sys.setprofile(before)
                    threading.setprofile(before)
    return notes.called


def is_about_files(definition: Definition) -> bool:
    return definition[0] in NAMES_AND_FILES


def test_the_notes_hold_what_makers_call(called: Called) -> None:
    trials = called["core.stages.statistics.joint:make_trials"]
    assert ("core.trials.run", "run_trials") in trials
    assert ("core.stages.inputs", "Inputs") in trials
    assert len(called) >= 15
    assert len({module for definitions in called.values() for module, _ in definitions}) > 60


def test_all_that_is_called_between_product_and_product_is_digested(called: Called) -> None:
    carried = set().union(*map(reached_definitions, CARRIERS))
    outside = {
        (maker, *definition)
        for maker, definitions in called.items()
        for definition in definitions - reached_definitions(maker) - carried
        if not is_about_files(definition)
    }
    assert outside == set()


def mutated(module: code._Module, name: str) -> code._Module:
    """A module with one more statement in a function, or in each method of a class."""
    statements = copy.deepcopy(module.named[name])
    for node in (node for statement in statements for node in ast.walk(statement)):
        if isinstance(node, ast.FunctionDef):
            node.body.insert(0, ast.Assign([ast.Name("changed", ast.Store())], ast.Constant(True)))
    return code._Module({**module.named, name: statements}, module.imports, module.libraries)


def digest_after_a_change(maker: str, module: str, name: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The digest of a maker's code, were a definition of some module another."""
    as_it_is, of_syntax = code._module, code._syntax_digest
    other = mutated(as_it_is(module), name)

    def syntax(of_module: str, of_name: str) -> str:
        """Anew of the module that is changed; what is remembered of others holds."""
        return str((of_syntax.__wrapped__ if of_module == module else of_syntax)(of_module, of_name))

    with monkeypatch.context() as changed:
        changed.setattr(code, "_module", lambda asked: other if asked == module else as_it_is(asked))
        changed.setattr(code, "_syntax_digest", syntax)
        return code._digest(maker)


@pytest.mark.parametrize("carrier", CARRIERS)
def test_what_carries_tables_makes_every_product_stale(carrier: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = code._digest("core.stages.spectra:make")
    module, _, name = carrier.partition(":")
    assert digest_after_a_change("core.stages.spectra:make", module, name, monkeypatch) != before


def test_a_change_in_any_module_between_products_makes_its_products_stale(
    called: Called, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In each module that ran, one function that ran is changed, for each maker that it ran for."""
    still_fresh, n_changed = [], 0
    for maker, called_definitions in called.items():
        before = code._digest(maker)
        ran = {module: name for module, name in sorted(called_definitions) if not is_about_files((module, name))}
        for module, name in ran.items():
            if module.startswith("core.") and name in code._module(module).named:
                n_changed += 1
                if digest_after_a_change(maker, module, name, monkeypatch) == before:
                    still_fresh.append((maker, module, name))
    assert still_fresh == []
    assert n_changed > 5 * len(called)
