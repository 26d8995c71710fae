"""What `dwarfnu certify` does: make the certificates of some pairs, or of all, and print what they say."""

from rich.console import Console
from rich.table import Table

from core.configuration.config import Config
from core.errors import ConfigError, ProductError
from core.products.recipe import Recipe, State, path_text
from core.products.store import ProductStore
from core.stages.freshness import Freshness
from core.stages.registry import STAGES, recipes, stages_of
from core.stages.stage import make_product

STAGE = "certificate"


def certify(config: Config, store: ProductStore, pairs: list[str], console: Console) -> bool:
    """Make what is missing and print it; return whether all of it passed.

    pairs: such as tautau/20, all without. Raises ConfigError for a pair that is not of the analysis and a statistic
    that has no certificate, ProductError if what it needs is not fresh.
    """
    if STAGE not in stages_of(config, "certify"):
        raise ConfigError('a certificate is of one likelihood of one sky: set statistic.name = "joint"')
    by_pair = {_name(recipe): recipe for recipe in recipes(config, store, STAGE)}
    if unknown := [pair for pair in pairs if pair not in by_pair]:
        there = ", ".join(by_pair) or "none yet: `dwarfnu run` makes them"
        raise ConfigError(f"there is no pair {unknown[0]} to certify; there are {there}")
    passed = True
    for name in pairs or by_pair:
        recipe, freshness = by_pair[name], Freshness(config, store)
        if behind := freshness.unready_input(recipe):
            raise ProductError(f"{behind}: `dwarfnu run` makes what the certificate needs")
        if freshness.of(recipe).state is not State.FRESH:
            make_product(STAGES[STAGE], store, recipe)
        passed &= _print(name, store, recipe, console)
    return passed


def _name(recipe: Recipe) -> str:
    return f"{recipe.product.keys['channel']}/{path_text(recipe.product.keys['mass'])}"


def _print(name: str, store: ProductStore, recipe: Recipe, console: Console) -> bool:
    """Print the certificate of a pair and return whether it passed."""
    rows = store.read_product(recipe.product).to_pylist()
    strength = next(column for column in rows[0] if column.endswith("_true"))
    table = Table(title=f"certificate of {name}: {rows[0]['n_skies']} skies of each cross section")
    for heading in (strength, "limit", "coverage", "bias of n_s", "pull", "flatness", "verdict"):
        table.add_column(heading, justify="left" if heading in {"limit", "verdict"} else "right")
    for row in rows:
        table.add_row(
            f"{row[strength]:.2e}",
            row["limit"],
            f"{row['coverage']:.1%} ± {row['coverage_error']:.1%}",
            f"{row['bias']:+.1f} ± {row['bias_error']:.1f}",
            f"{row['pull']:+.2f} ± {row['pull_width']:.2f}",
            f"{row['p_value_flatness']:.2g}",
            row["reason"] or "passed",
        )
    console.print(table)
    return all(row["passed"] or (row["passed"] is None and "undecided" not in row["reason"]) for row in rows)
