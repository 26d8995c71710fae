"""Shards of trials of a small analysis, for engines to make."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

from core.configuration.config import Config, read_config
from core.products.recipe import State
from core.products.store import ProductStore
from core.stages.registry import recipes
from deployments.engines import n_at_hand
from deployments.profile import Profile
from tasks.elsewhere import Engine, Place

N_TRIALS, N_SHARDS = 1_200_000, 12  # a shard takes a third of a second
PATIENCE = 120.0  # s, on a busy machine


class Trials:
    """The background trials of a small analysis whose densities stand, in a folder of its own."""

    def __init__(self, root: Path, n_shards: int = N_SHARDS) -> None:
        self.config = config_in(root, n_shards)
        self.store = ProductStore(root, self.config.analysis)
        self.place = Place(str(root), self.config.analysis, self.config.sample)
        self.recipes = recipes(self.config, self.store, "background_trials")

    @property
    def standing(self) -> dict[int, tuple[int, int]]:
        """The parts that stand, each with what a file that is written anew changes."""
        paths = {recipe.part: Path(self.store.path("background_trials", recipe.part)) for recipe in self.recipes}
        return {part: (p.stat().st_ino, p.stat().st_mtime_ns) for part, p in paths.items() if p.exists()}

    @property
    def states(self) -> list[State]:
        store = ProductStore(self.place.root, self.config.analysis)  # one that remembers nothing
        return [store.explain_recipe(recipe).state for recipe in self.recipes]

    @property
    def digest(self) -> str:
        return ProductStore(self.place.root, self.config.analysis).digest(self.recipes[0].product)

    def wait_for(self, n_parts: int) -> dict[int, tuple[int, int]]:
        """What stands once so many parts do."""
        begin = monotonic()
        while len(standing := self.standing) < n_parts:
            assert monotonic() - begin < PATIENCE, standing
            sleep(0.02)
        return standing


def config_in(root: Path, n_shards: int = N_SHARDS) -> Config:
    trials = {"n_background": N_TRIALS, "n_signal": 100, "shard_size": N_TRIALS // n_shards}
    statistic = {"name": "joint", "nside": 8, "n_cells": 64}
    return read_config(None, products=str(root), pairs={"tautau": [20]}, trials=trials, statistic=statistic)


@contextmanager
def asked(engine: Engine, profile: Profile, trials: Trials) -> Iterator[Sequence[Future[None]]]:
    """All shards, asked for as the tasks of a run do."""
    with ThreadPoolExecutor(n_at_hand(profile)) as threads:
        yield [threads.submit(engine.make, trials.place, recipe) for recipe in trials.recipes]
