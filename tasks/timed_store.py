"""A store that knows how much of a thread's time its own work takes: for the profile that `-v` prints."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import local
from time import thread_time
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from upath import UPath

from core.products.recipe import AnnotatedTable, ProductKey, ProductState, Recipe
from core.products.store import ProductStore

if TYPE_CHECKING:
    import pyarrow.dataset as ds


class TimedStore(ProductStore):
    """The products of one analysis; what tasks ask of it is timed, thread by thread."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._clock = local()

    def time_of_thread(self) -> float:
        """Return the CPU time (s) that this thread has spent in the store so far."""
        return float(getattr(self._clock, "spent", 0.0))

    @contextmanager
    def _timed(self) -> Iterator[None]:
        """Count the time of the outermost call."""
        if getattr(self._clock, "is_inside", False):
            yield
            return
        self._clock.is_inside, begin = True, thread_time()
        try:
            yield
        finally:
            self._clock.is_inside = False
            self._clock.spent = self.time_of_thread() + thread_time() - begin

    def read_product(self, *arguments: Any, **named: Any) -> pa.Table:
        """Return one product, as ProductStore does."""
        with self._timed():
            return super().read_product(*arguments, **named)

    def scan_products(self, products: Sequence[ProductKey]) -> "ds.Dataset":
        """Return a lazy view of some products, as ProductStore does."""
        with self._timed():
            return super().scan_products(products)

    def explain_recipe(self, recipe: Recipe) -> ProductState:
        """Return the state of the file that a recipe makes, as ProductStore does."""
        with self._timed():
            return super().explain_recipe(recipe)

    def input_digests(self, recipe: Recipe) -> tuple[str, ...]:
        """Return the digests of a recipe's inputs, as ProductStore does."""
        with self._timed():
            return super().input_digests(recipe)

    def write(
        self, recipe: Recipe, made: pa.Table | AnnotatedTable, input_digests: Sequence[str] | None = None
    ) -> UPath:
        """Write the file that a recipe makes, as ProductStore does."""
        with self._timed():
            return super().write(recipe, made, input_digests)
