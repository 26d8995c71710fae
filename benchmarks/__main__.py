"""Measure trials and write their part of docs/benchmarks.md: `uv run python -m benchmarks`."""

import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from functools import partial

import numba
import numpy as np

from benchmarks.batched_numpy import batched_trials
from benchmarks.measure import cpu_seconds, markdown, processor, significant, write_part
from benchmarks.one_sky import pattern_problem
from benchmarks.problems import joint_problem, source_problem
from benchmarks.published_loop import published_trials
from benchmarks.threads import cores_table
from core.likelihood.model import TrialModel
from core.trials.run import run_trials
from core.trials.tail import FIVE_SIGMA, tail_sample

COLD = """
import time, resource
import numpy, numba
def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
start = cpu()
from core.trials.run import TrialModel, run_trials
from benchmarks.problems import joint_problem, source_problem
run_trials({problem}, 10_000)
print(cpu() - start)
"""


PEAK = """
import time
from pathlib import Path
def peak():  # of this process alone: what getrusage tells begins with its parent's
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024
"""
HISTOGRAM = (
    PEAK
    + """
from benchmarks.problems import joint_problem
from core.trials.histogram import trial_histogram
trial_histogram(joint_problem(256), 1_000)
before, start = peak(), time.process_time()
trial_histogram(joint_problem(256), {n_trials})
print(before, peak(), time.process_time() - start)
"""
)
STORED = """
import tempfile
import numpy as np, pyarrow as pa
from core.products.store import ProductStore
from core.products.recipe import ProductKey, Recipe
folder = tempfile.TemporaryDirectory()
store = ProductStore(folder.name)
key = ProductKey("background_trials", {{"channel": "bb", "mass": 10.0, "seed": 1}})
size = 250_000
values = np.random.default_rng(1).normal(size=size)
columns = {{name: values for name in ("n_s", "test_statistic", "n_s_signed", "test_statistic_signed")}}
for part in range({n_trials} // size):
    store.write(Recipe(key, "core.units", {{"first_trial": part * size}}, part=part), pa.table(columns))
"""
LAZY = (
    PEAK
    + STORED
    + """
before, start = peak(), time.process_time()
n_trials, total = 0, 0.0
for batch in store.scan("background_trials").to_batches(columns=["n_s_signed"]):
    n_trials, total = n_trials + batch.num_rows, total + batch.column(0).to_numpy().sum()
print(before, peak(), time.process_time() - start)
"""
)
TABLE = (
    PEAK
    + STORED
    + """
before, start = peak(), time.process_time()
store.read("background_trials")["n_s_signed"].to_numpy().sum()
print(before, peak(), time.process_time() - start)
"""
)
LOOP = """
import time
import numpy as np
from benchmarks.problems import source_problem
from benchmarks.published_loop import published_trials
start = time.process_time()
published_trials(source_problem(20, 100_000), 1, np.random.default_rng(1))
print(time.process_time() - start)
"""


def main() -> None:
    """Run every benchmark and write the report."""
    sections = [against_the_published_loop(), one_sky(), scaling(), cores(), memory(), tail(), cold_start()]
    part = introduction() + "\n".join(sections)
    write_part(part)
    print(part)


def introduction() -> str:
    """Return what was measured where and how."""
    versions = f"Python {platform.python_version()}, numpy {np.__version__}, numba {numba.__version__}"
    return (
        "# How fast trials are\n\n"
        "Made by `uv run python -m benchmarks`; medians of one run, in CPU seconds of one thread unless said. The\n"
        "published loop is our own plain writing of it (`benchmarks/published_loop.py`): events drawn one by one, an\n"
        "integer grid of n_s, one source after the other. All contestants compute the same stacked statistic of\n"
        "background trials on the same histograms.\n\n"
        f"{processor()}; {versions}; {datetime.now(UTC):%Y-%m-%d}.\n\n"
    )


def engine_rate(model: TrialModel, n_trials: int, n_repetitions: int = 7) -> float:
    """Return trials per CPU second of the engine, tables included."""
    run_trials(model, 100)
    return n_trials / cpu_seconds(lambda: run_trials(model, n_trials), n_repetitions)


def against_the_published_loop() -> str:
    """Compare the three ways to make trials."""
    rows = []
    for n_sources in (20, 30):
        for n_events, n_loop, n_numpy in ((1_000, 20, 4_000), (10_000, 5, 4_000), (100_000, 1, 4_000)):
            model = source_problem(n_sources, n_events)
            rng = np.random.default_rng(1)
            repeats = 3 if n_sources == 20 or n_events < 100_000 else 1
            loop = n_loop / cpu_seconds(partial(published_trials, model, n_loop, rng), repeats)
            batched = n_numpy / cpu_seconds(partial(batched_trials, model, n_numpy, rng), 3)
            engine = engine_rate(model, 100_000)  # as many as a pair has by default
            grid = engine_rate(source_problem(n_sources, n_events, grid=True), 50_000)
            numbers = [loop, batched, engine, grid, engine / loop, engine / batched]
            rows.append([str(n_sources), f"{n_events:,}", *(significant(number) for number in numbers)])
    header = ["sources", "events", "published loop, trials/s", "batched numpy", "engine", "engine, published grid"]
    table = markdown([*header, "engine/loop", "engine/numpy"], rows)
    return "## The published statistic\n\n" + table + "\n" + narrow_loop()


