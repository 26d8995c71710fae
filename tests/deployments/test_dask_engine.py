"""Workers of Dask: a scheduler of others that dies, and jobs of a real SLURM, some of which are cancelled."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import wait
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import psutil
import pytest

from core.products.recipe import State
from deployments.engines import engine_of
from deployments.profile import Profile
from tasks.elsewhere import EngineError
from tests.deployments.conftest import Slurm
from tests.deployments.trials import PATIENCE, Trials, asked
from tests.made_analysis import made_analysis

pytestmark = pytest.mark.slow

N_JOB_SHARDS = 200  # that jobs make: of a few hundredths of a second, so that what is between them shows


@contextmanager
def dask_of_others(folder: Path) -> Iterator[tuple[str, psutil.Process]]:
    """A scheduler and two workers as processes of their own: the address, and the scheduler."""
    file = folder / "scheduler.json"
    own = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file)]
    at_work = ["--scheduler-file", str(file), "--nthreads", "1", "--nworkers", "2", "--no-dashboard", "--death-timeout"]
    commands = [["dask_scheduler", *own], ["dask_worker", *at_work, "60"]]
    started = []
    try:
        for name, *options in commands:
            words = [sys.executable, "-m", f"distributed.cli.{name}", *options]
            with (folder / f"{name}.log").open("wb") as log:
                started.append(subprocess.Popen(words, stdout=log, stderr=log))
        begin = monotonic()
        while not file.exists():
            assert monotonic() - begin < PATIENCE
            sleep(0.1)
        yield json.loads(file.read_text())["address"], psutil.Process(started[0].pid)
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait(timeout=60)


def test_a_killed_scheduler_is_said_and_what_stood_is_not_made_again(
    trials: Trials, digest: str, tmp_path: Path
) -> None:
    with dask_of_others(tmp_path) as (address, scheduler):
        profile = Profile(engine="dask", workers=2, address=address)
        with engine_of(profile) as engine:
            assert engine is not None
            with asked(engine, profile, trials) as futures:
                trials.wait_for(3)
                scheduler.kill()
                wait(futures, timeout=PATIENCE)
            errors = [future.exception() for future in futures]
    told = [error for error in errors if error is not None]
    assert told
    assert all(isinstance(error, EngineError) and "scheduler is gone" in str(error) for error in told)
    assert set(trials.states) == {State.FRESH, State.MISSING}
    assert all(state is State.FRESH for state, error in zip(trials.states, errors, strict=True) if error is None)
    stood = trials.standing
    made_analysis(trials.config, ["background_trials"])
    assert {part: trials.standing[part] for part in stood} == stood
    assert trials.digest == digest


@pytest.mark.timeout(1800)
def test_jobs_of_slurm_make_the_same_trials_though_some_are_cancelled(
    slurm: Slurm, densities: Path, digest: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trials = Trials(Path(shutil.copytree(densities, tmp_path / "products")), N_JOB_SHARDS)
    monkeypatch.setenv("SLURM_CONF", slurm.environment["SLURM_CONF"])
    profile = Profile(engine="jobs", workers=2, memory_mb=700, interface="lo", log_folder=str(tmp_path / "logs"))
    with engine_of(profile) as engine:
        assert engine is not None
        with asked(engine, profile, trials) as futures:
            stood = trials.wait_for(3)
            slurm.ask("scancel", slurm.ask("squeue", "--noheader", "--format=%i").split()[0])
            wait(futures, timeout=PATIENCE)
        assert [future.exception() for future in futures] == [None] * N_JOB_SHARDS
    assert {part: trials.standing[part] for part in stood} == stood
    assert trials.digest == digest
    slurm.wait()
    assert not list((tmp_path / "logs").rglob("tls_*")), "keys of a run that is no more"
