"""Options that several commands of the command line have."""

from pathlib import Path
from typing import Annotated

import typer

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
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show Prefect's log and its share of the time.")]
