"""`dwarfnu cluster`: what a batch system would be told."""

from pathlib import Path
from typing import Annotated

import typer

from flows.child import run_tool

cluster_commands = typer.Typer(help="Workers as jobs of a batch system.", no_args_is_help=True, rich_markup_mode=None)


@cluster_commands.callback()
def cluster() -> None:
    """Look at workers that are jobs of a batch system."""


@cluster_commands.command()
def preview(
    profile: Annotated[Path, typer.Argument(metavar="FILE.toml", help='Profile with engine = "jobs".')],
) -> None:
    """Print the job script that would start a worker; nothing is submitted."""
    raise typer.Exit(run_tool("deployments.cluster", str(profile)))
