"""`dwarfnu submit`: what it refuses, and jobs of a real SLURM on this machine, some of which die."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import pytest

from core.products.store import ProductStore
from tests.runs import clean_environment, command, dwarfnu, written_config

TRIALS = "[pairs]\ntautau = [20]\n[trials]\nn_background = 20000\nn_signal = 100\nshard_size = 100\n"
PROFILE = "walltime = '0:20:00'\nmemory_mb = 500\nshards_per_job = 40\n"
KEYS = {"channel": "tautau", "mass": 20.0, "seed": 1}
PATIENCE = 1200.0  # s, for jobs on a busy machine
SLURM = """
ClusterName=dwarfnu
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=2
MpiDefault=none
SlurmctldPort={controller}
SlurmdPort={daemon}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory=2000
PartitionName=all Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("walltime = 'soon'\n", "walltime = 'soon'"),
        ("nodes = 3\n", "known here are scheduler, queue, walltime"),
        ("walltime", "is not a TOML file"),
    ],
)
def test_a_profile_that_cannot_be_meant_is_refused(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "cluster.toml").write_text(text, encoding="utf-8")
    words = ("--profile", tmp_path / "cluster.toml", "--into", tmp_path / "jobs", "--products", tmp_path / "products")
    refused = dwarfnu(tmp_path, "submit", *words)
    assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (2, "", 1)
    assert said in refused.stderr
    assert not (tmp_path / "jobs").exists()


class Slurm:
    """A batch system of one node."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment

    def ask(self, *words: str | Path) -> str:
        done = subprocess.run(words, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{words}: {done.stderr}"
        return done.stdout

    def wait(self) -> None:
        """Until no job is left."""
        begin = monotonic()
        while jobs := self.ask("squeue", "--noheader"):
            assert monotonic() - begin < PATIENCE, jobs
            sleep(1.0)


def free_ports() -> tuple[int, int]:
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        return int(one.getsockname()[1]), int(other.getsockname()[1])


@contextmanager
def munge(folder: Path) -> Iterator[None]:
    """The daemon by which SLURM's programs know each other, with a key of its own."""
    key = folder / "munge.key"
    key.write_bytes(os.urandom(128))
    key.chmod(0o600)
    files = [f"--{name}={folder}/munge.{name}" for name in ("socket", "seed-file", "log-file", "pid-file")]
    options = [f"--key-file={key}", f"--socket={folder}/munge.socket", *files[1:]]
    with subprocess.Popen(["munged", "--foreground", "--force", "--num-threads=2", *options]) as daemon:
        try:
            yield
        finally:
            daemon.terminate()


@pytest.fixture
def slurm(tmp_path: Path) -> Iterator[Slurm]:
    if shutil.which("slurmctld") is None or shutil.which("munged") is None or os.geteuid() != 0:
        pytest.skip("needs SLURM, and root to start it: apt-get install slurm-wlm munge")
    folder = tmp_path / "slurm"
    for name in ("state", "spool"):
        (folder / name).mkdir(parents=True)
    controller, daemon = free_ports()
    text = SLURM.format(
        host=socket.gethostname(), folder=folder, controller=controller, daemon=daemon, cpus=os.cpu_count()
    )
    (folder / "slurm.conf").write_text(text, encoding="utf-8")
    environment = clean_environment(tmp_path, SLURM_CONF=str(folder / "slurm.conf"))
    with munge(folder):
        batch = Slurm(environment)
        daemons = [subprocess.Popen([name, "-D"], env=environment) for name in ("slurmctld", "slurmd")]
        try:
            begin = monotonic()
            while (
                "idle"
                not in subprocess.run(["sinfo"], env=environment, capture_output=True, text=True, check=False).stdout
            ):
                assert monotonic() - begin < 60
                sleep(0.5)
            yield batch
        finally:
            for process in daemons:
                process.terminate()
                process.wait(timeout=30)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_jobs_make_the_same_trials_and_a_second_submission_just_what_is_missing(slurm: Slurm, tmp_path: Path) -> None:
    config = written_config(tmp_path, TRIALS)
    (tmp_path / "cluster.toml").write_text(PROFILE, encoding="utf-8")

    def submit(into: str) -> str:
        words = command("submit", config, "--profile", tmp_path / "cluster.toml", "--into", tmp_path / into)
        said = slurm.ask(*words)
        slurm.ask("bash", tmp_path / into / "submit.sh")
        return said

    assert "200 parts of trials in 5 jobs" in submit("first")
    waiting = slurm.ask("squeue", "--noheader", "--array", "--format=%i").split()
    slurm.ask("scancel", *(name for name in waiting if name.endswith(("_2", "_4"))))
    slurm.wait()
    store = ProductStore(tmp_path / "products")
    parts = {part: Path(store.path("background_trials", part, **KEYS)) for part in range(200)}
    made = {part: path.stat().st_mtime_ns for part, path in parts.items() if path.exists()}
    assert len(made) == 120

    assert "80 parts of trials in 2 jobs" in submit("second")
    slurm.wait()
    assert all(path.exists() for path in parts.values())
    assert {part: parts[part].stat().st_mtime_ns for part in made} == made

    here = written_config(tmp_path, TRIALS, products="here")
    assert dwarfnu(tmp_path, "trials", here).returncode == 0
    assert store.read("background_trials", **KEYS).equals(
        ProductStore(tmp_path / "here").read("background_trials", **KEYS)
    )
    assert dwarfnu(tmp_path, "submit", here, "--into", tmp_path / "third").returncode == 2
