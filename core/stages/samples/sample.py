"""What a sample is: its bins, what its events or its counts are made from, and what is said of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from core.configuration.config import Config
from core.events.columns import Kind
from core.products.recipe import ProductKey, Recipe
from core.response.build import ResponseBins
from core.stages.given_files import file_digest
from core.stages.stage import Make, recipe_of


def _never(_: Config) -> bool:
    return False


def _nothing(_: Config) -> dict[str, Any]:
    return {}


def _no_file(_: Config) -> Path | None:
    return None


@dataclass(frozen=True)
class EventPart:
    """One part of a season's events, or its list of good runs: what makes it, from which parameters and products."""

    make: Make
    parameters: Mapping[str, Any]
    inputs: tuple[ProductKey, ...] = ()
    hints: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class EventSource:
    """Where the single events of a sample come from.

    `parts`: those of measured or simulated events by season; `good_runs`: of the seasons that have a list of them.
    `check_input` raises ConfigError or InputError for all that can be seen to be wrong before events are read,
    `check_enough` ConfigError unless there are measured events, simulated events and a livetime. `needs_sets`: whether
    simulated events come with the weights of their files alone; `set_parameters`: what is said of their generated sets.
    `reads_whole_files`: whether a file is read at once, so that its values can be checked before anything is made.
    """

    parts: Callable[[Config, Kind], dict[str, list[EventPart]]]
    good_runs: Callable[[Config], dict[str, EventPart]]
    check_input: Callable[[Config], None]
    check_enough: Callable[[Config], None]
    needs_sets: Callable[[Config], bool] = _never
    set_parameters: Callable[[Config], dict[str, Any]] = _nothing
    reads_whole_files: Callable[[Config], bool] = _never


@dataclass(frozen=True)
class BinnedTable:
    """A table of a sample that comes in bins: its file, shipped or named by the configuration, and what reads it.

    A file that is named is told to `make` as "path".
    """

    make: Make
    path: Callable[[Config], Path]
    is_shipped: bool = True

    def recipe(self, config: Config, product: ProductKey) -> Recipe:
        """Return the recipe by which the table becomes a product; InputError if its file cannot be read."""
        path = self.path(config)
        hints = {} if self.is_shipped else {"path": str(path)}
        return recipe_of(self.make, product, {"file_digest": file_digest(path)}, hints=hints)


def configured_bins(own: ResponseBins) -> Callable[[Config], ResponseBins]:
    """Return how a sample's bins follow from the configuration: its own where that names none."""

    def bins(config: Config) -> ResponseBins:
        given = {name: np.array(edges) for name, edges in config.bins if edges is not None}
        return replace(own, **given)

    return bins


@dataclass(frozen=True)
class Sample:
    """A sample: of single events (`events`), or in bins, with counts and response of its own.

    `bins`: in which its events are counted and its response is described. `title_prefix` stands before its name in
    titles; a sample that `is_simulated` says so in every product and figure.
    One that `has_atmospheric_model` has muons, detector slopes and a folded simulation to expect its counts from.
    `hyperplanes`: the file that tells how its yields move with the detector's parameters, None where there is none.
    """

    name: str
    bins: Callable[[Config], ResponseBins]
    events: EventSource | None = None
    event_counts: BinnedTable | None = None
    response: BinnedTable | None = None
    is_simulated: bool = False
    has_atmospheric_model: bool = False
    hyperplanes: Callable[[Config], Path | None] = _no_file

    @property
    def title_prefix(self) -> str:
        """What a title says before it names events of the sample."""
        return "SIMULATED " if self.is_simulated else ""
