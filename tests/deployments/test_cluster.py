"""Job scripts of workers: each setting of the profile is in them, and what has no job script is refused."""

import shlex
import subprocess

import pytest

from core.errors import ConfigError
from deployments.cluster import job_script
from deployments.jobs import batch_options
from deployments.profile import Profile

pytest.importorskip("dask_jobqueue", reason="needs the extra cluster")
ASKED = {
    "engine": "jobs",
    "queue": "long",
    "walltime": "2:00:00",
    "memory_mb": 3000,
    "cores": 3,
    "container": "dwarfnu.sif",
    "scratch": "$SCRATCH/dwarfnu",
    "setup": ["module load python"],
}


def test_slurm_is_asked_for_what_the_profile_says() -> None:
    script = job_script(Profile.model_validate(ASKED))
    for line in ("-p long", "--cpus-per-task=3", "--mem=3G", "-t 2:00:00"):
        assert f"#SBATCH {line}\n" in script
    assert subprocess.run(["bash", "-n"], input=script, text=True, check=False).returncode == 0
    before, _, worker = script.partition("apptainer exec dwarfnu.sif python -m distributed.cli.dask_worker ")
    assert "export OMP_NUM_THREADS=1\n" in before
    assert before.index('mkdir -p "$TMPDIR"') < before.index("module load python")
    words = shlex.split(worker)
    assert [words[words.index(option) + 1] for option in ("--nthreads", "--nworkers")] == ["1", "3"]


def test_htcondor_is_asked_for_what_the_profile_says() -> None:
    script = job_script(Profile.model_validate({**ASKED, "scheduler": "htcondor"}))
    lines = dict(line.split(" = ", 1) for line in script.splitlines() if " = " in line)
    assert (lines["+MaxRuntime"], lines["accounting_group"]) == ("7200", "long")
    assert (lines["MY.DaskWorkerCores"], lines["MY.DaskWorkerMemory"]) == ("3", "3000000000")
    assert "apptainer exec dwarfnu.sif python -m distributed.cli.dask_worker" in lines["Arguments"]


def test_workers_that_are_no_jobs_have_no_job_script() -> None:
    with pytest.raises(ConfigError, match='engine = "threads" has no job script'):
        job_script(Profile())


def test_each_core_of_a_job_is_a_worker_of_one_thread() -> None:
    options = batch_options(Profile.model_validate(ASKED))
    assert (options["cores"], options["processes"]) == (3, 3)
    assert "export OPENBLAS_NUM_THREADS=1" in options["job_script_prologue"]


def test_htcondor_itself_reads_the_description_of_workers() -> None:
    htcondor = pytest.importorskip("htcondor2", reason="needs the group htcondor")
    job = htcondor.Submit(job_script(Profile.model_validate({**ASKED, "scheduler": "htcondor"})))
    assert (job["MY.DaskWorkerCores"], job["MY.MaxRuntime"], job["accounting_group"]) == ("3", "7200", "long")
    assert job["Executable"] == "/bin/sh"
    assert "module load python" in job["Arguments"]
