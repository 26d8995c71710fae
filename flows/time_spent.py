"""Where the time of a run went: by stage, and what is neither stage nor store; `-v` prints it."""

import resource
from collections import defaultdict
from collections.abc import Sequence
from time import process_time

from rich.console import Console
from rich.table import Table

from tasks.run_log import Entry, RunLog


def print_time_spent(console: Console, log: RunLog, wall_time: float) -> None:
    """Print CPU time by stage, that of everything else, and how much of the clock's time (s) no task was at work."""
    table = Table("stage", title="where the time went, CPU s")
    for heading in ("products", "tasks", "of it store", "clock s"):
        table.add_column(heading, justify="right")
    for stage, entries in _by_stage(log.entries).items():
        spans = RunLog(list(entries))
        numbers = (sum(entry.cpu for entry in entries), sum(entry.in_store for entry in entries), spans.busy_time())
        table.add_row(stage, str(len(entries)), *(f"{number:.1f}" for number in numbers))
    console.print(table)
    in_tasks, in_store = (sum(getattr(entry, name) for entry in log.entries) for name in ("cpu", "in_store"))
    others = resource.getrusage(resource.RUSAGE_CHILDREN)
    console.print(
        f"CPU: {process_time():.1f} s here, {in_tasks:.1f} s of it in tasks (store {in_store:.1f} s), the rest "
        f"imports, Prefect and looks at what is fresh; {others.ru_utime + others.ru_stime:.1f} s in Prefect's server "
        "and in processes that draw",
        markup=False,
    )
    idle = wall_time - log.busy_time()
    console.print(
        f"time: {wall_time:.1f} s, of which no task was at work in {idle:.1f} s ({idle / wall_time:.0%}): "
        "imports, start of Prefect's server, and its bookkeeping between tasks",
        markup=False,
    )


def _by_stage(entries: Sequence[Entry]) -> dict[str, list[Entry]]:
    by_stage: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        by_stage[entry.stage].append(entry)
    return by_stage
