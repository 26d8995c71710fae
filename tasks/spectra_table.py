"""The task that generates one shard of the table of spectra that the package ships."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from prefect import task
from prefect.cache_policies import NO_CACHE

from core.spectra.production import Shard, make_shard


@task(
    name="spectra shard",
    task_run_name="{shard.channel} {shard.mass:g} GeV, seed {shard.seed}",
    cache_policy=NO_CACHE,
    persist_result=False,
)
def make_spectra_shard(folder: Path, shard: Shard, n_events: int) -> str:
    """Generate one shard into a folder, unless it is there, and return its file's name.

    In a process of its own: the generator holds the interpreter's lock, so threads would wait for each other.
    """
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as process:
        return process.submit(make_shard, folder, shard, n_events).result().name
