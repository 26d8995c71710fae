"""The one task that makes a product, and the one cache policy: the store is asked first, never Prefect's own cache.

Prefect would call a task cached although its product was deleted, torn, or made by other code. So a task asks the
store whether a fresh product stands where its recipe puts it; only if not, it computes. Either way the name of the
task's final state says which: Cached, Computed, or Recomputed with the reason's kind.
"""

from functools import lru_cache
from pathlib import Path
from time import perf_counter
from typing import Any

from prefect import Task, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State as PrefectState
from prefect.client.schemas.objects import TaskRun
from prefect.states import Completed

from core.configuration.config import Config
from core.errors import DwarfnuError
from core.products.recipe import Recipe, State
from core.products.room import check_room
from core.products.store import ProductStore
from core.products.unblinding import Opening
from core.stages.rates import Load, cost_of
from core.stages.stage import Stage, make_product
from tasks.elsewhere import Place, engine_at_work
from tasks.run_log import RUN_LOG

ProductTask = Task[[Config, Recipe], PrefectState[str]]

STATE_NAMES = {
    State.FRESH: "Cached",
    State.MISSING: "Computed",
    State.STALE: "Recomputed (stale)",
    State.FAILED: "Recomputed (failed)",
}


def product_store(config: Config) -> ProductStore:
    """Return the store in which an analysis keeps its products.

    All tasks of a process share it, so that a file that stands unchanged is held against its digest once.
    """
    return _store(config.product_root, config.analysis, config.sample, Path.cwd())


@lru_cache(maxsize=8)
def _store(root: str, analysis: str, sample: str, _relative_to: Path) -> ProductStore:
    return ProductStore(root, analysis, sample)


def product_task(stage: Stage, opening: Opening | None = None) -> ProductTask:
    """Return the task that makes one product of a stage, in an unblinding or not, unless a fresh one stands already.

    Errors of input and output that may pass are retried, with delays that differ from task to task; no other error is.
    """

    @task(
        name=stage.name,
        description=stage.sentence,
        task_run_name="{recipe}",
        cache_policy=NO_CACHE,
        persist_result=False,
        retries=3,
        retry_delay_seconds=[1, 5, 20],
        retry_jitter_factor=0.5,
        retry_condition_fn=_may_pass,
    )
    def make(config: Config, recipe: Recipe) -> PrefectState[str]:
        store = product_store(config)
        begin = perf_counter()
        before = store.explain_recipe(recipe)
        outcome = STATE_NAMES[before.state]
        try:
            if before.state is not State.FRESH:
                _check_room(config, store, stage, recipe)
                _make(store, stage, recipe, opening)
        except Exception as error:
            store.write_failure(recipe, str(error) if isinstance(error, DwarfnuError) else repr(error))
            outcome = "Failed"
            raise
        finally:
            RUN_LOG.note(stage.name, str(recipe), outcome, begin, perf_counter())
        return Completed(name=outcome, message=before.reason, data=str(recipe))

    return make


def _make(store: ProductStore, stage: Stage, recipe: Recipe, opening: Opening | None) -> None:
    """Make a product, elsewhere where an engine is at work; what an unblinding opens stays in this process."""
    engine = engine_at_work()
    if engine is None or opening is not None:
        make_product(stage, store, recipe, opening)
    else:
        root = store.root.absolute() if isinstance(store.root, Path) else store.root
        engine.make(Place(str(root), store.analysis, store.sample), recipe)


def _check_room(config: Config, store: ProductStore, stage: Stage, recipe: Recipe) -> None:
    """Raise ProductError where a product would take the last of the disk."""
    cost = cost_of(config, stage.name, [Load(recipe.parameters)])
    check_room(store.root, cost.disk if cost else 0.0, str(recipe))


async def _may_pass(_: Task[..., Any], __: TaskRun, state: PrefectState[Any]) -> bool:
    error = await state.aresult(raise_on_failure=False)
    return isinstance(error, OSError)
