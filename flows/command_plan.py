"""What `dwarfnu plan` prints: what a run would make, why, and what it takes of time, memory and disk."""

import os
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from rich.markup import escape
from rich.table import Table

from core.configuration.config import Config
from core.errors import ProductError
from core.products.recipe import Recipe, State
from core.products.room import in_bytes, usable_space
from core.products.store import ProductStore
from core.stages.plan import Plan, plan_of
from core.stages.rates import Cost
from flows.command_run import checked_store
from flows.given import NOTHING_GIVEN, Given
from flows.progress import wide_console
from flows.weighing import in_time, refusal, warnings

WORDS = {State.MISSING: "new", State.STALE: "stale", State.FAILED: "failed"}
UNKNOWN = "?"


def print_plan(
    config: Config, given: Given = NOTHING_GIVEN, n_workers: int | None = None, verify: bool = False
) -> None:
    """Print a line a stage with what would be made and its cost, then why, and whether this machine can do it.

    `verify`: files that have not changed since they were verified are read again all the same. `given`: what the
    hint names.
    """
    console = wide_console()
    store = checked_store(config)
    if verify:
        store.memory.forget()
    plan = plan_of(config, store)
    store.memory.save()
    if not plan.n_to_make:
        console.print("nothing to do: every product is fresh", markup=False)
        return
    console.print(_table(config, store, plan, n_workers or os.cpu_count() or 1))
    for line in (*_whys(plan, store), *_remarks(plan, store)):
        console.print(line, markup=False)
    for line in warnings(plan, store, n_workers):
        console.print(f"warning: {line}", style="yellow", markup=False)
    if (reason := refusal(config, plan, store)) is not None:
        console.print(f"this would be refused: {reason}", style="red", markup=False)
    console.print(f"make them: {given.command('run')}", markup=False)


def _table(config: Config, store: ProductStore, plan: Plan, n_workers: int) -> Table:
    """Return the table of stages with what would be made of them, and of all together."""
    table = Table(title=escape(f"{config.analysis}: what a run would make in {store.root}"))
    for heading in ("stage", "fresh", *WORDS.values(), "CPU time", "memory", "disk"):
        table.add_column(heading, justify="left" if heading == "stage" else "right")
    for stage in plan.stages:
        if stage.n_to_make:
            counts = (str(stage.n_of(state)) for state in WORDS)
            at_once = min(n_workers, stage.n_to_make)
            table.add_row(stage.stage, str(stage.n_fresh), *counts, *_cells(stage.cost, at_once))
    table.add_row("Prefect, imports", "", "", "", "", *_cells(plan.overhead, 1), end_section=True)
    counts = (str(sum(stage.n_of(state) for stage in plan.stages)) for state in WORDS)
    n_fresh = sum(stage.n_fresh for stage in plan.stages)
    table.add_row("all", str(n_fresh), *counts, *_cells(plan.cost(n_workers), 1))
    return table


def _cells(cost: Cost | None, n_at_once: int) -> tuple[str, ...]:
    """Return time, memory of so many products at once, and disk."""
    if cost is None:
        return UNKNOWN, UNKNOWN, UNKNOWN
    return in_time(cost.cpu), in_bytes(cost.memory * n_at_once), in_bytes(cost.disk)


def _whys(plan: Plan, store: ProductStore) -> Iterator[str]:
    """Yield why what stands would be made again, a line for each reason of a stage."""
    for stage in plan.stages:
        for reason in stage.reasons:
            if reason.state is State.MISSING:
                continue
            number = "" if reason.n_products == 1 else f" ({reason.n_products} products)"
            made = _when_made(store, reason.example)
            yield f"{WORDS[reason.state]:<7}{stage.stage}{number}{made}: {reason.words}"


def _when_made(store: ProductStore, recipe: Recipe | None) -> str:
    """Return when the product of a recipe that stands was made, in words."""
    if recipe is None:
        return ""
    keys: dict[str, Any] = dict(recipe.product.keys)
    try:
        created = store.metadata(recipe.product.stage, recipe.part, **keys)["created"]
    except ProductError:
        return ""
    return f", made {datetime.fromisoformat(created).astimezone():%Y-%m-%d %H:%M}"


def _remarks(plan: Plan, store: ProductStore) -> Iterator[str]:
    """Yield what is not known yet, and how much of the disk may be used."""
    if any(stage.is_estimate for stage in plan.stages):
        yield "as if every pair were served and injected each number of events: acceptances and densities will tell"
    if plan.not_measured:
        yield f"{UNKNOWN}: nobody has measured what these cost: {', '.join(plan.not_measured)}"
    usable = usable_space(store.root)
    if usable is not None:
        yield f"disk: {in_bytes(plan.cost(1).disk)} to write, {in_bytes(usable)} may be used at {store.root}"
