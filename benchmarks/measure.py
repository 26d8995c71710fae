"""Median times, and the tables that show them."""

import statistics
import time
from collections.abc import Callable, Sequence


def cpu_seconds(work: Callable[[], object], n_repetitions: int) -> float:
    """Return the median CPU time of some work: other processes on the machine do not count."""
    times = []
    for _ in range(n_repetitions):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return statistics.median(times)


def wall_seconds(work: Callable[[], object], n_repetitions: int) -> float:
    """Return the least time on the clock: what else runs on the machine can only add."""
    times = []
    for _ in range(n_repetitions):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def significant(number: float, digits: int = 3) -> str:
    """Return a number with so many digits, thousands apart."""
    rounded = float(f"{number:.{digits}g}")
    return f"{rounded:,.0f}" if abs(rounded) >= 100 else f"{rounded:.{digits}g}"
