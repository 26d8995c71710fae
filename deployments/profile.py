"""What a machine or a batch system is asked for, in a file of its own: an analysis knows nothing of where it runs."""

import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from core.configuration.fields import Settings, Whole
from core.errors import ConfigError, InputError
from core.files import MOST_CONFIGURATION, read_text

OneLine = Annotated[str, Field(pattern=r"^[^\n\r]+$")]


class Profile(Settings):
    """Where products are made, and how much of a batch system each job may take."""

    engine: Literal["threads", "processes", "dask", "jobs"] = "threads"
    """threads: of the run itself. processes: of this machine. dask: workers of Dask. jobs: these as batch jobs."""
    workers: Whole | None = Field(default=None, ge=1)
    """Products at a time, of jobs at most; one for each core of this machine when not set."""
    least_workers: Whole = Field(default=0, ge=0)
    """Workers as jobs that stay while there is nothing to do; beyond them jobs come and go with the work."""
    address: OneLine | None = None
    """A Dask scheduler that runs already, such as tcp://node:8786; the run starts one of its own when not set."""
    interface: OneLine | None = None
    """The network by which jobs reach this machine, such as ib0."""
    log_folder: OneLine = "dwarfnu-jobs"
    """Folder that all nodes see, for what workers as jobs print and the keys by which they know the run."""
    scheduler: Literal["slurm", "htcondor"] = "slurm"
    """The batch system."""
    queue: OneLine | None = None
    """The partition of SLURM or the accounting group of HTCondor; the site's own when not set."""
    walltime: Annotated[str, Field(pattern=r"^\d+:[0-5]\d:[0-5]\d$")] = "1:00:00"
    """Time after which a job is ended, as hours:minutes:seconds."""
    memory_mb: Whole = Field(default=2000, ge=500)
    """Memory (MB) of a job."""
    cores: Whole = Field(default=1, ge=1)
    """Cores of a job: as many shards are made side by side."""
    shards_per_job: Whole = Field(default=10, ge=1)
    """Shards of each pair that a job of `dwarfnu submit` makes; a job also takes a minute to begin."""
    container: OneLine | None = None
    """An image that has dwarfnu, for apptainer; without one this installation is used."""
    scratch: OneLine | None = None
    """A folder of the node for temporary files, such as $TMPDIR or /scratch."""
    setup: tuple[OneLine, ...] = ()
    """Lines of shell before the command, such as "module load python"."""

    @property
    def shell_before(self) -> list[str]:
        """Lines of shell before a command on a node: the folder for temporary files, then those of the site."""
        scratch = [] if self.scratch is None else [f'export TMPDIR="{self.scratch}"', 'mkdir -p "$TMPDIR"']
        return [*scratch, *self.setup]

    @property
    def walltime_seconds(self) -> int:
        """The time (s) after which a job is ended."""
        hours, minutes, seconds = map(int, self.walltime.split(":"))
        return 3600 * hours + 60 * minutes + seconds


def read_profile(path: Path | None) -> Profile:
    """Return the profile in a TOML file, the default one without one. Raises ConfigError."""
    if path is None:
        return Profile()
    try:
        return Profile.model_validate(tomllib.loads(read_text(path, MOST_CONFIGURATION)))
    except ValidationError as error:
        (first, *_) = error.errors()
        name = ".".join(map(str, first["loc"]))
        known = ", ".join(Profile.model_fields)
        raise ConfigError(f"{path}: {name} = {first['input']!r}: {first['msg']}; known here are {known}") from error
    except InputError as error:
        raise ConfigError(f"cannot read the profile {str(error).removeprefix('cannot read ')}") from error
    except ValueError as error:
        raise ConfigError(f"{path} is not a TOML file: {error}") from error
