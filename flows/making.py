"""How every stage runs: tasks of one product or of several short ones, all to their end, and what failed."""

import os
from collections import Counter
from collections.abc import Sequence
from time import perf_counter
from typing import Any

from prefect import Flow, get_run_logger, tags
from prefect.context import TagsContext
from prefect.futures import PrefectFuture, wait

from core.configuration.config import Config
from core.errors import DwarfnuError
from core.products.recipe import Recipe, State
from core.products.store import ProductStore
from core.stages.figures import figure_recipes
from core.stages.figures.figure import FigureKinds
from core.stages.freshness import Freshness
from core.stages.selection import ALL, Selection, incomplete_recipe, selected_recipes
from core.stages.stage import Stage
from flows.artifacts import show_failures, show_outcomes, wait_with_progress
from flows.prefect_settings import WORKERS_VARIABLE
from flows.served import run_tags
from tasks.batches import Batch, BatchFailedError, Outcome, batches, shared_out
from tasks.elsewhere import engine_at_work
from tasks.figures import draw_figure
from tasks.products import ProductTask, product_store
from tasks.run_log import RUN_LOG, Entry

N_DRAWN_HERE = 30  # figures up to this number are not worth processes that draw side by side
StageFlow = Flow[[Config, bool, Selection], None]
InnerFlow = Flow[[Config, Selection], None]


class ProductsFailedError(DwarfnuError):
    """Some products could not be made; the others stand."""


def failed(stage: InnerFlow, config: Config, selection: Selection = ALL) -> str | None:
    """Run the flow of a stage, without what it needs, and return what failed in words, None if nothing did."""
    with tags(*run_tags(config, selection, stage.name)):
        state = stage(config, selection, return_state=True)
    if state.is_completed():
        return None
    error = state.result(raise_on_failure=False)
    return str(error) if isinstance(error, DwarfnuError) else f"{stage.name}: {state.message}"


def raise_failures(failures: Sequence[str]) -> None:
    """Raise ProductsFailedError if there are any failures."""
    if failures:
        raise ProductsFailedError("; ".join(failures))


def make_products(
    task: ProductTask, config: Config, stage: Stage, failures: Sequence[str] = (), selection: Selection = ALL
) -> None:
    """Make the selected products of a stage, short ones several in a task, and leave a table of what became of them.

    Products whose inputs are not fresh are not tried, or made of the shards that stand where that is allowed. After all
    the others are done raises ProductsFailedError, which names every product that could not be made, and the failures
    before.
    """
    store = product_store(config)
    freshness = Freshness(config, store)
    wanted = selected_recipes(config, store, stage.name, selection)
    RUN_LOG.expect(stage.name, len(wanted))
    outcomes: list[Outcome] = []
    ready: list[Recipe] = []
    for recipe in wanted:
        unready = freshness.unready_input(recipe)
        partial = incomplete_recipe(recipe, freshness) if unready and selection.allow_incomplete else None
        if unready is None or partial is not None:
            ready.append(partial or recipe)
        else:
            outcomes.append(Outcome(recipe, "Not tried", f"its input {unready}", made=False))
            RUN_LOG.note(Entry(stage.name, str(recipe), "Not tried", perf_counter(), perf_counter()))
    fresh = [recipe for recipe in ready if freshness.of(recipe).state is State.FRESH]
    shared = shared_out(fresh, 1) + _to_make(config, stage.name, [recipe for recipe in ready if recipe not in fresh])
    with TagsContext(current_tags=set()):  # a task with tags costs a question to the server
        futures = [task.submit(config, batch) for batch in shared]
    wait_with_progress(config, stage.name, futures, [len(batch.recipes) for batch in shared])
    outcomes += [found for batch, future in zip(shared, futures, strict=True) for found in _outcomes(batch, future)]
    if selection.is_of_all:
        _drop_older_cuts(store, outcomes)
    if selection.is_of_all and stage.has_parts_by_file:
        _drop_parts_of_lost_files(store, outcomes)
    raise_failures([*failures, *_report(config, stage.name, outcomes)])


def _to_make(config: Config, stage: str, recipes: Sequence[Recipe]) -> list[Batch]:
    """Return products shared out to tasks; one each where an engine makes them, which has a queue of its own."""
    if engine_at_work() is not None:
        return shared_out(recipes, len(recipes))
    n_workers = int(os.environ.get(WORKERS_VARIABLE) or os.cpu_count() or 1)
    return batches(config, stage, recipes, n_workers)


def _drop_older_cuts(store: ProductStore, outcomes: Sequence[Outcome]) -> None:
    """Remove shards of an earlier, other cut, where all shards of today's cut stand: they hold the same trials."""
    by_product: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        if "first_trial" in outcome.recipe.parameters:
            by_product.setdefault(str(outcome.recipe.product), []).append(outcome)
    for shards in by_product.values():
        if all(shard.made for shard in shards):
            n_trials = sum(shard.recipe.parameters["n_trials"] for shard in shards)
            store.drop_overlapping_parts(shards[0].recipe.product, len(shards), n_trials)


def _drop_parts_of_lost_files(store: ProductStore, outcomes: Sequence[Outcome]) -> None:
    """Remove the parts of files that there are no more, where those of all others stand."""
    if all(outcome.made for outcome in outcomes):
        n_parts = Counter(str(outcome.recipe.product) for outcome in outcomes)
        for outcome in outcomes:
            if outcome.recipe.part == 0:
                store.drop_parts_from(outcome.recipe.product, n_parts[str(outcome.recipe.product)])


def _outcomes(batch: Batch, future: PrefectFuture[Any]) -> Sequence[Outcome]:
    """Return what became of each product of a task, whose own end, if it has no more to say, is that of all of them."""
    state = future.state
    found = future.result(raise_on_failure=False)
    if isinstance(found, BatchFailedError):
        return found.outcomes
    if state.is_completed():
        return [Outcome(*outcome) for outcome in found]
    name, reason = state.name or state.type.value, state.message or ""
    return [Outcome(recipe, name, reason, made=False) for recipe in batch.recipes]


def _report(config: Config, stage: str, outcomes: Sequence[Outcome]) -> list[str]:
    show_outcomes(config, stage, [(outcome.recipe, outcome.state_name, outcome.reason) for outcome in outcomes])
    failed = [outcome for outcome in outcomes if not outcome.made]
    get_run_logger().info("%s: %d of %d products stand", stage, len(outcomes) - len(failed), len(outcomes))
    if not failed:
        return []
    show_failures(config, stage, [(outcome.recipe, outcome.reason) for outcome in failed])
    named = "; ".join(f"{outcome.recipe} ({outcome.reason})" for outcome in failed)
    return [f"{len(failed)} of {len(outcomes)} {stage} failed: {named}"]


def draw_all(config: Config, failures: Sequence[str] = (), kinds: FigureKinds = figure_recipes) -> None:
    """Draw the figures of a run, or those of some kinds, for which products stand, each in a task of its own.

    Raises as `make_products` does.
    """
    wanted = kinds(config, product_store(config))
    RUN_LOG.expect("figures", len(wanted))
    many_seconds = {recipe.name for recipe in wanted if not recipe.shares}
    many = len(many_seconds) > N_DRAWN_HERE
    futures = [draw_figure.submit(config, recipe, many and recipe.name in many_seconds) for recipe in wanted]
    wait(futures)
    failed = [f"{r} ({f.state.message})" for r, f in zip(wanted, futures, strict=True) if not f.state.is_completed()]
    own = [f"{len(failed)} of {len(wanted)} figures failed: {'; '.join(failed)}"] if failed else []
    raise_failures([*failures, *own])
