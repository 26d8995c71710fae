"""What a stage's product is made from: the tables of the products that its recipe names, and no others."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from core.errors import ProductError
from core.products.recipe import ProductKey, Recipe
from core.products.seal import Leave
from core.products.store import ProductStore
from core.products.unblinding import Opening
from core.trials.rows import stored_trials

# The functions that make blind events, or counts by run, out of sealed events; of others none opens a sealed product
# but in an unblinding that is on record.
BLINDING = {
    "core.stages.events:make": "events",
    "core.stages.samples.simulated_7y:make_good_runs": "good_runs",
}


class Inputs:
    """The inputs of one product by the names of their stages; a stage that the recipe does not name is refused."""

    def __init__(self, store: ProductStore, recipe: Recipe, opening: Opening | None = None) -> None:
        self._store, self._recipe = store, recipe
        self._leave = _leave(store, recipe, opening)

    def __getitem__(self, stage: str) -> pa.Table:
        """Return the inputs of a stage as one table; ProductError if the recipe names none."""
        return pa.concat_tables(self.each(stage))

    def __contains__(self, stage: str) -> bool:
        return any(product.stage == stage for product in self._recipe.inputs)

    def get(self, stage: str) -> pa.Table | None:
        """Return the inputs of a stage as one table, None if the recipe names none."""
        tables = list(self.each(stage)) if stage in self else []
        return pa.concat_tables(tables) if tables else None

    def each(self, stage: str, columns: Sequence[str] | None = None, **keys: Any) -> Iterator[pa.Table]:
        """Yield the tables of a stage, with some keys or any, one after the other, and of each the columns named."""
        for product in self._named(stage, keys):
            yield self._store.read_product(product, columns, self._leave)

    def trials(self, stage: str, *columns: str) -> pa.Table:
        """Return trials of a stage as far as they are needed: keys and columns of rows, or bins of these statistics."""
        return pa.concat_tables([stored_trials(self._store, product, *columns) for product in self._named(stage)])

    def remarks(self, stage: str) -> Iterator[Mapping[str, Any]]:
        """Yield what was said of each product of a stage beside its table."""
        for product in self._named(stage):
            yield self._store.metadata(product.stage, product.part or 0, **product.keys)["remarks"]

    def _named(self, stage: str, keys: Mapping[str, Any] | None = None) -> Iterator[ProductKey]:
        """Yield the products of a stage that have some keys, in the recipe's order; ProductError if none is of it."""
        if stage not in self:
            named = ", ".join(dict.fromkeys(product.stage for product in self._recipe.inputs)) or "nothing"
            raise ProductError(f"{self._recipe} is made from {named}, not from {stage}: name it in the stage's recipes")
        for product in self._recipe.inputs:
            if product.stage == stage and all(product.keys.get(name) == value for name, value in (keys or {}).items()):
                yield product


def _leave(store: ProductStore, recipe: Recipe, opening: Opening | None) -> Leave | None:
    """Return the leave to open sealed inputs: to what makes events blind, and to an unblinding on record."""
    if BLINDING.get(recipe.code) == recipe.product.stage:
        return Leave("blinding")
    if opening is None:
        return None
    if not opening.is_on_record(store):
        raise ProductError(
            f"no line of the log of unblindings says that {opening.digest} was opened by {opening.who}: "
            "`dwarfnu unblind` writes it"
        )
    return Leave(f"unblinding of {opening.digest}")
