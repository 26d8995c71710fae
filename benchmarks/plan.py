"""What `dwarfnu plan` predicts beside what a run takes: `uv run python -m benchmarks.plan CONFIG.toml`.

Runs the analysis into an empty folder, with two tasks at a time, and prints CPU time of all processes, the memory of
the largest and the size of all products, as predicted and as measured. `docs/plan.md` holds such results.
"""

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import markdown, significant
from core.configuration.config import read_config
from core.products.store import ProductStore
from core.stages.plan import plan_of

N_WORKERS = 2
KIBIBYTE = 1024  # the unit of ru_maxrss on Linux


def main(arguments: list[str]) -> None:
    """Predict, run, and print both."""
    config_file = Path(arguments[0])
    with tempfile.TemporaryDirectory() as folder:
        config = read_config(config_file, products=folder)
        plan = plan_of(config, ProductStore(folder, config.analysis))
        predicted = plan.cost(N_WORKERS)
        cpu = cpu_of_run(config_file, Path(folder))
        size = sum(path.stat().st_size for path in Path(folder, config.analysis).rglob("*") if path.is_file())
    rows = [
        ["CPU time (s)", significant(predicted.cpu), significant(cpu), f"{predicted.cpu / cpu:.2f}"],
        [
            "memory of the largest process (MB)",
            significant(predicted.memory / 1e6),
            significant(peak_memory() / 1e6),
            f"{predicted.memory / peak_memory():.2f}",
        ],
        ["disk (MB)", significant(predicted.disk / 1e6), significant(size / 1e6), f"{predicted.disk / size:.2f}"],
    ]
    print(f"{plan.n_tasks} tasks expected\n")
    print(markdown([config_file.stem, "predicted", "measured", "ratio"], rows))


def peak_memory() -> float:
    """Return the most memory (bytes) that any process of the run has taken."""
    return float(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) * KIBIBYTE


def cpu_of_run(config_file: Path, products: Path) -> float:
    """Return the CPU time (s) of a run and of all processes that it starts."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "flows.cli", "run", str(config_file), "--products", str(products)]
    environment = os.environ | {"HOME": str(products), "PREFECT_HOME": str(products / "prefect")}
    subprocess.run([*command, "--workers", str(N_WORKERS)], env=environment, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main(sys.argv[1:])
