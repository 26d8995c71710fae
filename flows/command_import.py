"""What `dwarfnu import` does: reads every file first, then writes products that are not there yet, and says so."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from core.errors import ProductError
from core.products.recipe import ProductKey, Recipe, State, path_text
from core.products.store import ProductStore
from core.published.file_types import Declared, read_published
from core.published.imported import ImportedFiles, is_imported

HEADINGS = ("kind", "file", "rows", "products", "outcome")
CROSS_SECTION_HEADINGS = ("channel", "mass [GeV]", "⟨σv⟩ sensitivity [cm³ s⁻¹]", "68 % band", "limitation")


def import_published(paths: Sequence[Path], declared: Declared, store: ProductStore, console: Console) -> None:
    """Write what published files hold as products, each only if it is not there already, and print what they are.

    Nothing is written if any file is refused (InputError), or if a product of another origin stands in the way
    (ProductError).
    """
    read = read_published(paths, declared)
    planned = [(files, files.recipes()) for files in read]
    for _, products in planned:
        for recipe, _ in products:
            _refuse_to_replace(store, recipe)
    store.check_writable()
    table = Table(*HEADINGS, title=f"{store.analysis}: files of the published analysis")
    for files, products in planned:
        outcomes: Counter[str] = Counter()
        for recipe, content in products:
            if store.explain_recipe(recipe).state is State.FRESH:
                outcomes["cached"] += 1
            else:
                store.write(recipe, content)
                outcomes["written"] += 1
        table.add_row(*_cells(files), ", ".join(f"{n} {outcome}" for outcome, n in outcomes.items()))
    console.print(table)
    for files in read:
        for warning in files.warnings:
            console.print(f"note: {files.paths[0].name}: {warning}", markup=False)
    console.print(f"products: {store.root / store.analysis}", markup=False)
    console.print(f"look:     dwarfnu dashboard --analysis {store.analysis}", markup=False)


def _cells(files: ImportedFiles) -> tuple[str, ...]:
    names = files.paths[0].name + (f" and {len(files.paths) - 1} more" if len(files.paths) > 1 else "")
    stages = Counter(product.key.stage for product in files.products)
    return files.kind, names, str(files.n_rows), ", ".join(f"{n} {stage}" for stage, n in stages.items())


def _refuse_to_replace(store: ProductStore, recipe: Recipe) -> None:
    try:
        standing = _origin(store, recipe.product)
    except ProductError:
        return  # none stands, or a damaged one
    if not is_imported(standing):
        raise ProductError(
            f"{recipe} of the analysis {store.analysis} was computed, not imported: import into another with --analysis"
        )


def _origin(store: ProductStore, product: ProductKey) -> Mapping[str, Any]:
    recipe: Mapping[str, Any] = store.metadata(product.stage, **dict[str, Any](product.keys))["recipe"]
    return recipe


def print_imported(store: ProductStore, console: Console) -> bool:
    """Print the cross sections of an analysis that were imported; return whether there are any."""
    products = [ProductKey("sensitivity", keys) for keys in store.keys("sensitivity")]
    found = [product for product in products if is_imported(_origin(store, product))]
    if not found:
        return False
    table = Table(*CROSS_SECTION_HEADINGS, title=f"{store.analysis}: sensitivities imported")
    for product in found:
        row = store.read_product(product).to_pylist()[0]
        band = " … ".join(
            "–" if end is None else f"{end:.1e}" for end in (row[f"sigma_v_band_{n}68"] for n in ("lo", "hi"))
        )
        table.add_row(
            row["channel"], path_text(row["mass"]), f"{row['sigma_v_sensitivity']:.2e}", band, row["limitation"]
        )
    console.print(table)
    return True
