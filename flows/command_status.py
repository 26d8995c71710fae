"""What `dwarfnu status` prints: how every product of the analysis stands to its recipe."""

from collections import Counter

from rich.table import Table

from core.config import Config
from core.products import ProductStore
from core.recipes import ProductState, Recipe, State
from core.stages import STAGES, recipes
from flows.progress import wide_console

COLOURS = {State.FRESH: "green", State.STALE: "yellow", State.MISSING: "white", State.FAILED: "red"}


def print_status(config: Config, verbose: bool) -> None:
    """Print a line a stage with its counts, and a line for each product that is not fresh (all when verbose)."""
    console = wide_console()
    store = ProductStore(config.product_root, config.analysis)
    table = Table("stage", *(str(state) for state in State), title=f"{config.analysis}: products in {store.root}")
    worth_a_line: list[tuple[Recipe, ProductState]] = []
    for stage in STAGES:
        states = [(recipe, store.explain_recipe(recipe)) for recipe in recipes(config, store, stage)]
        counts = Counter(found.state for _, found in states)
        table.add_row(stage, *(str(counts[state]) if states else "–" for state in State))
        worth_a_line += [(recipe, found) for recipe, found in states if verbose or found.state is not State.FRESH]
    console.print(table)
    for recipe, found in worth_a_line:
        console.print(f"[{COLOURS[found.state]}]{found.state:<8}[/] ", end="")
        console.print(f"{recipe}: {found.reason}", markup=False)