def narrow_loop() -> str:
    """Say what the loop costs without numpy's AVX-512 logarithm, in which it spends most of its time."""
    environment = os.environ | {"NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR"}
    wide, narrow = (
        float(np.median([_printed(LOOP, variables) for _ in range(3)])) for variables in (dict(os.environ), environment)
    )
    return (
        f"For 20 sources and 100,000 events the loop takes 2·10⁹ logarithms a trial, {wide:.1f} CPU s here, and\n"
        f"{narrow:.1f} where numpy is kept from its AVX-512 logarithm, as on processors without. The ratios above are\n"
        "to the loop as it runs here.\n"
    )


def _printed(code: str, environment: dict[str, str]) -> float:
    command = [sys.executable, "-W", "ignore", "-c", code]
    return float(subprocess.run(command, env=environment, capture_output=True, check=True, text=True).stdout)


def one_sky() -> str:
    """Show how fast the published statistic is where its sources share one sky."""
    rows = []
    for n_sources in (10, 20, 30):
        row = [str(n_sources)]
        for nside in (16, 32):
            model = pattern_problem(n_sources, nside)
            row += [f"{model.n_cells:,}", significant(engine_rate(model, 10_000, 3))]
        rows.append(row)
    header = ["sources", "patterns, nside 16", "trials/s", "patterns, nside 32", "trials/s"]
    return "## The published statistic on one sky, 40,902 events\n\n" + markdown(header, rows)


def scaling() -> str:
    """Show how the joint statistic scales with cells and events."""
    rows = []
    for n_cells in (64, 256, 1024):
        rates = [engine_rate(joint_problem(n_cells, n_events), 100_000) for n_events in (1_000, 40_902, 1_000_000)]
        rows.append([str(n_cells), *(significant(rate) for rate in rates)])
    header = ["cells", "1,000 events, trials/s", "40,902 events", "1,000,000 events"]
    return "## The joint statistic\n\n" + markdown(header, rows)


def cores() -> str:
    """Show what a second core gives."""
    problems = [
        ("joint, 256 cells", joint_problem(256), 2_000_000),
        ("published, 20 sources, 100,000 events", source_problem(20, 100_000), 500_000),
    ]
    return (
        "## Cores\n\n" + cores_table(problems) + "\n"
        "The ratio on the clock is that of this machine as busy as it was. Two free cores take the share of the time\n"
        "that holds the interpreter's lock and half of the rest, times the growth of CPU time with two threads.\n"
    )


def memory() -> str:
    """Show what very many trials keep in memory: counted in bins, and read lazily."""
    rows = []
    for name, code, n_trials in (
        ("trials counted in bins", HISTOGRAM, 1_000_000),
        ("trials counted in bins", HISTOGRAM, 10_000_000),
        ("rows read lazily, a mean of one column", LAZY, 10_000_000),
        ("rows read as a table", TABLE, 10_000_000),
    ):
        finished = subprocess.run(
            [sys.executable, "-c", code.format(n_trials=n_trials)], capture_output=True, check=True, text=True
        )
        before, after, seconds = map(float, finished.stdout.split())
        rows.append([name, f"{n_trials:,}", f"{before:.0f}", f"{after:.0f}", significant(seconds)])
    header = ["what", "trials", "peak before, MB", "peak after", "CPU s"]
    return "## Memory\n\n" + markdown(header, rows)


def tail() -> str:
    """Show what a p-value at 5 sigma costs."""
    rows = []
    for name, model, n_trials in (
        ("joint, 256 cells", joint_problem(256), 100_000),
        ("published, 20 sources, 100,000 events", source_problem(20, 100_000), 100_000),
    ):
        threshold = tail_sample(model, n_trials).threshold(FIVE_SIGMA).test_statistic
        seconds = cpu_seconds(partial(tail_sample, model, n_trials), 3)
        estimate = tail_sample(model, n_trials, seed=1).p_value(threshold)
        relative = f"{estimate.error / estimate.p_value:.1%}"
        rows.append([name, f"{estimate.p_value:.3g}", relative, f"{estimate.n_effective:.0f}", significant(seconds)])
    header = ["statistic", "p-value", "error", "effective trials", "CPU s"]
    return "## A p-value at 5 sigma by importance sampling\n\n" + markdown(header, rows)


def cold_start() -> str:
    """Show what a new process pays for 10,000 trials, compiled code and bytecode being on disk."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    rows = []
    for name, problem in (
        ("joint, 256 cells", "joint_problem(256)"),
        ("published, 20 sources, 100,000 events", "source_problem(20, 100_000)"),
    ):
        times = []
        for _ in range(6):
            command = [sys.executable, "-c", COLD.format(problem=problem)]
            finished = subprocess.run(command, env=environment, capture_output=True, check=True, text=True)
            times.append(float(finished.stdout))
        rows.append([name, significant(float(np.median(times[1:])))])
    header = ["statistic", "CPU s beyond `import numpy, numba`"]
    return "## A cold process: 10,000 trials\n\n" + markdown(header, rows)


if __name__ == "__main__":
    main()
