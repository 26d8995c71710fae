"""What a run of an analysis would make, why, and what that costs, before anything is made.

Which pairs are served is known once their acceptances stand, and how many events are injected once their densities do.
Until then a pair counts as served, with as many numbers of injected events as the configuration has.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.configuration.config import Config
from core.products.recipe import ProductKey, ProductState, Recipe, State
from core.products.store import ProductStore
from core.stages.figures import figure_recipes, figure_state
from core.stages.freshness import Freshness
from core.stages.j_calibration import is_profiled
from core.stages.pairs import Pair, refused_pairs, served_pairs
from core.stages.rates import RUN, TASK, Cost, Load, cost_of, load_of_pair, n_tasks_of
from core.stages.registry import STAGES, stages_before, stages_of
from core.stages.selection import ALL, Selection, pair_of, part_range, selected_recipes
from core.stages.stage import PAIR_KEYS

# Figures of an analysis beside one for each channel: most have no recipe before results are fresh.
N_FIGURES_OF_ALL = 7
NOT_DECIDED = "known once the acceptances and densities are made"
# Stages of pairs whose recipes the configuration alone tells.
KNOWN_BEFORE = ("spectra", "acceptance")
LAST_OF_TRIALS = ("background_trials", "signal_trials")
# The stage of which all pairs share one product, unless J factors are profiled for each.
SHARED = "j_calibration"
KEYS_IN_WORDS = re.compile(r" \w+=\S+| part \d+")


@dataclass(frozen=True)
class Reason:
    """Why some products of a stage would be made: how they stand, in words why, how many, and one of them."""

    state: State
    words: str
    n_products: int
    example: Recipe | None = None


@dataclass(frozen=True)
class PlannedStage:
    """What would be made of one stage: products by how they stand now, why, and the cost.

    `cost` is None where nobody has measured what the stage costs. An estimate holds pairs or numbers of injected events
    that other products will tell.
    """

    stage: str
    n_fresh: int
    reasons: tuple[Reason, ...]
    cost: Cost | None
    is_estimate: bool = False

    @property
    def n_to_make(self) -> int:
        """How many products would be made."""
        return sum(reason.n_products for reason in self.reasons)

    @property
    def n_tasks(self) -> int:
        """How many tasks make them, with the one that finds the others fresh; figures have one each."""
        if self.stage == "figures":
            return self.n_fresh + self.n_to_make
        return bool(self.n_fresh) + n_tasks_of(self.n_to_make, self.cost.cpu if self.cost else None)

    def n_of(self, state: State) -> int:
        """How many of them stand so now."""
        return sum(reason.n_products for reason in self.reasons if reason.state is state)


@dataclass(frozen=True)
class Plan:
    """What a run of an analysis would make, stage by stage in order, figures last."""

    stages: tuple[PlannedStage, ...]

    @property
    def n_to_make(self) -> int:
        """How many products and figures would be made."""
        return sum(stage.n_to_make for stage in self.stages)

    @property
    def n_tasks(self) -> int:
        """How many tasks a run has: what is fresh of a stage has one too, which finds that it is."""
        return sum(stage.n_tasks for stage in self.stages)

    @property
    def not_measured(self) -> tuple[str, ...]:
        """The stages of which something would be made and nobody has measured what that costs."""
        return tuple(stage.stage for stage in self.stages if stage.n_to_make and stage.cost is None)

    @property
    def overhead(self) -> Cost:
        """What a run costs beside its products: imports, Prefect with its server, and a share of it for each task."""
        return Cost(RUN.cpu + self.n_tasks * TASK.cpu, 0.0, RUN.memory)

    def cost(self, n_workers: int) -> Cost:
        """Return what the run costs with so many tasks at a time."""
        costs = [(stage.cost or Cost(), min(n_workers, stage.n_to_make)) for stage in self.stages]
        at_once = max((cost.memory * n_at_once for cost, n_at_once in costs), default=0.0)
        cpu, disk = sum(cost.cpu for cost, _ in costs), sum(cost.disk for cost, _ in costs)
        return Cost(self.overhead.cpu + cpu, disk, self.overhead.memory + at_once)


def plan_of(
    config: Config, store: ProductStore, stages: Sequence[str] | None = None, selection: Selection = ALL
) -> Plan:
    """Return what a run of an analysis would make now: all, some stages without figures, or selected products."""
    if stages is not None:
        freshness = Freshness(config, store)
        return Plan(tuple(_planned_stage(config, store, freshness, stage, selection) for stage in stages))
    return Plan(tuple(_planned_stages(config, store, selection)))


def trial_stages(config: Config) -> tuple[str, ...]:
    """Return the stages that make trials of an analysis, and those that they need, in order."""
    wanted = {name for last in LAST_OF_TRIALS for name in (last, *stages_before(config, last))}
    return tuple(stage for stage in stages_of(config) if stage in wanted)


def _planned_stages(config: Config, store: ProductStore, selection: Selection) -> Iterator[PlannedStage]:
    freshness = Freshness(config, store)
    for stage in stages_of(config):
        planned = _planned_stage(config, store, freshness, stage, selection)
        yield planned
        if stage == "sensitivity":
            results = planned
    yield _planned_figures(config, store, freshness, results)


def _planned_stage(
    config: Config, store: ProductStore, freshness: Freshness, stage: str, selection: Selection
) -> PlannedStage:
    """Return what a run would make of one stage."""
    found = [(recipe, freshness.of(recipe)) for recipe in selected_recipes(config, store, stage, selection)]
    to_make = [(recipe, state) for recipe, state in found if state.state is not State.FRESH]
    known = {_pair(recipe.product) for recipe, _ in found}
    further = [] if selection.only_failed else _further_loads(config, store, stage, known, selection)
    reasons = _reasons([(state, recipe) for recipe, state in to_make])
    if further:
        reasons += (Reason(State.MISSING, NOT_DECIDED, sum(load.n_products for load in further)),)
    cost = cost_of(config, stage, [*(Load(recipe.parameters) for recipe, _ in to_make), *further])
    return PlannedStage(stage, len(found) - len(to_make), reasons, cost, bool(further))


def _reasons(found: Sequence[tuple[ProductState, Recipe | None]]) -> tuple[Reason, ...]:
    """Return the different reasons among states, each with its number of products and the first of these."""
    numbers = Counter((state.state, _in_short(state)) for state, _ in found)
    examples: dict[tuple[State, str], Recipe | None] = {}
    for state, recipe in found:
        examples.setdefault((state.state, _in_short(state)), recipe)
    return tuple(Reason(*kind, n_products, examples[kind]) for kind, n_products in numbers.items())


def _further_loads(
    config: Config, store: ProductStore, stage: str, known: set[Pair | None], selection: Selection
) -> list[Load]:
    """Return what will be made of pairs of which it is not known yet whether they are served, or how many products."""
    if not set(PAIR_KEYS) <= set(STAGES[stage].keys) or stage in KNOWN_BEFORE:
        return []
    decided = served_pairs(config, store).keys() | refused_pairs(config, store).keys()
    undecided = [pair for pair in config.channel_masses if pair not in decided]
    if stage == "signal_trials":
        undecided += [pair for pair in served_pairs(config, store) if pair not in known]
    if stage == SHARED and not is_profiled(config):
        undecided = [] if known else undecided[:1]
    if selection.pairs:
        undecided = [pair for pair in undecided if pair in map(pair_of, selection.pairs)]
    load = load_of_pair(config, stage)
    if selection.parts is not None and stage in LAST_OF_TRIALS:
        load = replace(load, n_products=min(load.n_products, len(part_range(selection.parts))))
    return [load] * len(undecided)


def _planned_figures(config: Config, store: ProductStore, freshness: Freshness, results: PlannedStage) -> PlannedStage:
    """Return which figures a run would draw: those that are not fresh, and those of sensitivities to be made."""
    found = [figure_state(store, recipe) for recipe in figure_recipes(config, store, freshness)]
    not_fresh = [state for state in found if state.state is not State.FRESH]
    reasons = _reasons([(state, None) for state in not_fresh])
    n_further = max(0, len(config.pairs) + N_FIGURES_OF_ALL - len(found))
    if results.n_to_make and n_further:
        reasons += (Reason(State.MISSING, "their sensitivities come first", n_further),)
    n_to_make = sum(reason.n_products for reason in reasons)
    cost = cost_of(config, "figures", [Load({}, n_to_make)])
    return PlannedStage("figures", len(found) - len(not_fresh), reasons, cost, results.is_estimate)


def _in_short(found: ProductState) -> str:
    """Return the reason for a state without the keys of single products, so that all pairs have the same."""
    return KEYS_IN_WORDS.sub("", found.reason)


def _pair(product: ProductKey) -> Pair | None:
    """Return the pair of a product, None of one that is of all pairs."""
    keys: Mapping[str, Any] = product.keys
    return (keys["channel"], keys["mass"]) if set(PAIR_KEYS) <= set(keys) else None
