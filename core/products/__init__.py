"""Keep a table with all that made it, and judge whether it is fresh."""

from core.products.recipe import AnnotatedTable, ProductKey, ProductState, Recipe, State
from core.products.store import ProductStore

__all__ = ["AnnotatedTable", "ProductKey", "ProductState", "ProductStore", "Recipe", "State"]
