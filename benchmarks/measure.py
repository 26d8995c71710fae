"""Median times, the tables that show them, and the report that holds the tables."""

import platform
import re
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

REPORT = Path(__file__).parents[1] / "docs" / "benchmarks.md"


def write_part(text: str) -> None:
    """Put a part of the report, which begins with its heading, in place of the part of the same heading."""
    parts = re.split(r"^(?=# )", REPORT.read_text(encoding="utf-8"), flags=re.MULTILINE)
    kept = {part.splitlines()[0]: part.strip() + "\n" for part in parts if part.strip()}
    kept[text.splitlines()[0]] = text.strip() + "\n"
    REPORT.write_text("\n".join(kept.values()), encoding="utf-8")


def recorded_rows(heading: str) -> dict[str, list[str]]:
    """Return the rows of the table under a heading of the report, by their first cell."""
    _, _, record = REPORT.read_text(encoding="utf-8").partition(f"{heading}\n")
    lines = [line for line in record.partition("\n# ")[0].split("\n") if line.startswith("| ")][2:]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {row[0]: row for row in rows}


def processor() -> str:
    """Return the processor's name."""
    told = Path("/proc/cpuinfo")
    lines = told.read_text(encoding="utf-8").splitlines() if told.exists() else []
    named = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor()


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
