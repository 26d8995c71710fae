"""How the products of an analysis stand: each judged by its own recipe, and by how its inputs stand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from core.configuration.config import Config
from core.products.recipe import NOT_MADE, ProductKey, ProductState, Recipe, State
from core.products.store import ProductStore
from core.stages.registry import recipes


@dataclass(frozen=True)
class Lack:
    """What of a product is not fresh: its parts by how they stand, of so many in all; none if nothing makes it."""

    product: ProductKey
    n_parts: int
    parts: Mapping[State, tuple[int, ...]]

    def __str__(self) -> str:
        if not self.n_parts:
            return f"{self.product} is not part of the analysis"
        if self.n_parts == 1:
            return f"{self.product} is {next(iter(self.parts))}"
        named = (f"{'part' if len(p) == 1 else 'parts'} {ranges(p)} {state}" for state, p in self.parts.items())
        return f"{self.product} lacks of {self.n_parts} parts: {', '.join(named)}"


def ranges(numbers: Sequence[int]) -> str:
    """Return numbers in rising order in words, such as 3, 7-9."""
    found: list[list[int]] = []
    for number in numbers:
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in found)


class Freshness:
    """The states of an analysis' products as they are now; what has been looked at once is not looked at again."""

    def __init__(self, config: Config, store: ProductStore) -> None:
        self.config, self.store = config, store
        self._states: dict[str, ProductState] = {}
        self._recipes: dict[str, dict[str, list[Recipe]]] = {}
        self._parts: dict[str, set[int]] = {}

    def of(self, recipe: Recipe) -> ProductState:
        """Return the state of the file that a recipe makes: fresh only if all its inputs are."""
        name = str(recipe)
        if name not in self._states:
            found = self._found(recipe)
            behind = self.unready_input(recipe) if found.state is State.FRESH else None
            self._states[name] = ProductState(State.STALE, f"its input {behind}") if behind else found
        return self._states[name]

    def _found(self, recipe: Recipe) -> ProductState:
        """Return the state of a file by itself; of many parts those that are not there are told by one listing."""
        if recipe.part > 0:
            product = str(recipe.product)
            if product not in self._parts:
                self._parts[product] = self.store.parts(recipe.product)
            if recipe.part not in self._parts[product]:
                return NOT_MADE
        return self.store.explain_recipe(recipe)

    def unready_input(self, recipe: Recipe) -> str | None:
        """Return the first input that is not fresh and how it stands, None if all are; of several parts which."""
        for product in recipe.inputs:
            if lack := self.lack_of(product):
                return str(lack)
        return None

    def lack_of(self, product: ProductKey) -> Lack | None:
        """Return what of a product is not fresh, None if nothing is."""
        makers = self._recipes_of(product)
        unready: dict[State, list[int]] = {}
        for maker in makers:
            if (state := self.of(maker).state) is not State.FRESH:
                unready.setdefault(state, []).append(maker.part)
        if makers and not unready:
            return None
        return Lack(product, len(makers), {state: tuple(parts) for state, parts in unready.items()})

    def standing_parts(self, product: ProductKey) -> list[Recipe]:
        """Return the recipes of those parts of a product that are fresh."""
        return [maker for maker in self._recipes_of(product) if self.of(maker).state is State.FRESH]

    def _recipes_of(self, product: ProductKey) -> list[Recipe]:
        """Return the recipes that make a product, or the part of it that is meant."""
        if product.stage not in self._recipes:
            by_product: dict[str, list[Recipe]] = {}
            for recipe in recipes(self.config, self.store, product.stage):
                one_part = replace(recipe.product, part=recipe.part)
                for product_or_part in (recipe.product, one_part):
                    by_product.setdefault(str(product_or_part), []).append(recipe)
            self._recipes[product.stage] = by_product
        return self._recipes[product.stage].get(str(product), [])
