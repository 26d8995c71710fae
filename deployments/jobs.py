"""What a batch system is asked for when it is to run workers of Dask, as dask-jobqueue takes it."""

import shlex
import sys
from pathlib import Path
from typing import Any

from deployments.profile import Profile

DISK = "2GB"  # of a node, which HTCondor wants to know
# Workers compute in one thread each: threads inside a small matrix product only get in their way.
ONE_THREAD = ("export OPENBLAS_NUM_THREADS=1", "export OMP_NUM_THREADS=1")


def batch_options(profile: Profile) -> dict[str, Any]:
    """Return the arguments of a cluster, or of one job, of dask-jobqueue."""
    contained = f"apptainer exec {shlex.quote(profile.container)} python" if profile.container else sys.executable
    common = {
        "job_name": "dwarfnu",
        "cores": profile.cores,
        "processes": profile.cores,
        "memory": f"{profile.memory_mb}MB",
        "interface": profile.interface,
        "local_directory": profile.scratch,
        "log_directory": str(Path(profile.log_folder).absolute()),
        "python": contained,
        "worker_extra_args": ["--no-dashboard"],
        "job_script_prologue": [*ONE_THREAD, *profile.shell_before],
    }
    own = {"slurm": _slurm, "htcondor": _htcondor}[profile.scheduler]
    return common | own(profile)


def _slurm(profile: Profile) -> dict[str, Any]:
    return {"queue": profile.queue, "walltime": profile.walltime}


def _htcondor(profile: Profile) -> dict[str, Any]:
    group = {} if profile.queue is None else {"accounting_group": profile.queue}
    return {"disk": DISK, "job_extra_directives": {"+MaxRuntime": profile.walltime_seconds, **group}}
