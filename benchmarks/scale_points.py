"""The points of docs/scale.md: what one number of something costs, each in a process of its own."""

import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from benchmarks.measure import cpu_seconds
from benchmarks.problems import joint_problem, source_problem
from core.likelihood.model import TrialModel
from core.trials.run import run_trials

N_TIMED = 4e6  # cells of all trials that are timed together

PEAK = """
import time
from pathlib import Path
def peak():  # of this process alone: what getrusage tells begins with its parent's
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024
"""
COUNTED = (
    PEAK
    + """
from benchmarks.problems import joint_problem
from core.trials.histogram import trial_histogram
trial_histogram(joint_problem(256), 1_000)
start = time.process_time()
trial_histogram(joint_problem(256), {n})
print(time.process_time() - start, peak())
"""
)
READ = (
    PEAK
    + """
import tempfile
import numpy as np, pyarrow as pa
from core.products.recipe import ProductKey, Recipe
from core.products.store import ProductStore
from core.stages.event_counts import make
from core.stages.inputs import Inputs
SIZE = 100_000
folder = tempfile.TemporaryDirectory()
store, key = ProductStore(folder.name), ProductKey("events", {{"kind": "data", "season": "IC86_2011"}})
random = np.random.default_rng(1)
for part in range({n} // SIZE):
    store.write(Recipe(key, "core.units", {{}}, part=part), pa.table({{
        "reco_energy": random.uniform(10.0, 50.0, SIZE), "reco_dec": random.uniform(-1.5, 1.5, SIZE),
        "event_class": pa.array(["track"] * SIZE), "season": pa.array(["IC86_2011"] * SIZE),
        "run": np.full(SIZE, 1 + part), "event": np.arange(SIZE), "sub_event": np.zeros(SIZE, dtype=np.int64),
    }}))
recipe = Recipe(ProductKey("event_counts"), "core.stages.event_counts:make", {{}}, (key,))
edges = {{"reco_energy_edges": [10.0, 20.0, 50.0], "reco_cos_zenith_edges": [-1.0, 0.0, 1.0]}}
start = time.process_time()
counted = make(Inputs(store, recipe), edges)["n_events"].to_numpy().sum()
print(time.process_time() - start, peak())
assert counted > 0.99 * {n}, counted
"""
)
ONE_PAIR = """
products = "products"
[pairs]
tautau = [20]
[trials]
n_background = {n_background}
n_signal = 100
shard_size = 100
injected_over_uncertainty = [1.0]
"""


def printed(code: str) -> list[float]:
    """Return the numbers that a process of this interpreter prints."""
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return [float(word) for word in finished.stdout.split()]


def trials_counted(n_trials: int) -> Mapping[str, float]:
    """Return what trials cost that are counted in bins."""
    cpu, peak = printed(COUNTED.format(n=n_trials))
    return {"CPU s": cpu, "trials a CPU s": n_trials / cpu, "peak memory, MB": peak}


def trials_of_cells(n_cells: int) -> Mapping[str, float]:
    """Return what a trial of so many cells costs."""
    return _of_a_trial(joint_problem(n_cells), n_cells)


def trials_of_events(n_events: int) -> Mapping[str, float]:
    """Return what a trial of so many events costs."""
    return _of_a_trial(joint_problem(256, n_events), 256)


def trials_of_sources(n_sources: int) -> Mapping[str, float]:
    """Return what a trial of the published statistic with so many sources costs."""
    return _of_a_trial(source_problem(n_sources, 100_000), 36 * n_sources)


def _of_a_trial(model: TrialModel, n_cells: int) -> Mapping[str, float]:
    n_trials = max(100, int(N_TIMED / n_cells))
    run_trials(model, 100)
    return {"CPU µs a trial": 1e6 * cpu_seconds(lambda: run_trials(model, n_trials), 5) / n_trials}


def events_read(n_events: int) -> Mapping[str, float]:
    """Return what it costs to count events that lie in parts of 100,000."""
    cpu, peak = printed(READ.format(n=n_events))
    return {"CPU s": cpu, "peak memory, MB": peak}


def products_made(n_products: int) -> Mapping[str, float]:
    """Return what it costs to make so many shards of trials through Prefect, and to look at them."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        text = ONE_PAIR.format(n_background=100 * n_products)
        (home / "analysis.toml").write_text(text, encoding="utf-8")
        made = _cpu_of(home, "trials")
        verified, looked = (_cpu_of(home, "status", *options) for options in (("--verify",), ()))
        job = _cpu_of(home, "trials", "--parts", "0-9")
    return {
        "made, CPU s": made,
        "`status --verify`, CPU s": verified,
        "`status`, CPU s": looked,
        "a job with nothing to do, CPU s": job,
    }


def _cpu_of(home: Path, command: str, *options: str) -> float:
    """Return the CPU time (s) of a command in a home of its own, with Prefect's server."""
    environment = os.environ | {"PREFECT_HOME": str(home / "prefect"), "PYTHONPATH": str(Path.cwd())}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    arguments = [sys.executable, "-m", "flows.cli", command, "analysis.toml", *options]
    subprocess.run(arguments, cwd=home, env=environment, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
