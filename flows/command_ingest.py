"""What `dwarfnu ingest` does around its flow: checks first, progress meanwhile, a table of the seasons at the end."""

from collections.abc import Iterator
from time import perf_counter
from typing import Any

from rich.console import Console
from rich.table import Table

from core.configuration.config import Config
from core.events.accounts import expectation
from core.products.recipe import State
from core.products.store import ProductStore
from core.stages.event_checks import check_events
from core.stages.event_inputs import event_source
from core.stages.figures import event_figure_recipes
from core.stages.freshness import Freshness
from core.stages.registry import EVENT_STAGES, recipes
from core.stages.samples import sample_of
from core.units import DAY
from flows.command_run import print_all_cached, remember_what_tasks_saw, with_progress
from flows.prefect_settings import prepare_prefect
from flows.progress import wide_console
from flows.time_spent import print_time_spent
from tasks.run_log import RUN_LOG

HEADINGS = (
    "season",
    "kind",
    "files",
    "read",
    "kept",
    "cut",
    "broken",
    "outside good runs",
    "livetime (d)",
    "effective livetime (d)",
    "expected/measured",
)
N_NAMED_FILES = 20


def run_ingest(config: Config, n_workers: int | None, verbose: bool) -> int:
    """Bring in an event sample and return the exit code: 0, or 1 if products failed.

    Raises DwarfnuError before anything is written if the input cannot be meant or the products have no place.
    """
    begin = perf_counter()
    store = ProductStore(config.product_root, config.analysis)
    for stage in EVENT_STAGES:
        recipes(config, store, stage)
    event_source(config).check_input(config)
    check_events(config, store)
    prepare_prefect(n_workers, "CRITICAL", verbose=verbose)
    store.check_writable()
    console = wide_console()
    failure = None
    if print_all_cached(console, config, store, EVENT_STAGES, event_figure_recipes):
        console.print("nothing to do: every product is fresh", markup=False)
    else:
        console.print(f"dwarfnu {config.analysis}: starting Prefect", markup=False)
        failure = with_progress(console, "flows.analysis", lambda flows: flows.ingest(config, return_state=True))
        remember_what_tasks_saw(config)
    print_sample(config, store, console)
    store.memory.save()
    if verbose:
        print_time_spent(console, RUN_LOG, perf_counter() - begin)
    if failure is not None:
        Console(stderr=True, soft_wrap=True).print(f"failed: {failure}", style="red", markup=False)
        return 1
    return 0


def print_sample(config: Config, store: ProductStore, console: Console) -> None:
    """Print the seasons that stand, what was wrong with their files, and where products lie."""
    rows = list(_fresh_rows(config, store, "event_summary"))
    if rows:
        table = Table(title=f"{config.analysis}: {sample_of(config).title_prefix}events, right ascension scrambled")
        for heading in HEADINGS:
            table.add_column(heading, justify="left" if heading in ("season", "kind") else "right")
        for row in rows:
            table.add_row(*_cells(row))
        console.print(table)
    for row in rows:
        _print_warnings(row, console)
    _print_sets(list(_fresh_rows(config, store, "simulation_sets")), console)
    wrong = [row for row in _fresh_rows(config, store, "event_files") if row["damage"] or row["problems"]]
    for row in wrong[:N_NAMED_FILES]:
        named = [row["damage"] or row["path"], *([row["problems"]] if row["problems"] else [])]
        console.print(f"not whole (events kept: {row['n_kept']}): {': '.join(named)}", markup=False)
    if len(wrong) > N_NAMED_FILES:
        console.print(f"not whole: {len(wrong) - N_NAMED_FILES} more, see the product event_files", markup=False)
    folder = store.root / store.analysis
    console.print(f"products: {folder}/events/kind=…/season=…/part-0000.parquet, a part for each file", markup=False)
    console.print(f"accounts: {folder}/{{event_summary,event_files,cut_flow}}", markup=False)
    console.print(f"figures:  {folder}/figures", markup=False)


def _print_sets(sets: list[dict[str, Any]], console: Console) -> None:
    """Print which generated sets the simulation is of, where there are several."""
    for row in sets if len(sets) > 1 else ():
        said = f"{row['season']}: set {row['simulation_set']} ({row['neutrino'] or 'all neutrinos'})"
        if row["n_generated"] is not None:
            said += f": {row['n_files']} files of {row['n_generated']:,.0f} events"
        if row["radius"] is not None:
            low, high = (10.0 ** row[f"log10_energy_{end}"] for end in ("min", "max"))
            said += f", {low:,.3g} to {high:,.3g} GeV as E^-{row['power_law_index']:g}"
        console.print(f"{said}{'; ' if row['remark'] else ''}{row['remark']}", markup=False)


def _fresh_rows(config: Config, store: ProductStore, stage: str) -> Iterator[dict[str, Any]]:
    freshness = Freshness(config, store)
    for recipe in recipes(config, store, stage):
        if freshness.of(recipe).state is State.FRESH:
            yield from store.read_product(recipe.product).to_pylist()


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    counts = ("n_files", "n_read", "n_kept", "n_cut", "n_broken", "n_outside_good_runs")
    found = expectation(row)
    return (
        str(row["season"]),
        str(row["kind"]),
        *(f"{row[name]:,}" for name in counts),
        _days(row["livetime"]),
        _days(row["effective_livetime"]),
        "–" if found is None else f"{found.ratio:.2f}",
    )


def _days(seconds: float | None) -> str:
    return "–" if seconds is None else f"{seconds / DAY:,.1f}"


def _print_warnings(row: dict[str, Any], console: Console) -> None:
    found = expectation(row)
    if found is not None and not found.is_consistent:
        console.print(f"warning: {row['season']}: {found.message}", style="yellow", markup=False)
    if row["n_duplicates"]:
        said = f"{row['n_duplicates']} measured events come more than once: do files overlap?"
        console.print(f"warning: {row['season']}: {said}", style="yellow", markup=False)
    if row["livetime"] is None and row["kind"] == "data":
        said = "without a list of good runs (events.good_runs) all runs are kept and the livetime is not known"
        console.print(f"warning: {row['season']}: {said}", style="yellow", markup=False)
