"""What one task makes: a product, or several short ones of a stage, and what became of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from core.configuration.config import Config
from core.errors import DwarfnuError
from core.products.recipe import Recipe
from core.stages.rates import Load, cost_of, n_tasks_of


class Outcome(NamedTuple):
    """What became of one product, in a word and why, and whether it stands."""

    recipe: Recipe
    state_name: str
    reason: str
    made: bool


@dataclass(frozen=True)
class Batch:
    """Products of a stage that one task makes, one after the other; a failure keeps none of the others from theirs."""

    recipes: tuple[Recipe, ...]

    def __str__(self) -> str:
        first, *others = map(str, self.recipes)
        return f"{first} and {len(others)} more" if others else first


class BatchFailedError(DwarfnuError):
    """Some products of a batch could not be made; the others stand. `may_pass`: a retry may mend one of them."""

    def __init__(self, outcomes: Sequence[Outcome], may_pass: bool) -> None:
        named = "; ".join(f"{found.recipe} ({found.reason})" for found in outcomes if not found.made)
        super().__init__(named)
        self.outcomes, self.may_pass = tuple(outcomes), may_pass


def batches(config: Config, stage: str, recipes: Sequence[Recipe], n_workers: int) -> list[Batch]:
    """Return the products of a stage shared out to tasks of about a second, as many for each worker.

    Products that take longer have a task each, and those of which nobody has measured how long they take; so have
    the parts of a product of several, which are what is run again by itself.
    """
    seconds = [_seconds(config, stage, recipe) for recipe in recipes]
    n_tasks = len(recipes)
    if None not in seconds and not _has_parts(recipes):
        of_worker = n_tasks_of(len(recipes), sum(filter(None, seconds)) / n_workers)
        n_tasks = n_workers * of_worker
    return shared_out(recipes, n_tasks)


def shared_out(recipes: Sequence[Recipe], n_tasks: int) -> list[Batch]:
    """Return products in order, shared out to at most so many tasks of as many products each, or one fewer."""
    n_tasks = min(n_tasks, len(recipes))
    borders = [round(place * len(recipes) / n_tasks) for place in range(n_tasks + 1)] if n_tasks else [0]
    return [Batch(tuple(recipes[low:high])) for low, high in pairwise(borders)]


def _has_parts(recipes: Sequence[Recipe]) -> bool:
    return any(recipe.part > 0 for recipe in recipes)


def _seconds(config: Config, stage: str, recipe: Recipe) -> float | None:
    """Return the CPU time (s) of one more product like this; None where nobody has measured it."""
    load = Load(recipe.parameters)
    one, two = (cost_of(config, stage, [load] * n_products) for n_products in (1, 2))
    return None if one is None or two is None else two.cpu - one.cpu
