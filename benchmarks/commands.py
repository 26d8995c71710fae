"""What commands cost that make nothing: `uv run python -m benchmarks.commands CONFIG.toml`, of an analysis that stands.

CPU time of the command with all its children, the median of some repetitions; the first of each is left out, which
reads what was never read before.
"""

import os
import resource
import statistics
import subprocess
import sys
from datetime import UTC, datetime

from benchmarks.measure import markdown, processor, significant, write_part

N_REPETITIONS = 3
DWARFNU = ("-m", "flows.cli")
# What is measured, and the CPU time (s) that it may take.
COMMANDS = (
    ("`import flows.analysis`", ("-c", "import flows.analysis"), False, 2.5),
    ("`dwarfnu --help`", (*DWARFNU, "--help"), False, 0.3),
    ("`dwarfnu status`", (*DWARFNU, "status"), True, 2.5),
    ("`dwarfnu limits`", (*DWARFNU, "limits"), True, 2.5),
    ("`dwarfnu run`, all fresh", (*DWARFNU, "run"), True, 2.5),
)


def main(arguments: list[str]) -> None:
    """Measure each command on an analysis whose products all stand, and write the report's part."""
    rows = []
    for name, command, is_of_analysis, goal in COMMANDS:
        times = [cpu_of([*command, *(arguments if is_of_analysis else [])]) for _ in range(N_REPETITIONS + 1)]
        rows.append([name, significant(statistics.median(times[1:])), f"{goal:g}"])
    part = (
        "# How long commands take that make nothing\n\n"
        "Made by `uv run python -m benchmarks.commands CONFIG.toml` on the default analysis, all of whose products\n"
        "stand: imports, and looks at which of them are fresh. Medians of CPU seconds of whole processes.\n"
        f"The machine's load was {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores.\n\n"
        f"{processor()}; {datetime.now(UTC):%Y-%m-%d}.\n\n" + markdown(["command", "CPU s", "goal"], rows)
    )
    write_part(part)
    print(part)


def cpu_of(arguments: list[str]) -> float:
    """Return the CPU time (s) of a command of this interpreter and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main(sys.argv[1:])
