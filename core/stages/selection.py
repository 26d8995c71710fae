"""Which products of an analysis are to be made, where not all that is missing is."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import Field, ValidationError, field_validator

from core.configuration.config import Config
from core.configuration.fields import Settings
from core.dark_matter.channels import key_channel
from core.errors import ConfigError, ProductError
from core.products.recipe import ProductKey, Recipe, State, path_text
from core.products.store import ProductStore
from core.stages.freshness import Freshness
from core.stages.pairs import Pair, refused_pairs
from core.stages.registry import STAGES, recipes, stages_of
from core.stages.stage import PAIR_KEYS
from core.stages.trial_recipes import is_shard

PARTS = re.compile(r"(\d+)(?:-(\d+))?")
# Stages that are made of all pairs whichever are selected: they decide which pairs there are.
DECIDING = ("spectra", "acceptance")
# Stages of which a pair may need another pair's product, and those that need it: limits with J profiled may be
# calibrated on another pair.
SHARED = ("j_calibration", "source_information")
SHARING = ("j_profile", "j_calibration")


class Selection(Settings):
    """Some products of an analysis; all of them where nothing is selected."""

    only: tuple[str, ...] = ()
    """Stages to make, without what they need; all where none is named."""
    pairs: tuple[str, ...] = ()
    """Pairs of channel and mass such as tautau/20, with what they need; all where none is named."""
    parts: str | None = Field(default=None, pattern=rf"^{PARTS.pattern}$")
    """Shards of trials by number, such as 0-49; all where none is named."""
    only_failed: bool = False
    """Only products of which the last attempt failed, or whose file is damaged."""
    allow_incomplete: bool = False
    """Take the shards of trials that stand, where some are missing."""

    @field_validator("parts")
    @classmethod
    def _in_order(cls, parts: str | None) -> str | None:
        if parts is not None and not part_range(parts):
            raise ValueError("the last part comes before the first")
        return parts

    @property
    def is_of_all(self) -> bool:
        """Whether every product is selected."""
        return not (self.only or self.pairs or self.parts or self.only_failed)

    def has_stage(self, stage: str) -> bool:
        """Return whether a stage is made."""
        return not self.only or stage in self.only

    def check(self, config: Config) -> None:
        """Raise ConfigError if a stage or a pair is not of the analysis."""
        stages = stages_of(config)
        for stage in self.only:
            if stage not in stages:
                raise ConfigError(f"--only {stage}: not a stage of this analysis; there are {', '.join(stages)}")
        for text in self.pairs:
            if pair_of(text) not in config.channel_masses:
                there = ", ".join(f"{channel}/{path_text(mass)}" for channel, mass in config.channel_masses)
                raise ConfigError(f"--pair {text}: not a pair of this analysis; there are {there}")


ALL = Selection()


def selection_of(config: Config, **chosen: Any) -> Selection:
    """Return the selection that a command asks for; ConfigError if it is none of the analysis."""
    try:
        selection = Selection.model_validate(chosen)
    except ValidationError as error:
        (first, *_) = error.errors()
        option, given = str(first["loc"][0]).replace("_", "-"), first["input"]
        raise ConfigError(f"--{option} {given}: allowed are numbers of parts such as 7 or 0-49") from error
    selection.check(config)
    return selection


def part_range(parts: str) -> range:
    """Return the numbers of the parts that a text such as 0-49 or 7 names."""
    first, last = PARTS.fullmatch(parts).groups()  # type: ignore[union-attr]
    return range(int(first), int(last or first) + 1)


def pair_of(text: str) -> Pair:
    """Return the pair that a text such as tautau/20 names; ConfigError if it names none."""
    channel, separator, mass = text.partition("/")
    try:
        return key_channel(channel), float(mass)
    except ValueError as error:
        why = "" if separator else ", a mass after a stroke is missing"
        raise ConfigError(f"{text!r} is not a pair such as tautau/20{why}") from error


def selected_recipes(config: Config, store: ProductStore, stage: str, selection: Selection = ALL) -> list[Recipe]:
    """Return the recipes of a stage that are selected: all, or those of some pairs and parts, or that failed.

    Of other pairs only what the selected ones need, unless stages are named.
    """
    found = recipes(config, store, stage)
    if selection.is_of_all:
        return found
    if selection.pairs and stage not in DECIDING:
        needed = _needed(config, store, selection) if stage in SHARED and not selection.only else set()
        found = [recipe for recipe in found if _is_of_pairs(recipe, selection) or str(recipe.product) in needed]
    if selection.parts is not None:
        parts = part_range(selection.parts)
        found = [recipe for recipe in found if not is_shard(recipe) or recipe.part in parts]
    if selection.only_failed:
        freshness = Freshness(config, store)
        found = [recipe for recipe in found if freshness.of(recipe).state is State.FAILED]
    return found


def _is_of_pairs(recipe: Recipe, selection: Selection) -> bool:
    """Return whether a recipe is of a pair that is selected, or of no pair."""
    keys: Mapping[str, Any] = recipe.product.keys
    is_of_pair = set(PAIR_KEYS) <= set(keys)
    return not is_of_pair or (keys["channel"], keys["mass"]) in map(pair_of, selection.pairs)


def _needed(config: Config, store: ProductStore, selection: Selection) -> set[str]:
    """Return the products of any pair that those of the selected pairs are calibrated with."""
    needed: set[str] = set()
    for stage in SHARING:
        for recipe in recipes(config, store, stage):
            if _is_of_pairs(recipe, selection) or str(recipe.product) in needed:
                needed |= {str(ProductKey(item.stage, item.keys)) for item in recipe.inputs}
    return needed


def check_complete(config: Config, store: ProductStore, selection: Selection) -> None:
    """Raise ProductError if what the named stages are made from does not stand, with all that lacks.

    Shards of trials may lack where the selection allows it, as long as some stand.
    """
    freshness = Freshness(config, store)
    for stage in selection.only:
        wanted = selected_recipes(config, store, stage, selection)
        if not (wanted or selection.only_failed or set(STAGES[stage].needs) & set(selection.only)):
            raise ProductError(_nothing_known(config, store, stage, selection))
        for recipe in wanted:
            made_before = [item for item in recipe.inputs if item.stage not in selection.only]
            lacks = [lack for item in made_before if (lack := freshness.lack_of(item)) is not None]
            if not lacks or (selection.allow_incomplete and incomplete_recipe(recipe, freshness) is not None):
                continue
            way_out = ", or --allow-incomplete takes what stands" if any(lack.n_parts > 1 for lack in lacks) else ""
            named = "; ".join(map(str, lacks))
            raise ProductError(f"{recipe} cannot be made: {named}; a run without --only makes that{way_out}")


def _nothing_known(config: Config, store: ProductStore, stage: str, selection: Selection) -> str:
    """Return why a stage has no recipe of the pairs that are selected, in words."""
    asked = set(map(pair_of, selection.pairs))
    if refused := [reason for pair, reason in refused_pairs(config, store).items() if pair in asked]:
        return "; ".join(refused)
    return f"--only {stage}: what it would make is not known yet; a run without --only makes what it needs"


def incomplete_recipe(recipe: Recipe, freshness: Freshness) -> Recipe | None:
    """Return the recipe of a product from those shards of its trials that stand, and of which numbers of them.

    None if anything else lacks, or if no background trials stand. What is made so is stale until all stand: its recipe
    says that it is incomplete.
    """
    inputs: list[ProductKey] = []
    incomplete: dict[str, str] = {}
    for product in recipe.inputs:
        if freshness.lack_of(product) is None:
            inputs.append(product)
            continue
        standing = [maker for maker in freshness.standing_parts(product) if is_shard(maker)]
        if product.n_parts is None or (not standing and product.stage == "background_trials"):
            return None
        inputs += [ProductKey(product.stage, product.keys, part=maker.part) for maker in standing]
        incomplete[str(product)] = f"{len(standing)} of {product.n_parts} shards"
    return replace(recipe, inputs=tuple(inputs), parameters={**recipe.parameters, "incomplete": incomplete})
