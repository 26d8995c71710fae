"""How every stage runs: one task a product, all of them to their end, and a last word on those that failed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from prefect import Flow, get_run_logger
from prefect.artifacts import create_table_artifact
from prefect.futures import PrefectFuture, wait

from core.config import Config
from core.errors import DwarfnuError
from core.figure_recipes import figure_recipes
from core.products import ProductStore
from core.recipes import ProductKey, Recipe, State
from core.stages import recipes
from tasks.caching import ProductTask, product_store
from tasks.figures import draw_figure
from tasks.ledger import LEDGER

StageFlow = Flow[[Config, bool], None]


class ProductsFailedError(DwarfnuError):
    """Some products could not be made; the others stand."""


@dataclass(frozen=True)
class _Outcome:
    recipe: Recipe
    state_name: str
    reason: str
    made: bool


def run_stages(config: Config, *stages: StageFlow, with_inputs: bool = False) -> list[str]:
    """Run stages one after the other, whatever becomes of each, and return what failed in words."""
    failures = []
    for stage in stages:
        state = stage(config, with_inputs, return_state=True)
        if not state.is_completed():
            error = state.result(raise_on_failure=False)
            failures.append(str(error) if isinstance(error, DwarfnuError) else f"{stage.name}: {state.message}")
    return failures


def raise_failures(failures: Sequence[str]) -> None:
    """Raise ProductsFailedError if there are any failures."""
    if failures:
        raise ProductsFailedError("; ".join(failures))


def make_products(task: ProductTask, config: Config, stage: str, failures: Sequence[str] = ()) -> None:
    """Make all products of a stage, each in a task of its own, and leave a table of what became of them.

    Products whose inputs are not there are not tried. After all the others are done raises ProductsFailedError, which
    names every product that could not be made, and the failures before.
    """
    store = product_store(config)
    wanted = recipes(config, store, stage)
    LEDGER.expect(stage, len(wanted))
    outcomes: list[_Outcome] = []
    futures: list[tuple[Recipe, PrefectFuture[Any]]] = []
    for recipe in wanted:
        absent = _absent_input(store, recipe)
        if absent is None:
            futures.append((recipe, task.submit(config, recipe)))
        else:
            outcomes.append(_Outcome(recipe, "Not tried", f"its input {absent} is not there", made=False))
    wait([future for _, future in futures])
    outcomes += [_outcome(recipe, future) for recipe, future in futures]
    raise_failures([*failures, *_report(stage, outcomes)])


def _absent_input(store: ProductStore, recipe: Recipe) -> ProductKey | None:
    for product in recipe.inputs:
        keys: dict[str, Any] = dict(product.keys)
        for part in range(product.n_parts or 1):
            if store.state(product.stage, part=part, **keys) in (State.MISSING, State.FAILED):
                return product
    return None


def _outcome(recipe: Recipe, future: PrefectFuture[Any]) -> _Outcome:
    state = future.state
    return _Outcome(recipe, state.name or state.type.value, state.message or "", state.is_completed())


def _report(stage: str, outcomes: Sequence[_Outcome]) -> list[str]:
    create_table_artifact(
        key=stage.replace("_", "-"),
        table=[{"product": str(o.recipe), "outcome": o.state_name, "why": o.reason} for o in outcomes],
        description=f"What became of the products of {stage}",
    )
    failed = [outcome for outcome in outcomes if not outcome.made]
    get_run_logger().info("%s: %d of %d products stand", stage, len(outcomes) - len(failed), len(outcomes))
    if not failed:
        return []
    named = "; ".join(f"{outcome.recipe} ({outcome.reason})" for outcome in failed)
    return [f"{len(failed)} of {len(outcomes)} {stage} failed: {named}"]


def draw_all(config: Config, failures: Sequence[str] = ()) -> None:
    """Draw every figure for which products stand, each in a task of its own; raises as `make_products` does."""
    wanted = figure_recipes(config, product_store(config))
    LEDGER.expect("figures", len(wanted))
    futures = [draw_figure.submit(config, recipe) for recipe in wanted]
    wait(futures)
    failed = [f"{r} ({f.state.message})" for r, f in zip(wanted, futures, strict=True) if not f.state.is_completed()]
    own = [f"{len(failed)} of {len(wanted)} figures failed: {'; '.join(failed)}"] if failed else []
    raise_failures([*failures, *own])
