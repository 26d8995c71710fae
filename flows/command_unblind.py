"""What `dwarfnu unblind` does: show what would be opened, ask, open, and print what was found."""

import sys
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from core.configuration.config import Config
from core.dark_matter.processes import PROCESSES
from core.errors import ConfigError
from core.products.recipe import path_text
from core.products.store import ProductStore
from core.stages.observed_sky import DRAWN
from core.stages.unblinding import Plan, unblinding_plan
from flows.command_asimov import QUANTITIES
from flows.command_run import with_progress
from flows.prefect_settings import prepare_prefect
from flows.progress import wide_console


def run_unblinding(config: Config, i_mean: str | None, again: bool, n_workers: int | None, verbose: bool) -> int:
    """Show, ask, open and print; return the exit code: 0, or 1 if products failed.

    Raises DwarfnuError before anything is opened if it cannot be, or if it is not meant.
    """
    store = ProductStore(config.product_root, config.analysis, config.sample)
    console = wide_console()
    plan = unblinding_plan(config, store)
    print_plan(console, config, plan)
    meant = "" if plan.sky == DRAWN else _confirmed(console, plan) if i_mean is None else i_mean
    if plan.sky != DRAWN and meant != plan.digest:
        raise ConfigError(f"{meant!r} is not what would be opened, {plan.digest}: nothing was opened")
    if plan.same_before is not None and not again:
        raise ConfigError(
            f"{plan.digest} was opened before, by {plan.same_before['who']} on {plan.same_before['when']}: `--again` "
            "opens it once more"
        )
    prepare_prefect(n_workers, "CRITICAL", verbose=verbose)
    failure = with_progress(
        console, "flows.unblinding", lambda flows: flows.unblind(config, meant, again, return_state=True)
    )
    if failure is not None:
        Console(stderr=True, soft_wrap=True).print(f"failed: {failure}", style="red", markup=False)
        return 1
    print_observed(console, config, store)
    return 0


def print_plan(console: Console, config: Config, plan: Plan) -> None:
    """Print what would be opened: recipe, digest, certificate, and what has changed since the last time."""
    said = [
        f"unblinding of {config.analysis} (sample {config.sample}, seed {config.seed})",
        f"sky:         {plan.sky}",
        f"products:    {', '.join(f'{stage} {number}' for stage, number in plan.n_products.items())}",
        f"digest:      {plan.digest}",
        f"certificate: {plan.certificate}",
    ]
    opened = [line for line in plan.earlier if line["event"] == "opened"]
    if opened:
        said.append(f"last time:   {opened[-1]['when']}, by {opened[-1]['who']}: {opened[-1]['digest']}")
        said += [f"  changed: {change}" for change in plan.changes()] or ["  nothing has changed since"]
    else:
        said.append("last time:   never opened")
    for line in said:
        console.print(line, markup=False, highlight=False)


def print_observed(console: Console, config: Config, store: ProductStore) -> None:
    """Print best fits, p-values and limits of every pair."""
    strength = PROCESSES[config.process].strength
    limits = {(row["channel"], row["mass"]): row for row in _limit_rows(config, store)}
    rows = store.read("observed", seed=config.seed).to_pylist()
    label = {"drawn": "DRAWN SKY, not measured: ", "simulated": "SIMULATED: "}.get(rows[0]["sky"], "")
    level = config.limits.confidence_levels[0]
    title = f"{label}{config.analysis}, dwarf galaxies only; limits at {level:.0%} CL on {QUANTITIES[strength]}"
    table = Table(title=Text(title))
    headings = (
        "channel",
        "mass [GeV]",
        "n_s",
        "TS",
        "p",
        "p of all pairs",
        "limit",
        "CLs",
        "Feldman-Cousins",
        "J free",
    )
    for heading in headings:
        table.add_column(heading, justify="left" if heading == "channel" else "right")
    for row in rows:
        limit = limits.get((row["channel"], row["mass"]), {})
        names = ("", "_cls", "_feldman_cousins", "_profiled_j")
        shown = [limit.get(f"{strength}_upper_limit{name}") for name in names]
        table.add_row(
            row["channel"],
            path_text(row["mass"]),
            f"{row['n_s_signed']:.1f}",
            f"{row['test_statistic']:.2f}",
            f"{row['p_value']:.2g}",
            f"{row['p_value_global']:.2g}",
            *("–" if value is None else f"{value:.2e}" for value in shown),
        )
    console.print(table)
    folder = store.root / store.analysis
    console.print(f"figures:  {folder / 'figures'} (upper-limits.png, observed.png)", markup=False)


def _limit_rows(config: Config, store: ProductStore) -> list[dict[str, Any]]:
    level = config.limits.confidence_levels[0]
    return list(store.read("upper_limit", seed=config.seed, confidence_level=level).to_pylist())


def _confirmed(console: Console, plan: Plan) -> str:
    """Return what a person types when asked for the digest; ConfigError where nobody can be asked."""
    if not sys.stdin.isatty():
        raise ConfigError(f'nobody is here to be asked: `--i-mean "{plan.digest}"` says that this is to be opened')
    console.print("What is opened cannot be closed again. To open it type the digest:", markup=False)
    return input("> ").strip()
