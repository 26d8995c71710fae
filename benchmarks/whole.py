"""How long all trials of an analysis take through the flow: `uv run python -m benchmarks.whole`.

100,000 background trials and 1,000 signal trials of each of 49 numbers of injected events, for the 44 published pairs
as far as the public sample serves them; then twice the background trials, of which the first half is not made again.
"""

import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from benchmarks.measure import markdown, processor, significant, write_part

N_NUMBERS = 49
CONFIG = """
products = "products"
{pairs}
[trials]
n_background = {n_background}
n_signal = 1_000
shard_size = 100_000
injected_over_uncertainty = {factors}
"""
FACTORS = [round(5.0 * (step + 1) / N_NUMBERS, 4) for step in range(N_NUMBERS)]


class Run(NamedTuple):
    """One run of the command: seconds of CPU (all processes) and on the clock, and what it said of each stage."""

    cpu: float
    wall: float
    said: dict[str, str]


def main(arguments: list[str]) -> None:
    """Measure and write the report's part; with a name of a channel of it alone, nothing is written."""
    pairs = f"[pairs]\n{arguments[0]} = [10, 20, 50]" if arguments else ""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        runs = [run(home, pairs, n_background) for n_background in (100_000, 200_000)]
    rows = [
        [
            name,
            said.said["background_trials"],
            said.said["signal_trials"],
            significant(said.cpu),
            significant(said.wall),
        ]
        for name, said in zip(("100,000 background trials", "200,000"), runs, strict=True)
    ]
    header = ["run", "background products", "signal products", "CPU s, all processes", "s on the clock"]
    part = (
        "# How long all trials take\n\n"
        "Made by `uv run python -m benchmarks.whole`: `dwarfnu trials` for the published pairs that the public sample\n"
        f"serves, inputs and densities included, with 1,000 signal trials of each of {N_NUMBERS} numbers of injected\n"
        "events; then again with twice the background trials. Short products of a stage share a task of about a\n"
        "second; products of which nobody has measured how long they take, and parts, have one each.\n"
        f"The machine's load was {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores.\n\n"
        f"{processor()}; {datetime.now(UTC):%Y-%m-%d}.\n\n" + markdown(header, rows)
    )
    if not arguments:
        write_part(part)
    print(part)


def run(home: Path, pairs: str, n_background: int) -> Run:
    """Run `dwarfnu trials` in an empty home."""
    config = home / "analysis.toml"
    config.write_text(CONFIG.format(pairs="", n_background=n_background, factors=FACTORS) + pairs, encoding="utf-8")
    environment = os.environ | {"HOME": str(home), "PREFECT_HOME": str(home / "prefect")}
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-m", "flows.cli", "trials", str(config)]
    finished = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    said = dict(re.findall(r"^(\w+): (\d+ [a-z][^\n]*)$", finished.stdout, flags=re.MULTILINE))
    return Run(cpu, time.perf_counter() - start, said)


if __name__ == "__main__":
    main(sys.argv[1:])
