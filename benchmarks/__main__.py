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
from benchmarks.measure import cpu_seconds, markdown, processor, significant, wall_seconds, write_part
from benchmarks.problems import joint_problem, source_problem
from benchmarks.published_loop import published_trials
from core.tail import FIVE_SIGMA, tail_sample
from core.trials import TrialModel, run_trials

COLD = """
import time, resource
import numpy, numba
def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
start = cpu()
from core.trials import TrialModel, run_trials
from benchmarks.problems import joint_problem, source_problem
run_trials({problem}, 10_000)
print(cpu() - start)
"""


def main() -> None:
    """Run every benchmark and write the report."""
    sections = [against_the_published_loop(), scaling(), cores(), tail(), cold_start()]
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
            engine = engine_rate(model, 50_000)
            grid = engine_rate(source_problem(n_sources, n_events, grid=True), 50_000)
            numbers = [loop, batched, engine, grid, engine / loop, engine / batched]
            rows.append([str(n_sources), f"{n_events:,}", *(significant(number) for number in numbers)])
    header = ["sources", "events", "published loop, trials/s", "batched numpy", "engine", "engine, published grid"]
    return "## The published statistic\n\n" + markdown([*header, "engine/loop", "engine/numpy"], rows)


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
    rows = []
    for name, model, n_trials in (
        ("joint, 256 cells", joint_problem(256), 500_000),
        ("published, 20 sources, 100,000 events", source_problem(20, 100_000), 100_000),
    ):
        times = [wall_seconds(partial(run_trials, model, n_trials, n_threads=n_threads), 9) for n_threads in (1, 2)]
        rows.append([name, *(significant(n_trials / t) for t in times), f"{times[0] / times[1]:.2f}"])
    header = ["statistic", "one thread, trials/s on the clock (best of 9)", "two threads", "ratio"]
    return "## Cores\n\n" + markdown(header, rows)


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
