"""The task that draws: it reads products, calls one function of core.figures and leaves one PNG beside the products.

Many figures are drawn by processes side by side: matplotlib promises nothing to threads. Few are drawn here, one at a
time, for a process takes as long to start as a few figures take to draw.
"""

from threading import Lock
from time import perf_counter, thread_time

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State as PrefectState
from prefect.states import Completed

from core.configuration.config import Config
from core.products.recipe import State
from core.products.store import ProductStore
from core.stages.figures.figure import FigureRecipe, figure_state, rendered
from tasks.drawing import drawn_elsewhere
from tasks.products import STATE_NAMES, product_store
from tasks.run_log import RUN_LOG, Entry

DRAWING = Lock()


@task(name="figure", task_run_name="{recipe}", cache_policy=NO_CACHE, persist_result=False)
def draw_figure(config: Config, recipe: FigureRecipe, elsewhere: bool = False) -> PrefectState[str]:
    """Draw one figure, unless the one that stands shows the same products; `elsewhere`: in another process."""
    store = product_store(config)
    begin, cpu = perf_counter(), thread_time()
    before = figure_state(store, recipe)
    outcome = STATE_NAMES[before.state]
    try:
        if before.state is not State.FRESH:
            store.write_figure(recipe.name, drawn_elsewhere(store, recipe) if elsewhere else _drawn_here(store, recipe))
    except Exception:
        outcome = "Failed"
        raise
    finally:
        RUN_LOG.note(Entry("figures", str(recipe), outcome, begin, perf_counter(), thread_time() - cpu))
    return Completed(name=outcome, message=before.reason, data=recipe.name)


def _drawn_here(store: ProductStore, recipe: FigureRecipe) -> bytes:
    with DRAWING:
        return rendered(store, recipe)
