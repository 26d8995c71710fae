"""The task that draws: it reads products, calls one function of core.figures and leaves one PNG beside the products.

Many figures are drawn by processes side by side: matplotlib promises nothing to threads. Few are drawn here, one at a
time, for a process takes as long to start as a few figures take to draw.
"""

import os
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from multiprocessing import get_context, parent_process
from threading import Lock, Thread
from time import perf_counter

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State as PrefectState
from prefect.states import Completed

from core.configuration.config import Config
from core.products.recipe import State
from core.products.store import ProductStore
from core.stages.figures.figure import FigureRecipe, figure_state, rendered
from tasks.products import STATE_NAMES, product_store
from tasks.run_log import RUN_LOG

DRAWING = Lock()


@task(name="figure", task_run_name="{recipe}", cache_policy=NO_CACHE, persist_result=False)
def draw_figure(config: Config, recipe: FigureRecipe, elsewhere: bool = False) -> PrefectState[str]:
    """Draw one figure, unless the one that stands shows the same products; `elsewhere`: in another process."""
    store = product_store(config)
    begin = perf_counter()
    before = figure_state(store, recipe)
    outcome = STATE_NAMES[before.state]
    try:
        if before.state is not State.FRESH:
            store.write_figure(
                recipe.name, _drawn_elsewhere(store, recipe) if elsewhere else _drawn_here(store, recipe)
            )
    except Exception:
        outcome = "Failed"
        raise
    finally:
        RUN_LOG.note("figures", str(recipe), outcome, begin, perf_counter())
    return Completed(name=outcome, message=before.reason, data=recipe.name)


def _drawn_here(store: ProductStore, recipe: FigureRecipe) -> bytes:
    with DRAWING:
        return rendered(store, recipe)


def _drawn_elsewhere(store: ProductStore, recipe: FigureRecipe) -> bytes:
    return _processes().submit(_rendered, str(store.root), store.analysis, recipe).result()


@lru_cache(maxsize=1)
def _processes() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(os.cpu_count(), get_context("spawn"), initializer=_end_with_parent)


def _end_with_parent() -> None:
    """Let this process end when its parent does, however it ends."""
    parent = parent_process()

    def wait() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    Thread(target=wait, daemon=True).start()


def _rendered(root: str, analysis: str, recipe: FigureRecipe) -> bytes:
    return rendered(_store(root, analysis), recipe)


@lru_cache(maxsize=8)
def _store(root: str, analysis: str) -> ProductStore:
    return ProductStore(root, analysis)
