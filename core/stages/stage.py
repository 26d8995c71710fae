"""What a stage is: a name, the keys and columns of its products, their recipes, and what must stand before.

A stage's own module holds it all, with the function that makes a product from the tables of its inputs and from its
recipe's parameters: `make(inputs, parameters) -> table`. It sees neither store nor configuration, so that what is not
declared cannot enter a number.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal, TypeAlias

import pyarrow as pa

from core.configuration.config import Config
from core.errors import ProductError
from core.products.code import code_name
from core.products.recipe import AnnotatedTable, KeyValue, ProductKey, Recipe
from core.products.store import ProductStore
from core.products.unblinding import Opening
from core.stages.inputs import Inputs

Parameters = Mapping[str, Any]
Made: TypeAlias = "pa.Table | AnnotatedTable"
Make = Callable[[Inputs, Parameters], Made]
Recipes = Callable[[Config, ProductStore], Iterable[Recipe]]

Command = Literal["run", "unblind", "certify", "export"]

PAIR_KEYS = ("channel", "mass")


def _always(_: Config) -> bool:
    return True


@dataclass(frozen=True)
class Stage:
    """One stage of an analysis.

    `keys`: of its products. `columns`: all that its tables may have beside the keys; of decay, those of a decay rate in
    place of those of a cross section. `needs`: stages that must be made before, as inputs or because they decide which
    recipes there are. `applies`: whether an analysis has the stage. `has_parts_by_file`: a part beyond the last one is
    of a file that is no more. `command`: the one of `dwarfnu` that makes the stage; the analysis are those of `run`.
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
    command: Command = "run"

    @property
    def unblinds(self) -> bool:
        """Whether the stage is made by the unblinding alone."""
        return self.command == "unblind"

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


def made_from(store: ProductStore, recipe: Recipe, opening: Opening | None = None) -> Made:
    """Return what a recipe's function makes of its inputs as they stand, of sealed ones in an unblinding."""
    module, _, function = recipe.code.partition(":")
    make: Make = getattr(import_module(module), function)
    return make(Inputs(store, recipe, opening), recipe.arguments)


def make_product(stage: Stage, store: ProductStore, recipe: Recipe, opening: Opening | None = None) -> None:
    """Make a product of a stage and write it; what an unblinding makes says who opened what and when.

    Raises ProductError for a column that the stage does not declare, and for a stage of the unblinding without one.
    """
    if stage.unblinds and opening is None:
        raise ProductError(f"{stage.name} is made by the unblinding alone: `dwarfnu unblind` makes it")
    digests = store.input_digests(recipe)
    made = made_from(store, recipe, opening)
    stage.check_columns(made)
    if opening is not None:
        table, remarks = (made.table, made.remarks) if isinstance(made, AnnotatedTable) else (made, {})
        made = AnnotatedTable(table, {**remarks, "unblinding": opening.remarks()})
    store.write(recipe, made, digests)
