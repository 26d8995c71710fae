"""What SIGKILL leaves of runs: `uv run python -m benchmarks.kills 300`, on one pair whose trials have many shards.

A run of `dwarfnu trials` is killed once its processes have used a CPU time drawn at random, from before Prefect is
imported to the midst of the shards, and the next run goes on from what it left, again and again; where a run ends by
itself, the next one begins with another seed. Counted are files torn, products lost or made twice, and processes left.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep

import numpy as np
import psutil

from benchmarks.measure import markdown, processor, write_part
from core.configuration.config import read_config
from core.errors import ProductError
from core.products.files import read_verified_metadata
from core.products.recipe import ProductKey
from core.products.store import ProductStore
from core.stages.plan import trial_stages
from core.stages.registry import STAGES, recipes
from core.stages.stage import make_product
from tests.runs import sharded_trials

LONGEST = 2.0  # CPU times of a start, within which a run is killed
LOOK = 0.05  # s between two looks at how much they have used
PATIENCE = 30.0  # s for processes to end after the one that they belong to
SHARD_SIZE = 20_000
N_SHARDS = 60
Standing = Mapping[Path, tuple[int, int]]


@dataclass
class Found:
    """What was found after kills: how many, and of what went wrong; `n_made`: products that killed runs have made.

    `n_failed`: of the runs that ended before they were killed, those that did not end well.
    """

    n_kills: int = 0
    n_ended: int = 0
    n_failed: int = 0
    n_made: int = 0
    n_torn: int = 0
    n_lost: int = 0
    n_made_twice: int = 0
    n_processes_left: int = 0

    @property
    def is_wrong(self) -> bool:
        """Whether anything is other than a kill should leave it."""
        return any((self.n_failed, self.n_torn, self.n_lost, self.n_made_twice, self.n_processes_left))

    def note(self, before: Standing, after: Standing) -> None:
        """Add how products stand before and after a run that was killed."""
        self.n_made += len(after.keys() - before.keys())
        self.n_torn += sum(not is_whole(path) for path in after if after[path] != before.get(path))
        self.n_lost += len(before.keys() - after.keys())
        self.n_made_twice += sum(after[path] != before[path] for path in before.keys() & after.keys())


def main(arguments: Sequence[str]) -> int:
    """Kill, count, write the report's part where asked; exit code 1 if anything went wrong."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kills", description=__doc__)
    parser.add_argument("n_kills", type=int)
    parser.add_argument("--seed", type=int, default=1, help="of the moments at which runs are killed")
    parser.add_argument("--minutes", type=float, default=np.inf, help="after which no more run is killed")
    parser.add_argument("--record", action="store_true", help="write the part of docs/benchmarks.md")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        found, is_same = campaign(Path(folder), given.n_kills, given.seed, given.minutes)
    told = report(found, is_same, given.seed)
    if given.record:
        write_part(told)
    sys.stdout.write(told)
    return int(not is_same or found.is_wrong)


def campaign(
    folder: Path, n_kills: int, seed: int, minutes: float = np.inf, n_shards: int = N_SHARDS
) -> tuple[Found, bool]:
    """Kill runs in a folder; return what was found, and whether a last run makes the trials of one never killed.

    The densities and two shards stand before the first run is killed, so that half are killed among the shards.
    """
    file = folder / "analysis.toml"
    file.write_text(sharded_trials(SHARD_SIZE * n_shards, 1000, SHARD_SIZE), encoding="utf-8")
    (folder / "tmp").mkdir()
    found, run_seed, begin = Found(), 1, monotonic()
    moments = np.random.default_rng(seed).uniform(0.0, LONGEST * cpu_of_a_start(file, folder, run_seed), n_kills)
    for n_done, moment in enumerate(moments, 1):
        if monotonic() - begin > 60.0 * minutes:
            break
        before = standing(folder)
        if killed(command(file, run_seed), folder, moment, found):
            found.n_kills += 1
        else:
            found.n_ended, run_seed = found.n_ended + 1, run_seed + 1
        found.note(before, standing(folder))
        sys.stderr.write(f"{n_done} of {n_kills}: {found}\n")
    found.n_failed += bool(subprocess.run(command(file, run_seed), env=environment(folder), check=False).returncode)
    digests = {trials_digest(store) for store in (ProductStore(folder / "products"), made_here(file, run_seed))}
    left = [*(folder / "products").rglob("*.tmp"), *(folder / "tmp").glob("dwarfnu-prefect-*")]
    return found, len(digests) == 1 and not left


