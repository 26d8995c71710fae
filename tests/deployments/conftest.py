"""A real SLURM on this machine, with one node; a small analysis whose trials engines make."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import pytest

from core.stages.plan import trial_stages
from tests.deployments.trials import Trials, config_in
from tests.made_analysis import made_analysis
from tests.runs import clean_environment

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


@pytest.fixture(scope="module")
def densities(tmp_path_factory: pytest.TempPathFactory) -> Path:
    config = config_in(tmp_path_factory.mktemp("densities"))
    made_analysis(config, [stage for stage in trial_stages(config) if not stage.endswith("trials")])
    return Path(config.product_root)


@pytest.fixture
def trials(densities: Path, tmp_path: Path) -> Trials:
    return Trials(Path(shutil.copytree(densities, tmp_path / "products")))


@pytest.fixture(scope="module")
def digest(densities: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Of the trials as this process makes them."""
    here = Trials(Path(shutil.copytree(densities, tmp_path_factory.mktemp("here") / "products")))
    made_analysis(here.config, ["background_trials"])
    return here.digest
