"""What `dwarfnu status` prints: how every product of the analysis stands to its recipe."""

from collections import Counter
from collections.abc import Iterator, Sequence
from enum import Enum

from rich.table import Table

from core.configuration.config import Config
from core.products.recipe import ProductState, State
from core.products.store import ProductStore
from core.stages.figures import figure_recipes
from core.stages.figures.figure import FigureKinds, figure_state
from core.stages.freshness import Freshness
from core.stages.registry import stages_of
from core.stages.selection import ALL, Selection, selected_recipes
from core.stages.statistics import statistic_of
from flows.given import NOTHING_GIVEN, Given
from flows.progress import wide_console

COLOURS = {State.FRESH: "green", State.STALE: "yellow", State.MISSING: "white", State.FAILED: "red"}


class Detail(Enum):
    """Of which products `status` says why they stand as they do."""

    COUNTS = "none"
    WHY = "those that would be made again"
    ALL = "all"

    @property
    def shows_reasons(self) -> bool:
        """Whether any are named."""
        return self is not Detail.COUNTS

    def shows(self, found: ProductState) -> bool:
        """Return whether a product of this state is named."""
        return self is Detail.ALL or (self is Detail.WHY and found.state is not State.FRESH)


def states_by_stage(
    config: Config,
    store: ProductStore,
    stages: Sequence[str] | None = None,
    figures: FigureKinds = figure_recipes,
    selection: Selection = ALL,
) -> Iterator[tuple[str, list[tuple[str, ProductState]]]]:
    """Yield each stage with the name and state of each product that the analysis asks for; figures last.

    Without `stages` all of them; of each those products that are selected.
    """
    freshness = Freshness(config, store)
    for stage in stages_of(config) if stages is None else stages:
        wanted = selected_recipes(config, store, stage, selection)
        yield stage, [(str(recipe), freshness.of(recipe)) for recipe in wanted]
    yield "figures", [(str(recipe), figure_state(store, recipe)) for recipe in figures(config, store, freshness)]


def print_status(config: Config, detail: Detail, verify: bool = False, given: Given = NOTHING_GIVEN) -> None:
    """Print a line a stage with its counts, and of which products why they stand so, as `detail` says.

    `verify`: files that have not changed since they were verified are read again all the same. `given`: what the
    hints name.
    """
    console = wide_console()
    store = ProductStore(config.product_root, config.analysis)
    if verify:
        store.memory.forget()
    if (nothing := _nothing_there(store)) is not None:
        console.print(nothing, markup=False)
    table = Table("stage", *(str(state) for state in State), title=f"{config.analysis}: products in {store.root}")
    worth_a_line: list[tuple[str, ProductState]] = []
    n_to_make = 0
    for stage, states in states_by_stage(config, store):
        counts = Counter(found.state for _, found in states)
        table.add_row(stage, *(str(counts[state]) if states else "–" for state in State))
        n_to_make += counts.total() - counts[State.FRESH]
        worth_a_line += [(name, found) for name, found in states if detail.shows(found)]
    console.print(table)
    known_later = ("acceptance", *statistic_of(config).density_stages)
    if any(not store.keys(stage) for stage in known_later if stage in stages_of(config)):
        console.print("–: known once the acceptances (which pairs are served) and densities are made", markup=False)
    for name, found in worth_a_line:
        console.print(f"[{COLOURS[found.state]}]{found.state:<8}[/] ", end="")
        console.print(f"{name}: {found.reason}", markup=False)
    if n_to_make:
        asked = "" if detail.shows_reasons else f"why: {given.command('status', '--why')}; "
        console.print(f"{asked}make them: {given.command('run')}", markup=False)
    store.memory.save()


def _nothing_there(store: ProductStore) -> str | None:
    """Return that the place of products does not exist, or holds other analyses alone; None if this one is there."""
    if not store.root.exists():
        return f"no products yet: there is no {store.root}"
    if (store.root / store.analysis).exists():
        return None
    others = sorted(path.name for path in store.root.iterdir() if path.is_dir() and not path.name.startswith("."))
    there = f"; analyses there are {', '.join(others)}" if others else ""
    return f"no products yet of {store.analysis} in {store.root}{there}"
