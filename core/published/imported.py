"""What a reader of published files returns: the products that the files hold, and what a reader of them must know."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from core.products.digests import digest_of_file
from core.products.recipe import ProductKey, Recipe

# The published jobs ran without seeds; products that need one carry this number.
IMPORTED_SEED = 0
# Stands in the column source where one histogram serves every dwarf galaxy.
ALL_SOURCES = "all"
# Stands in the column limitation of imported sensitivities, so that no figure or table shows them as results of ours.
IMPORTED = "imported"
IMPORTED_CAVEATS = ("imported from files of the published analysis,\nnot computed by dwarfnu",)
ORIGIN = "imported from files of the published analysis, not computed here"


@dataclass(frozen=True)
class ImportedProduct:
    """One product that files hold: its key and its table, in the words of the glossary."""

    key: ProductKey
    table: pa.Table


@dataclass(frozen=True)
class ImportedFiles:
    """What files of one kind hold: products, rows in the files, and what is to be known about them.

    `module` is the module of core that read them; `options` are JSON-able and say how they were read.
    """

    kind: str
    paths: tuple[Path, ...]
    module: str
    products: tuple[ImportedProduct, ...]
    n_rows: int
    warnings: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)

    def recipes(self) -> list[tuple[Recipe, pa.Table]]:
        """Return the recipe of each product, which holds name and digest of the files, beside its table."""
        files = [{"name": path.name, "digest": digest_of_file(path)} for path in self.paths]
        parameters = {"origin": ORIGIN, "kind": self.kind, "files": files, **self.options}
        return [(Recipe(product.key, self.module, parameters), product.table) for product in self.products]


def is_imported(recipe_parameters: Mapping[str, Any]) -> bool:
    """Return whether a product with these recipe parameters came from published files."""
    return recipe_parameters.get("origin") == ORIGIN
