"""A store that times itself: the time of its own work, once, in the thread that asked for it."""

from pathlib import Path
from threading import Thread
from time import thread_time

import pyarrow as pa

from core.products.recipe import ProductKey, Recipe, State
from tasks.timed_store import TimedStore

RECIPE = Recipe(ProductKey("event_counts"), "core.stages.samples.public_3y:make_event_counts", {"n_events": 3})
EVENTS = pa.table({"event_class": ["track"], "n_events": pa.array([3], pa.int64())})


def test_what_is_asked_of_it_is_timed_and_answered_as_by_any_store(tmp_path: Path) -> None:
    store = TimedStore(tmp_path, "public-3y", None)
    begin, times = thread_time(), [store.time_of_thread()]
    store.write(RECIPE, EVENTS)
    times.append(store.time_of_thread())
    assert store.explain_recipe(RECIPE).state is State.FRESH
    assert store.read_product(RECIPE.product).equals(EVENTS)
    times.append(store.time_of_thread())
    assert 0.0 == times[0] < times[1] < times[2] <= thread_time() - begin


def test_a_thread_is_told_its_own_time_alone(tmp_path: Path) -> None:
    store, told = TimedStore(tmp_path), list[float]()
    store.write(RECIPE, EVENTS)
    thread = Thread(target=lambda: told.append(store.time_of_thread()))
    thread.start()
    thread.join()
    assert told == [0.0]
