"""The task that draws: it reads products, calls one function of core.figures and leaves one PNG beside the products."""

from threading import Lock
from time import perf_counter

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State as PrefectState
from prefect.states import Completed

from core.config import Config
from core.figure_files import FigureRecipe, figure_state, rendered
from core.recipes import State
from tasks.caching import STATE_NAMES, product_store
from tasks.ledger import LEDGER

DRAWING = Lock()  # matplotlib promises nothing to threads that draw side by side


@task(name="figure", task_run_name="{recipe}", cache_policy=NO_CACHE, persist_result=False)
def draw_figure(config: Config, recipe: FigureRecipe) -> PrefectState[str]:
    """Draw one figure, unless the one that stands shows the same products."""
    store = product_store(config)
    begin = perf_counter()
    before = figure_state(store, recipe)
    outcome = STATE_NAMES[before.state]
    try:
        if before.state is not State.FRESH:
            with DRAWING:
                content = rendered(store, recipe)
            store.write_figure(recipe.name, content)
    except Exception:
        outcome = "Failed"
        raise
    finally:
        LEDGER.note("figures", str(recipe), outcome, begin, perf_counter())
    return Completed(name=outcome, message=before.reason, data=recipe.name)