def cpu_of_a_start(file: Path, folder: Path, seed: int) -> float:
    """Return the CPU time (s) of a run that makes one shard, all it needs standing: nearly all is its start."""
    subprocess.run([*command(file, seed), "--parts", "0"], env=environment(folder), check=True)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([*command(file, seed), "--parts", "1"], env=environment(folder), check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def command(file: Path, seed: int) -> list[str]:
    """Return the command of a run."""
    options = ["--products", str(file.parent / "products"), "--seed", str(seed)]
    return [sys.executable, "-m", "flows.cli", "trials", str(file), *options]


def made_here(file: Path, seed: int) -> ProductStore:
    """Return the store of an analysis whose trials this process makes, and nobody kills."""
    config = read_config(file, products=str(file.parent / "never-killed"), seed=seed)
    store = ProductStore(config.product_root, config.analysis)
    for stage in trial_stages(config):
        for recipe in recipes(config, store, stage):
            make_product(STAGES[stage], store, recipe)
    return store


def environment(folder: Path) -> dict[str, str]:
    """Return the environment of a run that finds nothing of the user's and leaves nothing elsewhere."""
    ours = {"HOME": str(folder), "TMPDIR": str(folder / "tmp"), "PYTHONPATH": str(Path(__file__).parents[1])}
    return {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")} | ours


def killed(words: list[str], folder: Path, cpu: float, found: Found) -> bool:
    """Kill a run once its processes have used so much CPU time (s); return whether it lived so long."""
    with subprocess.Popen(words, env=environment(folder), cwd=folder, stdout=subprocess.DEVNULL) as run:
        process = psutil.Process(run.pid)
        while run.poll() is None and cpu_of(process) < cpu:
            sleep(LOOK)
        lived = run.poll() is None
        others = process.children(recursive=True) if lived else []
        run.kill()
    found.n_failed += not lived and run.returncode != 0
    _, alive = psutil.wait_procs(others, timeout=PATIENCE)
    found.n_processes_left += len(alive)
    return lived


def cpu_of(process: psutil.Process) -> float:
    """Return the CPU time (s) that a process and those that it has started have used."""
    total = 0.0
    try:
        for one in (process, *process.children(recursive=True)):
            times = one.cpu_times()
            total += times.user + times.system
    except psutil.NoSuchProcess:  # it has ended meanwhile
        return total
    return total


def standing(folder: Path) -> Standing:
    """Return the products that stand, each with what a file that is written anew changes."""
    files = {path: path.stat() for path in (folder / "products").rglob("part-*.parquet") if path.name[0] != "."}
    return {path: (status.st_ino, status.st_mtime_ns) for path, status in files.items()}


def is_whole(path: Path) -> bool:
    """Return whether a product's data are those that it says it has."""
    try:
        read_verified_metadata(path)  # type: ignore[arg-type]
    except ProductError:
        return False
    return True


def trials_digest(store: ProductStore) -> str:
    """Return the digest of the background trials of the last of the seeds."""
    keys = max(store.keys("background_trials"), key=lambda keys: int(keys["seed"]))
    return store.digest(ProductKey("background_trials", keys))


def report(found: Found, is_same: bool, seed: int) -> str:
    """Return the part of the report."""
    rows = [
        ["runs killed", str(found.n_kills)],
        ["runs that ended before their moment", str(found.n_ended)],
        ["runs that failed", str(found.n_failed)],
        ["products that they made", str(found.n_made)],
        ["products torn", str(found.n_torn)],
        ["products lost", str(found.n_lost)],
        ["products made twice", str(found.n_made_twice)],
        ["processes left", str(found.n_processes_left)],
        ["the last seed's trials as one process makes them, no temporary file left", "yes" if is_same else "no"],
    ]
    return (
        "# What a killed run leaves\n\n"
        f"Made by `uv run python -m benchmarks.kills {found.n_kills + found.n_ended} --seed {seed}`: SIGKILL to "
        f"`dwarfnu trials` of one pair\nwith {N_SHARDS} shards, once its processes have used a CPU time drawn "
        f"between 0 and {LONGEST:g} times that of\na start.\n\n"
        f"{processor()}; {datetime.now(UTC):%Y-%m-%d}.\n\n" + markdown(["what", "how many"], rows)
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
