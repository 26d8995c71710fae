"""Progress of a run in the terminal: a bar for each stage, or a line for each where nobody watches."""

from __future__ import annotations

import io
import logging
import os
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tasks.run_log import RUN_LOG, Entry

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID


def keep_matplotlib_quiet() -> None:
    """Leave matplotlib's warnings unsaid: of folders where it keeps nothing, and of fonts that figures do not need."""
    logging.getLogger("matplotlib").setLevel(logging.ERROR)


def take_names_as_utf8() -> None:
    """Begin anew in Python's UTF-8 mode where the locale would have names of files otherwise: Arrow has them so.

    What the terminal takes stays as the locale says.
    """
    if sys.getfilesystemencoding().lower() == "utf-8" or os.environ.get("PYTHONUTF8") == "1":
        return
    os.environ["PYTHONUTF8"] = "1"
    os.environ.setdefault("PYTHONIOENCODING", f"{sys.stdout.encoding}:replace")
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606


def show_what_can_be_shown() -> None:
    """Let what a terminal has no letters for be printed as "?", here and in child processes: no output can fail."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    encoding = os.environ.get("PYTHONIOENCODING", "")
    if ":" not in encoding:
        os.environ["PYTHONIOENCODING"] = f"{encoding}:replace"


def wide_console() -> Console:
    """Return a console as wide as the terminal, or wide enough for every table where there is none."""
    from rich.console import Console

    console = Console(soft_wrap=True)
    return console if console.is_terminal else Console(soft_wrap=True, width=200)


@contextmanager
def shown_progress(console: Console) -> Iterator[None]:
    """Show what the tasks of this process do while the context lasts."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    bars = Progress(
        TextColumn("{task.description:<18}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[outcomes]}"),
        console=console,
        disable=not console.is_terminal,
    )
    RUN_LOG.listener = _Listener(console, bars)
    with bars:
        try:
            yield
        finally:
            RUN_LOG.listener = None


class _Listener:
    def __init__(self, console: Console, bars: Progress) -> None:
        self.console, self.bars = console, bars
        self.tasks: dict[str, TaskID] = {}
        self.outcomes: dict[str, Counter[str]] = {}

    def __call__(self, entry: Entry) -> None:
        counts = self.outcomes.setdefault(entry.stage, Counter())
        counts[entry.outcome] += 1
        n_expected = RUN_LOG.expected.get(entry.stage, 0)
        text = ", ".join(f"{n} {outcome.lower()}" for outcome, n in counts.items())
        if not self.console.is_terminal:
            if counts.total() == n_expected:
                self.console.print(f"{entry.stage}: {text}", markup=False)
            return
        if entry.stage not in self.tasks:
            self.tasks[entry.stage] = self.bars.add_task(entry.stage, total=n_expected, outcomes="")
        self.bars.update(self.tasks[entry.stage], completed=counts.total(), outcomes=text)
