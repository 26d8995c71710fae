"""`python -m deployments.cluster PROFILE.toml`: print the job script that starts the workers of a profile."""

import sys
from collections.abc import Sequence
from pathlib import Path

from core.errors import ConfigError, DwarfnuError
from deployments.jobs import batch_options
from deployments.profile import Profile, read_profile

ADDRESS = "tls://THIS_MACHINE:PORT"  # known once a run has its scheduler


def main(arguments: Sequence[str]) -> int:
    """Print the script; exit code 2 with one line if the profile has none."""
    try:
        sys.stdout.write(job_script(read_profile(Path(arguments[0]))))
    except (DwarfnuError, OSError) as error:
        sys.stderr.write(f"dwarfnu: {' '.join(str(error).split())}\n")
        return 2
    return 0


def job_script(profile: Profile) -> str:
    """Return the job script of a worker; ConfigError where workers of the profile are no jobs."""
    if profile.engine != "jobs":
        raise ConfigError(f'engine = "{profile.engine}" has no job script; workers are jobs with engine = "jobs"')
    try:
        from dask_jobqueue.htcondor import HTCondorJob
        from dask_jobqueue.slurm import SLURMJob
    except ImportError as error:
        raise ConfigError(f'engine = "jobs" needs Dask ({error}): `uv sync --extra cluster`') from error
    kind = {"slurm": SLURMJob, "htcondor": HTCondorJob}[profile.scheduler]
    return f"{kind(ADDRESS, 'dwarfnu', **batch_options(profile)).job_script().rstrip()}\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
