"""What a second core gives, told two ways: on the clock, and by what CPU times say whatever else the machine does.

Compiled code runs without the interpreter's lock. Two free cores then take the time of the share that holds the lock
and half of the rest; that share is the CPU time of a thread outside compiled code. Two threads that got into each
other's way (memory, caches) would cost more CPU time per trial than one, which is measured too.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any
from unittest.mock import patch

from benchmarks.measure import cpu_seconds, markdown, significant, wall_seconds
from core.likelihood.model import TrialModel
from core.trials.run import run_trials

COMPILED = (
    "core.random.draws.draw_cascade",
    "core.likelihood.series._fit_by_series",
    "core.likelihood.fit._fit_blocks",
    "core.random.alias_tables._fill_tables",
)


def cores_table(problems: list[tuple[str, TrialModel, int]]) -> str:
    """Return a table with a row a problem: name, model, number of trials."""
    rows = []
    for name, model, n_trials in problems:
        one, two = (partial(run_trials, model, n_trials, n_threads=n_threads) for n_threads in (1, 2))
        clock = [wall_seconds(work, 5) for work in (one, two)]
        cpu = [cpu_seconds(work, 5) for work in (one, two)]
        locked = locked_share(one)
        growth = cpu[1] / cpu[0]
        rates = [significant(n_trials / seconds) for seconds in clock]
        free = 1.0 / (growth * (locked + 0.5 * (1.0 - locked)))
        rows.append(
            [name, *rates, f"{clock[0] / clock[1]:.2f}", f"{growth:.2f}", f"{100.0 * locked:.1f} %", f"{free:.2f}"]
        )
    header = ["statistic", "one thread, trials/s on the clock (best of 5)", "two threads", "ratio"]
    return markdown([*header, "CPU time of two over one", "with the lock", "ratio on two free cores"], rows)


def locked_share(work: Callable[[], object]) -> float:
    """Return the share of the CPU time of some work of one thread that is spent outside compiled code.

    At most so much holds the lock: numpy lets go of it too in what it does with long arrays.
    """
    work()
    with ExitStack() as stack:
        spent = [stack.enter_context(_timed(name)) for name in COMPILED]
        start = time.thread_time()
        work()
        total = time.thread_time() - start
    return 1.0 - sum(sum(seconds) for seconds in spent) / total


@contextmanager
def _timed(name: str) -> Iterator[list[float]]:
    module, _, function = name.rpartition(".")
    compiled = getattr(__import__(module, fromlist=[function]), function)
    seconds: list[float] = []

    def call(*arguments: Any) -> Any:
        start = time.thread_time()
        result = compiled(*arguments)
        seconds.append(time.thread_time() - start)
        return result

    with patch(name, call):
        yield seconds
