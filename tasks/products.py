"""The one task that makes products, and the one cache policy: the store is asked first, never Prefect's own cache.

Prefect would call a task cached although its product was deleted, torn, or made by other code. So a task asks the
store whether a fresh product stands where its recipe puts it; only if not, it computes. Either way the name of the
task's final state says which: Cached, Computed, or Recomputed with the reason's kind; of several products how many of
each.
"""

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from time import perf_counter, thread_time
from typing import Any

from prefect import Task, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State as PrefectState
from prefect.client.schemas.objects import TaskRun
from prefect.states import Completed

from core.configuration.config import Config
from core.errors import DwarfnuError
from core.products.recipe import ProductState, Recipe, State
from core.products.room import check_room
from core.products.unblinding import Opening
from core.stages.rates import Load, cost_of
from core.stages.stage import Stage, make_product
from tasks.batches import Batch, BatchFailedError, Outcome
from tasks.elsewhere import Place, engine_at_work
from tasks.run_log import RUN_LOG, Entry
from tasks.timed_store import TimedStore

ProductTask = Task[[Config, Batch], PrefectState[list[Outcome]]]

STATE_NAMES = {
    State.FRESH: "Cached",
    State.MISSING: "Computed",
    State.STALE: "Recomputed (stale)",
    State.FAILED: "Recomputed (failed)",
}
FAILED = "Failed"


def product_store(config: Config) -> TimedStore:
    """Return the store in which an analysis keeps its products.

    All tasks of a process share it, so that a file that stands unchanged is held against its digest once.
    """
    return _store(config.product_root, config.analysis, config.sample, Path.cwd())


@lru_cache(maxsize=8)
def _store(root: str, analysis: str, sample: str, _relative_to: Path) -> TimedStore:
    return TimedStore(root, analysis, sample)


def product_task(stage: Stage, opening: Opening | None = None) -> ProductTask:
    """Return the task that makes products of a stage, in an unblinding or not, unless fresh ones stand already.

    Each is tried, whatever becomes of the others. Errors of input and output that may pass are retried, with delays
    that differ from task to task, and then only what is missing is made; no other error is.
    """

    @task(
        name=stage.name,
        description=stage.sentence,
        task_run_name="{batch}",
        cache_policy=NO_CACHE,
        persist_result=False,
        retries=3,
        retry_delay_seconds=[1, 5, 20],
        retry_jitter_factor=0.5,
        retry_condition_fn=_may_pass,
    )
    def make(config: Config, batch: Batch) -> PrefectState[list[Outcome]]:
        tried = [_tried(config, stage, recipe, opening) for recipe in batch.recipes]
        errors = [found for found in tried if isinstance(found, Exception)]
        if len(tried) == len(errors) == 1:
            raise errors[0]
        outcomes = [_outcome(*found) for found in zip(batch.recipes, tried, strict=True)]
        if errors:
            raise BatchFailedError(outcomes, any(isinstance(error, OSError) for error in errors))
        return Completed(name=_in_one_word(outcomes), message=outcomes[0].reason, data=outcomes)

    return make


def _make(store: TimedStore, stage: Stage, recipe: Recipe, opening: Opening | None) -> None:
    """Make a product, elsewhere where an engine is at work; what an unblinding opens stays in this process."""
    engine = engine_at_work()
    if engine is None or opening is not None:
        make_product(stage, store, recipe, opening)
    else:
        root = store.root.absolute() if isinstance(store.root, Path) else store.root
        engine.make(Place(str(root), store.analysis, store.sample), recipe)


def _tried(config: Config, stage: Stage, recipe: Recipe, opening: Opening | None) -> ProductState | Exception:
    """Make a product unless a fresh one stands; return how it stood before, or what kept it from being made."""
    store = product_store(config)
    begin, cpu, in_store = perf_counter(), thread_time(), store.time_of_thread()
    before = store.explain_recipe(recipe)
    outcome = STATE_NAMES[before.state]
    try:
        if before.state is not State.FRESH:
            _check_room(config, store, stage, recipe)
            _make(store, stage, recipe, opening)
    except Exception as error:  # noqa: BLE001 - whatever it is, the others are tried
        store.write_failure(recipe, str(error) if isinstance(error, DwarfnuError) else repr(error))
        outcome = FAILED
        return error
    finally:
        spent, in_store = thread_time() - cpu, store.time_of_thread() - in_store
        RUN_LOG.note(Entry(stage.name, str(recipe), outcome, begin, perf_counter(), spent, in_store))
    return before


def _outcome(recipe: Recipe, found: ProductState | Exception) -> Outcome:
    if isinstance(found, Exception):
        reason = str(found) if isinstance(found, DwarfnuError) else repr(found)
        return Outcome(recipe, FAILED, reason, made=False)
    return Outcome(recipe, STATE_NAMES[found.state], found.reason, made=True)


def _in_one_word(outcomes: Sequence[Outcome]) -> str:
    """Return the name that all outcomes have, or how many have which."""
    names = Counter(outcome.state_name for outcome in outcomes)
    return next(iter(names)) if len(names) == 1 else ", ".join(f"{n} {name.lower()}" for name, n in names.items())


def _check_room(config: Config, store: TimedStore, stage: Stage, recipe: Recipe) -> None:
    """Raise ProductError where a product would take the last of the disk."""
    cost = cost_of(config, stage.name, [Load(recipe.parameters)])
    check_room(store.root, cost.disk if cost else 0.0, str(recipe))


async def _may_pass(_: Task[..., Any], __: TaskRun, state: PrefectState[Any]) -> bool:
    error = await state.aresult(raise_on_failure=False)
    return isinstance(error, OSError) or (isinstance(error, BatchFailedError) and error.may_pass)
