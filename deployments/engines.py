"""Engines of a profile: processes of this machine, workers of Dask, such workers as jobs of a batch system.

Each worker makes one product at a time, in one thread. One that dies takes nothing with it but the product that it was
making, which another one makes. Workers know nothing of Prefect: they are told recipes and answer with names.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from threading import Lock

from core.errors import ConfigError
from core.products.recipe import Recipe
from deployments.profile import Profile
from tasks.elsewhere import Engine, EngineError, Place, make_there
from tasks.parent import end_with_parent

MOST_DEATHS = 3  # of processes that made the same product
WAITING_FOR_EACH = 2  # products at hand for each worker, so that none waits for the next


@contextmanager
def engine_of(profile: Profile) -> Iterator[Engine | None]:
    """Give the engine of a profile while the context lasts; None for the threads of a run itself.

    Raises ConfigError if it cannot be had.
    """
    if profile.engine == "threads":
        yield None
    elif profile.engine == "processes":
        with Processes(n_workers(profile)) as processes:
            yield processes
    else:
        with _dask_of(profile) as engine:
            yield engine


def n_workers(profile: Profile) -> int:
    """Return how many workers a profile has, at most."""
    return profile.workers or os.cpu_count() or 1


def n_at_hand(profile: Profile) -> int:
    """Return how many products a run asks for at a time."""
    return n_workers(profile) * (WAITING_FOR_EACH if profile.engine in ("dask", "jobs") else 1)


@contextmanager
def _dask_of(profile: Profile) -> Iterator[Engine]:
    try:
        from deployments.dask_engine import dask_engine
    except ImportError as error:
        raise ConfigError(f'engine = "{profile.engine}" needs Dask ({error}): `uv sync --extra cluster`') from error
    with dask_engine(profile, n_workers(profile)) as engine:
        yield engine


class Processes:
    """Processes of this machine, which end with this one. All are started anew when one of them dies."""

    def __init__(self, n_processes: int) -> None:
        self.n_processes = n_processes
        self._lock = Lock()
        self._pool = self._started()

    def __enter__(self) -> "Processes":
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def make(self, place: Place, recipe: Recipe) -> None:
        """Make a product; EngineError if processes die of it again and again."""
        for _ in range(MOST_DEATHS):
            pool = self._pool
            try:
                pool.submit(make_there, place, recipe).result()
                return
            except BrokenProcessPool:
                self._replace(pool)
        raise EngineError(f"{recipe}: the process that made it died {MOST_DEATHS} times; was there memory enough?")

    def _started(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(self.n_processes, get_context("spawn"), initializer=end_with_parent)

    def _replace(self, broken: ProcessPoolExecutor) -> None:
        """Start processes in the place of broken ones; many threads may find them broken at once."""
        with self._lock:
            if self._pool is broken:
                broken.shutdown(wait=False, cancel_futures=True)
                self._pool = self._started()
