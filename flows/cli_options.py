"""Options that several commands of the command line have."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from core.configuration.config import Config


def configured(config_file: Path | None = None, **settings: Any) -> "Config":
    """Return the configuration of a file with what else the command line asks for, as `read_config` does.

    What reads it is imported here: help and a slip of the pen need none of it, and it takes a second.
    """
    from core.configuration.config import read_config

    return read_config(config_file, **settings)


def complete_pair(incomplete: str) -> list[str]:
    """Return the published pairs that begin like what stands on the command line."""
    from core.dark_matter.channels import PUBLISHED_PAIRS

    pairs = [f"{channel}/{mass:g}" for channel, mass in PUBLISHED_PAIRS]
    return [pair for pair in pairs if pair.startswith(incomplete)]


def complete_stage(incomplete: str) -> list[str]:
    """Return the stages that `run` makes and that begin like what stands on the command line."""
    from core.stages.registry import STAGES

    return [name for name, stage in STAGES.items() if stage.command == "run" and name.startswith(incomplete)]


def complete_kind(incomplete: str) -> list[str]:
    """Return the kinds of figures that begin like what stands on the command line."""
    from core.figures.kinds import KINDS

    return [kind for kind in KINDS if kind.startswith(incomplete)]


ConfigFile = Annotated[
    Path | None, typer.Argument(metavar="[CONFIG.toml]", help="Configuration; without one the public analysis.")
]
Products = Annotated[str | None, typer.Option(help="Folder or URL of the products; default ./products.")]
Analysis = Annotated[str | None, typer.Option(help="Name of the analysis; default: the configuration's.")]
Seed = Annotated[int | None, typer.Option(help="Seed of all random numbers.")]
Workers = Annotated[int | None, typer.Option(min=1, help="Tasks at a time; default: one a core.")]
Verify = Annotated[
    bool, typer.Option("--verify", help="Read every product again, also those that stand unchanged since they were.")
]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show Prefect's log, and where the time went by stage.")]
Pairs = Annotated[
    list[str] | None,
    typer.Option("--pair", help="Only this pair, such as tautau/20; may be repeated.", autocompletion=complete_pair),
]
Parts = Annotated[str | None, typer.Option(help="Only these shards of trials, such as 7 or 0-49.")]
OnlyFailed = Annotated[bool, typer.Option("--only-failed", help="Only what failed or is damaged.")]
Only = Annotated[
    list[str] | None,
    typer.Option(help="Only this stage, without what it needs; may be repeated.", autocompletion=complete_stage),
]
AllowIncomplete = Annotated[
    bool, typer.Option("--allow-incomplete", help="Take the shards of trials that stand where some are missing.")
]
Profile = Annotated[
    Path | None,
    typer.Option(metavar="FILE.toml", help="What the batch system is asked for: scheduler, queue, walltime and more."),
]
Into = Annotated[Path, typer.Option(metavar="FOLDER", help="Folder for the job scripts and their logs.")]
Engine = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE.toml", help="Profile of where products are made: processes, Dask, jobs of SLURM or HTCondor."
    ),
]
