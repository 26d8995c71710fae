"""What tasks read: the products of a stage among the inputs of a recipe, one after the other."""

from collections.abc import Iterator, Sequence

import pyarrow as pa

from core.products.recipe import Recipe
from core.products.store import ProductStore


def inputs_of(
    store: ProductStore, recipe: Recipe, stage: str, columns: Sequence[str] | None = None, kind: str | None = None
) -> Iterator[pa.Table]:
    """Yield the tables of a recipe's inputs that are of a stage, and of events those of a kind ("data" or "mc")."""
    for item in recipe.inputs:
        if item.stage == stage and kind in (None, item.keys.get("kind")):
            yield store.read_product(item, columns)


def input_of(store: ProductStore, recipe: Recipe, stage: str) -> pa.Table:
    """Return the inputs of a recipe that are of a stage as one table."""
    return pa.concat_tables(inputs_of(store, recipe, stage))
