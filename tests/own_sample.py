"""An own sample of synthetic i3 files: two seasons, data and simulation, lists of good runs, one file torn."""

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from core.configuration.config import Config
from core.events.i3 import frame_bytes
from core.events.synthetic import dragon_objects, write_dragon_file
from core.products.recipe import State
from core.products.store import ProductStore
from core.stages.freshness import Freshness
from core.stages.registry import EVENT_STAGES, STAGES, recipes
from core.stages.stage import make_product
from tests.core.events.conftest import make_sample

N_EVENTS = 40
GOOD_RUN, OTHER_RUN, LATER_RUN = 120000, 120001, 130000
LIVETIME = 300.0  # days
TORN = "IC86_2012_data_1.i3"
ODD = "IC86_2012_data_2.i3"  # 1 event passes, 1 is cut, 2 are broken
PEGLEG = "IC86_Dunkman_L6_PegLeg_MultiNest8D_NumuCC"
CONFIG = """
analysis = "mine"
sample = "own"
seed = 3
[events]
data = ["i3/**/*_data_*.i3*"]
simulation = ["i3/*_mc_*.i3.zst"]
good_runs = ["i3/*_grl.npy"]
"""


def written_sample(folder: Path) -> Path:
    """Write the files of the sample under a folder, and return its configuration; products lie beside it."""
    files = folder / "i3"
    (files / "IC86.2011").mkdir(parents=True)
    # In this season the folder tells the season, and 15 events lie outside good runs.
    write(files / "IC86.2011" / "run_data_0.i3.gz", "data", 0)
    write(files / "IC86.2011" / "run_data_1.i3.gz", "data", 1, 15, OTHER_RUN)
    for part in range(2):
        write(files / f"IC86_2012_data_{part}.i3", "data", 10 + part, run=LATER_RUN)
    torn = (files / TORN).read_bytes()
    (files / TORN).write_bytes(torn[: len(torn) // 2])
    (files / ODD).write_bytes(b"".join(frame_bytes("P", objects) for objects in odd_events()))
    for year in (2011, 2012):
        for part in range(3):
            write(files / f"IC86_{year}_mc_{part}.i3.zst", "mc", year + part, n_files=3)
        np.save(files / f"IC86_{year}_grl.npy", good_runs() if year == 2011 else good_runs(LATER_RUN, 56783.0))
    config = folder / "mine.toml"
    config.write_text(f'products = "products"{CONFIG}', encoding="utf-8")
    return config


def write(path: Path, kind: Any, seed: int, n_events: int = N_EVENTS, run: int = GOOD_RUN, n_files: int = 1) -> None:
    write_dragon_file(path, make_sample(kind, n_events, seed, run), kind, n_files)


def odd_events() -> Sequence[dict[str, Any]]:
    event = dragon_objects(make_sample("data", 1, 99, LATER_RUN).to_pylist()[0])
    broken = event | {PEGLEG: event[PEGLEG]._replace(energy=math.nan)}
    return event, event | {"IC86_Dunkman_L6_CorridorDOMs": 4}, broken, broken


def good_runs(run: int = GOOD_RUN, start: float = 56414.0) -> np.ndarray:
    dtype = [("run", int), ("start", float), ("stop", float), ("livetime", float), ("events", int)]
    return np.array([(run, start, start + 369.0, LIVETIME, N_EVENTS)], dtype=dtype)


def make_all(config: Config, n_workers: int = 1) -> list[str]:
    """Make what is not fresh by their stages, without Prefect, and return the names of what was made."""
    store = ProductStore(config.product_root, config.analysis)
    made: list[str] = []
    for stage in EVENT_STAGES:
        freshness = Freshness(config, store)
        wanted = [r for r in recipes(config, store, stage) if freshness.of(r).state is not State.FRESH]
        with ThreadPoolExecutor(n_workers) as pool:
            list(pool.map(partial(make_product, STAGES[stage], store), wanted))
        made += [str(recipe) for recipe in wanted]
    return made
