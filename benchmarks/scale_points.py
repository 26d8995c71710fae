"""The points of docs/scale.md: what one number of something costs. What tells of memory is a process of its own."""

import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from time import process_time

import numpy as np
import pyarrow as pa

from benchmarks.measure import cpu_seconds
from benchmarks.problems import joint_problem, source_problem
from core.likelihood.model import TrialModel
from core.products.recipe import ProductKey, Recipe, State
from core.products.store import ProductStore
from core.stages.event_counts import make
from core.stages.inputs import Inputs
from core.trials.histogram import trial_histogram
from core.trials.run import run_trials

Costs = Mapping[str, float]

N_TIMED = 2e7  # cells of all trials that are timed together
EVENTS_OF_PART = 30_000
TRIALS_OF_SHARD = 100
CODE = "core.units"  # any module: nothing is made by it


def in_a_process(work: Callable[[int], Costs], number: int) -> Costs:
    """Return what a process says of some work that begins with the memory of this one and then has its own."""
    with ProcessPoolExecutor(1, get_context("fork")) as pool:
        return pool.submit(work, number).result()


def peak_memory() -> float:
    """Return the most memory (MB) that this process has had; what getrusage tells begins with its parent's."""
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def trials_counted(n_trials: int) -> Costs:
    """Return what trials cost that are counted in bins."""
    return in_a_process(_count_trials, n_trials)


def _count_trials(n_trials: int) -> Costs:
    trial_histogram(joint_problem(256), 1_000)  # what is compiled is read
    start = process_time()
    trial_histogram(joint_problem(256), n_trials)
    cpu = process_time() - start
    return {"CPU s": cpu, "trials a CPU s": n_trials / cpu, "peak memory, MB": peak_memory()}


def trials_of_cells(n_cells: int) -> Costs:
    """Return what a trial of so many cells costs."""
    return _of_a_trial(joint_problem(n_cells), n_cells)


def trials_of_events(n_events: int) -> Costs:
    """Return what a trial of so many events costs."""
    return _of_a_trial(joint_problem(256, n_events), 256)


def trials_of_sources(n_sources: int) -> Costs:
    """Return what a trial of the published statistic with so many sources costs."""
    return _of_a_trial(source_problem(n_sources, 100_000), 36 * n_sources)


def _of_a_trial(model: TrialModel, n_cells: int) -> Costs:
    """Return the cost of a trial beyond the first ones of a shard, with which tables are made for all of them."""
    few, many = 50, 50 + int(N_TIMED / n_cells)
    run_trials(model, few)
    with_few, with_many = (cpu_seconds(lambda n=n: run_trials(model, n), 5) for n in (few, many))
    return {"CPU µs a trial": 1e6 * (with_many - with_few) / (many - few), "tables of a shard, CPU ms": 1e3 * with_few}


def events_read(n_events: int) -> Costs:
    """Return what it costs to count events that lie in parts."""
    return in_a_process(_count_events, n_events)


def _count_events(n_events: int) -> Costs:
    key = ProductKey("events", {"kind": "data", "season": "IC86_2011"})
    recipe = Recipe(ProductKey("event_counts"), CODE, {}, (key,))
    edges = {"reco_energy_edges": [10.0, 20.0, 50.0], "reco_cos_zenith_edges": [-1.0, 0.0, 1.0]}
    with tempfile.TemporaryDirectory() as folder:
        store, random = ProductStore(folder), np.random.default_rng(1)
        for part in range(n_events // EVENTS_OF_PART):
            store.write(Recipe(key, CODE, {}, part=part), _events(random, part))
        start = process_time()
        make(Inputs(store, recipe), edges)
        return {"CPU s": process_time() - start, "peak memory, MB": peak_memory()}


def _events(random: np.random.Generator, run: int) -> pa.Table:
    """Return the events of a part, each told from all others by run and number."""
    size = EVENTS_OF_PART
    return pa.table(
        {
            "season": ["IC86_2011"] * size,
            "run": np.full(size, run),
            "event": np.arange(size),
            "sub_event": np.zeros(size, dtype=np.int64),
            "reco_energy": random.uniform(10.0, 50.0, size),
            "reco_dec": random.uniform(-1.5, 1.5, size),
            "event_class": ["track"] * size,
        }
    )


def products_kept(n_products: int) -> Costs:
    """Return what it costs to write so many small products, and to look at them first and again."""
    key = ProductKey("background_trials", {"channel": "bb", "mass": 10.0, "seed": 1})
    values = np.random.default_rng(1).normal(size=TRIALS_OF_SHARD)
    shard = pa.table(dict.fromkeys(("n_s", "test_statistic", "n_s_signed", "test_statistic_signed"), values))
    recipes = [Recipe(key, CODE, {"first_trial": TRIALS_OF_SHARD * part}, part=part) for part in range(n_products)]
    with tempfile.TemporaryDirectory() as folder:
        store = ProductStore(folder)

        def write() -> None:
            for recipe in recipes:
                store.write(recipe, shard)

        def look() -> None:  # as a process does that comes anew
            anew = ProductStore(folder)
            if any(anew.explain_recipe(recipe).state is not State.FRESH for recipe in recipes):
                raise AssertionError("a product that was just written is not fresh")
            anew.memory.save()

        store.write(recipes[0], shard)  # what is compiled or imported is read
        names = ("written, CPU s", "looked at first, CPU s", "looked at again, CPU s")
        works = ((write, 1), (look, 1), (look, 5))
        return {name: cpu_seconds(*work) for name, work in zip(names, works, strict=True)}
