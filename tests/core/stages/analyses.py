"""Small analyses of the public sample, made by their stages: one pair, few pixels, few trials; for looking only."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from core.configuration.config import Config, read_config
from core.products.recipe import Recipe
from core.products.store import ProductStore
from core.stages.dwarf_profiles import STAGE as DWARF_PROFILES
from core.stages.registry import COUNTS, DOUBTS, recipes, stages_of
from tests.made_analysis import made_analysis
from tests.runs import locked

CHANNEL, MASS = "tautau", 20.0
N_BACKGROUND, N_SIGNAL, N_TAIL = 2000, 500, 10_000
N_EVENTS = 40_902  # of the public sample
STATISTICS: Mapping[str, Mapping[str, Any]] = {
    "joint": {"name": "joint", "nside": 8, "n_cells": 64},
    "j_weighted": {"name": "j_weighted"},
    "one_sky": {"name": "j_weighted", "skies": "one", "nside": 16},
}

# What follows from the measured counts and what results hang on is made of one statistic: it costs as much as the rest.
LATE = frozenset(stage.name for stage in (DWARF_PROFILES, *COUNTS, *DOUBTS))
LEFT_OUT: Mapping[str, frozenset[str]] = {"joint": frozenset(), "j_weighted": LATE, "one_sky": LATE}


@dataclass(frozen=True)
class Analysis:
    """A configuration and the store that holds all of its products."""

    config: Config
    store: ProductStore
    leaves_out: frozenset[str] = frozenset()

    @property
    def stages(self) -> list[str]:
        """The stages whose products stand."""
        return [name for name in stages_of(self.config) if name not in self.leaves_out]

    def recipes(self, stage: str) -> list[Recipe]:
        return recipes(self.config, self.store, stage)

    def table(self, stage: str, **keys: Any) -> pa.Table:
        return self.store.read(stage, **keys)

    def row(self, stage: str) -> dict[str, Any]:
        (row,) = self.table(stage).to_pylist()
        return row

    def inputs(self, stage: str) -> set[str]:
        """The stages that the products of a stage are made from."""
        return {product.stage for recipe in self.recipes(stage) for product in recipe.inputs}


def small_config(folder: Path, statistic: str = "joint", **more: Any) -> Config:
    trials = {"n_background": N_BACKGROUND, "n_signal": N_SIGNAL, "n_tail": N_TAIL}
    few = {"counts_limit": {"n_trials": 100}, "systematics": {"n_draws": 100}}
    settings: dict[str, Any] = {"pairs": {CHANNEL: [MASS]}, "statistic": STATISTICS[statistic], "trials": trials, **few}
    return read_config(None, products=str(folder), **(settings | more))


def made_once(folder: Path, statistic: str) -> Analysis:
    """The analysis in a folder that all processes of a test run share; the first to ask makes it."""
    folder.mkdir(exist_ok=True)
    config = small_config(folder / statistic, statistic)
    with locked(folder / f"{statistic}.lock"):
        made = Analysis(config, ProductStore(config.product_root, config.analysis, config.sample), LEFT_OUT[statistic])
        made_analysis(config, made.stages)
        return made
