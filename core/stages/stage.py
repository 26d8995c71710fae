"""What a stage is: a name, the keys and columns of its products, their recipes, and what must stand before.

A stage's own module holds it all, with the function that makes a product from the tables of its inputs and from its
recipe's parameters: `make(inputs, parameters) -> table`. It sees neither store nor configuration, so that what is not
declared cannot enter a number.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, TypeAlias

import pyarrow as pa

from core.configuration.config import Config
from core.errors import ProductError
from core.products.code import code_name
from core.products.recipe import AnnotatedTable, KeyValue, ProductKey, Recipe
from core.products.store import ProductStore
from core.stages.inputs import Inputs

Parameters = Mapping[str, Any]
Made: TypeAlias = "pa.Table | AnnotatedTable"
Make = Callable[[Inputs, Parameters], Made]
Recipes = Callable[[Config, ProductStore], Iterable[Recipe]]

PAIR_KEYS = ("channel", "mass")


def _always(_: Config) -> bool:
    return True


@dataclass(frozen=True)
class Stage:
    """One stage of an analysis.

    `keys`: of its products. `columns`: all that its tables may have beside the keys; of decay, those of a decay rate in
    place of those of a cross section. `needs`: stages that must be made before, as inputs or because they decide which
    recipes there are. `applies`: whether an analysis has the stage. `has_parts_by_file`: a part beyond the last one is
    of a file that is no more.
    """

    name: str
    title: str
    sentence: str
    columns: tuple[str, ...]
    recipes: Recipes
    keys: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    applies: Callable[[Config], bool] = _always
    has_parts_by_file: bool = False

    def product(self, **keys: KeyValue) -> ProductKey:
        """Return a product of the stage; ProductError if the keys are not the stage's."""
        if set(keys) != set(self.keys):
            wanted = ", ".join(self.keys) or "none"
            raise ProductError(f"stage {self.name} has the keys {wanted}, not {', '.join(keys) or 'none'}")
        return ProductKey(self.name, keys)

    def check_columns(self, made: Made) -> None:
        """Raise ProductError if a table has a column that the stage does not declare."""
        table = made.table if isinstance(made, AnnotatedTable) else made
        allowed = {*self.keys, *self.columns, *(name.replace("sigma_v", "decay_rate") for name in self.columns)}
        if undeclared := [name for name in table.column_names if name not in allowed]:
            raise ProductError(f"stage {self.name} does not declare the column {', '.join(undeclared)}")


def recipe_of(
    make: Make,
    product: ProductKey,
    parameters: Parameters | None = None,
    inputs: tuple[ProductKey, ...] = (),
    part: int = 0,
    hints: Parameters | None = None,
) -> Recipe:
    """Return the recipe by which a function makes a product."""
    return Recipe(product, code_name(make), parameters or {}, inputs, part, hints or {})


def made_from(store: ProductStore, recipe: Recipe) -> Made:
    """Return what a recipe's function makes of its inputs as they stand."""
    module, _, function = recipe.code.partition(":")
    make: Make = getattr(import_module(module), function)
    return make(Inputs(store, recipe), recipe.arguments)


def make_product(stage: Stage, store: ProductStore, recipe: Recipe) -> None:
    """Make a product of a stage and write it; ProductError for a column that the stage does not declare."""
    digests = store.input_digests(recipe)
    made = made_from(store, recipe)
    stage.check_columns(made)
    store.write(recipe, made, digests)
