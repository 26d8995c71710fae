"""How long the main jobs take: `uv run python -m benchmarks.runs`, in folders that are empty before.

The default run from nothing with its summary figures, the same again, the figures of every pair, and the published
pairs of the drawn sample with its events. A run of one pair goes before, so that the code is compiled.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from benchmarks.measure import markdown, processor, significant, write_part

ONE_PAIR = "[pairs]\ntautau = [20]\n"
DRAWN = 'sample = "simulated-7y"\n'
TIME_SPENT = "where the time went"  # what `-v` prints above its table of stages
LEAST_SECONDS = 1.0  # of CPU time that a stage has spent to have a row of its own


class Job(NamedTuple):
    """A command of an analysis, what it is called, and the goal: of seconds on the clock, or of CPU time."""

    name: str
    words: Sequence[str]
    text: str
    goal: str


class Taken(NamedTuple):
    """Seconds on the clock, and of CPU time of all processes; what the command printed."""

    clock: float
    cpu: float
    said: str


DEFAULT = Job("`dwarfnu run` from nothing, summary figures included", ("run", "-v"), "", "60 s on the clock")
JOBS = (
    DEFAULT,
    Job("the same again, all fresh", ("run",), "", "2.5 s of CPU time"),
    Job("`dwarfnu figures`: those of every pair", ("figures",), "", "15 s on the clock"),
    Job("`dwarfnu run` of `simulated-7y`, events drawn", ("run",), DRAWN, "75 s on the clock"),
)


def main() -> None:
    """Measure and write the report's part."""
    with tempfile.TemporaryDirectory() as folder:
        taken_by(Job("", ("run",), ONE_PAIR, ""), Path(folder, "before"))
        taken = [taken_by(job, Path(folder, f"sample-{len(job.text)}")) for job in JOBS]
    rows = [
        [job.name, significant(one.clock), significant(one.cpu), job.goal] for job, one in zip(JOBS, taken, strict=True)
    ]
    part = (
        "# How long the main jobs take\n\n"
        "Made by `uv run python -m benchmarks.runs`: whole commands, one after the other, with imports and Prefect's\n"
        "server; code was compiled before.\n"
        f"The machine's load was {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores.\n\n"
        f"{processor()}; {datetime.now(UTC):%Y-%m-%d}.\n\n"
        + markdown(["command", "s on the clock", "CPU s, all processes", "goal"], rows)
        + f"\nWhere the first run's time goes, stages of {LEAST_SECONDS:g} CPU s and more:\n\n"
        + markdown(["stage", "products", "CPU s of its tasks", "s on the clock"], stage_rows(taken[0].said))
    )
    write_part(part)
    print(part)


def taken_by(job: Job, folder: Path) -> Taken:
    """Run a command of an analysis whose products lie in a folder; SystemExit with what it said if it fails."""
    folder.mkdir(exist_ok=True)
    file = folder / "analysis.toml"
    file.write_text(f'products = "{folder}/products"\n{job.text}', encoding="utf-8")
    environment = os.environ | {"HOME": str(folder), "COLUMNS": "120"}
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-m", "flows.cli", *job.words, str(file)]
    finished = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    clock, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if finished.returncode:
        raise SystemExit(f"{' '.join(command)}: exit code {finished.returncode}\n{finished.stderr}")
    return Taken(clock, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, finished.stdout)


def stage_rows(said: str) -> list[list[str]]:
    """Return of each stage that takes long what `-v` says: its name, products, CPU time of its tasks, and the clock."""
    _, _, table = said.partition(TIME_SPENT)
    lines = [line.strip("│ ").split("│") for line in table.splitlines() if line.startswith("│")]
    rows = [[cell.strip() for cell in line] for line in lines]
    return [[stage, n, cpu, clock] for stage, n, cpu, _, clock in rows if float(cpu) >= LEAST_SECONDS]


if __name__ == "__main__":
    main()
