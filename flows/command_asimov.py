"""What `dwarfnu limits --asimov` prints: what trials would show, from the densities that stand, without a trial."""

from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from core.configuration.config import Config
from core.dark_matter.processes import PROCESSES
from core.errors import ProductError
from core.products.recipe import Recipe, State, path_text
from core.products.store import ProductStore
from core.stages.freshness import Freshness
from core.stages.registry import STAGES, recipes
from core.stages.stage import make_product
from flows.closing_table import title_of_hypothesis

QUANTITIES = {"sigma_v": "⟨σv⟩ [cm³ s⁻¹]", "decay_rate": "1/τ [s⁻¹]"}


def print_asimov(config: Config, store: ProductStore, console: Console) -> None:
    """Print expected sensitivity, bands and discovery potential of every pair whose densities are fresh.

    Makes the `asimov` products that are missing. Raises ProductError if there is no pair with fresh densities.
    """
    freshness = Freshness(config, store)
    found = [_row(freshness, store, recipe) for recipe in recipes(config, store, "asimov")]
    rows = [row for row in found if row is not None]
    if not rows:
        folder = store.root / store.analysis
        raise ProductError(f"no densities of this configuration are fresh under {folder}: `dwarfnu run` makes them")
    strength = PROCESSES[config.process].strength
    hypothesis = title_of_hypothesis(config)
    title = f"{config.analysis}: expected without trials at 90 % CL, {hypothesis}; {QUANTITIES[strength]}"
    table = Table(title=Text(title))
    headings = ("channel", "mass [GeV]", "n_s", "sensitivity", "68 % band", "95 % upper edge", "CLs", "3σ", "5σ")
    for heading in headings:
        table.add_column(escape(heading), justify="left" if heading == "channel" else "right")
    for row in rows:
        table.add_row(*_cells(row, strength))
    console.print(table)


def _row(freshness: Freshness, store: ProductStore, recipe: Recipe) -> dict[str, Any] | None:
    """Return the expectation of a pair, made if it does not stand; None where its densities are not fresh."""
    if freshness.of(recipe).state is not State.FRESH:
        if freshness.unready_input(recipe) is not None:
            return None
        make_product(STAGES["asimov"], store, recipe)
    (row,) = store.read_product(recipe.product).to_pylist()
    return dict(row)


def _cells(row: dict[str, Any], strength: str) -> tuple[str, ...]:
    """Return the cells of a pair; what there is none of as a dash."""
    names = ("sensitivity", "band_lo68", "band_hi68", "band_hi95", "cls_median", "discovery_3sigma", "discovery_5sigma")
    shown = {name: row.get(f"{strength}_{name}") for name in names}
    text = {name: "–" if value is None else f"{value:.2e}" for name, value in shown.items()}
    return (
        str(row["channel"]),
        path_text(row["mass"]),
        f"{row['n_s_sensitivity']:.1f}",
        text["sensitivity"],
        f"{text['band_lo68']} … {text['band_hi68']}",
        text["band_hi95"],
        text["cls_median"],
        text["discovery_3sigma"],
        text["discovery_5sigma"],
    )
