"""What `dwarfnu status` prints: how every product of the analysis stands to its recipe."""

from collections import Counter
from collections.abc import Iterator, Sequence

from rich.table import Table

from core.configuration.config import Config
from core.products.recipe import ProductState, State
from core.products.store import ProductStore
from core.stages.figures import figure_recipes
from core.stages.figures.figure import FigureKinds, figure_state
from core.stages.freshness import Freshness
from core.stages.registry import recipes, stages_of
from core.stages.statistics import statistic_of
from flows.progress import wide_console

COLOURS = {State.FRESH: "green", State.STALE: "yellow", State.MISSING: "white", State.FAILED: "red"}


def states_by_stage(
    config: Config, store: ProductStore, stages: Sequence[str] | None = None, figures: FigureKinds = figure_recipes
) -> Iterator[tuple[str, list[tuple[str, ProductState]]]]:
    """Yield each stage with the name and state of each product that the analysis asks for; figures last.

    Without `stages` all of them.
    """
    freshness = Freshness(config, store)
    for stage in stages_of(config) if stages is None else stages:
        yield stage, [(str(recipe), freshness.of(recipe)) for recipe in recipes(config, store, stage)]
    yield "figures", [(str(recipe), figure_state(store, recipe)) for recipe in figures(config, store)]


def print_status(config: Config, verbose: bool) -> None:
    """Print a line a stage with its counts, and a line for each product that is not fresh (all when verbose)."""
    console = wide_console()
    store = ProductStore(config.product_root, config.analysis)
    table = Table("stage", *(str(state) for state in State), title=f"{config.analysis}: products in {store.root}")
    worth_a_line: list[tuple[str, ProductState]] = []
    for stage, states in states_by_stage(config, store):
        counts = Counter(found.state for _, found in states)
        table.add_row(stage, *(str(counts[state]) if states else "–" for state in State))
        worth_a_line += [(name, found) for name, found in states if verbose or found.state is not State.FRESH]
    console.print(table)
    known_later = ("acceptance", *statistic_of(config).density_stages)
    if any(not store.keys(stage) for stage in known_later if stage in stages_of(config)):
        console.print("–: known once the acceptances (which pairs are served) and densities are made", markup=False)
    for name, found in worth_a_line:
        console.print(f"[{COLOURS[found.state]}]{found.state:<8}[/] ", end="")
        console.print(f"{name}: {found.reason}", markup=False)
