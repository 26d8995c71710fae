"""The command that says what a file holds before an analysis takes it."""

from pathlib import Path
from typing import Annotated

import typer

from flows.progress import wide_console


def inspect(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="An i3, .npy, Parquet or text file.")],
    frame: Annotated[int | None, typer.Option(min=0, help="Only this frame of an i3 file, counted from 0.")] = None,
    key: Annotated[str | None, typer.Option(help="An object of an i3 file, in full: a particle, a tree.")] = None,
) -> None:
    """Say what a file holds: frames, keys and classes of an i3 file; columns, units and ranges of a table."""
    from core.events.inspection import inspection

    console = wide_console()
    for line in inspection(path, frame, key):
        console.print(line, markup=False, highlight=False)
