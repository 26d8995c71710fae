"""How the products of an analysis stand: each judged by its own recipe, and by how its inputs stand."""

from dataclasses import replace

from core.configuration.config import Config
from core.products.recipe import ProductKey, ProductState, Recipe, State
from core.products.store import ProductStore
from core.stages.registry import recipes


class Freshness:
    """The states of an analysis' products as they are now; what has been looked at once is not looked at again."""

    def __init__(self, config: Config, store: ProductStore) -> None:
        self.config, self.store = config, store
        self._states: dict[str, ProductState] = {}
        self._recipes: dict[str, dict[str, list[Recipe]]] = {}

    def of(self, recipe: Recipe) -> ProductState:
        """Return the state of the file that a recipe makes: fresh only if all its inputs are."""
        name = str(recipe)
        if name not in self._states:
            found = self.store.explain_recipe(recipe)
            behind = self.unready_input(recipe) if found.state is State.FRESH else None
            self._states[name] = ProductState(State.STALE, f"its input {behind}") if behind else found
        return self._states[name]

    def unready_input(self, recipe: Recipe) -> str | None:
        """Return the first input that is not fresh and how it stands, None if all are."""
        for product in recipe.inputs:
            makers = self._recipes_of(product)
            if not makers:
                return f"{product} is not part of the analysis"
            for maker in makers:
                state = self.of(maker).state
                if state is not State.FRESH:
                    return f"{product} is {state}"
        return None

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
