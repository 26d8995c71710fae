"""The products of a sample's events that other stages are made from."""

from typing import Any

from core.configuration.config import Config
from core.errors import ConfigError
from core.events.columns import Kind
from core.products.recipe import ProductKey, Recipe
from core.stages.samples import EventPart, sample_bins, sample_of
from core.stages.samples.sample import EventSource
from core.stages.stage import recipe_of

NO_EVENTS = "the public sample needs no ingest: it comes with the package, in bins; `dwarfnu run` analyses it"


def event_source(config: Config) -> EventSource:
    """Return where the events of an analysis come from; ConfigError for a sample that comes in bins."""
    source = sample_of(config).events
    if source is None:
        raise ConfigError(NO_EVENTS)
    return source


def has_events(config: Config) -> bool:
    """Return whether the sample of an analysis comes as single events."""
    return sample_of(config).events is not None


def events_of(config: Config, kind: Kind) -> tuple[ProductKey, ...]:
    """Return the measured or simulated events of all seasons, a product a part."""
    return tuple(
        ProductKey("events", {"kind": kind, "season": season}, part=part)
        for season, parts in event_source(config).parts(config, kind).items()
        for part in range(len(parts))
    )


def good_runs_of(config: Config) -> tuple[ProductKey, ...]:
    """Return the lists of good runs of all seasons that have one."""
    return tuple(ProductKey("good_runs", {"season": season}) for season in event_source(config).good_runs(config))


def simulation_of(config: Config) -> tuple[ProductKey, ...]:
    """Return the simulated events of all seasons, and the good runs that say how long each season counts."""
    return *events_of(config, "mc"), *good_runs_of(config)


def bin_parameters(config: Config) -> dict[str, Any]:
    """Return the edges of the bins in which events are counted, as parameters of a recipe."""
    bins = sample_bins(config)
    return {name: getattr(bins, name).tolist() for name in ("reco_energy_edges", "reco_cos_zenith_edges")}


def part_recipes(product: ProductKey, parts: list[EventPart]) -> list[Recipe]:
    """Return the recipes of the parts of a season's events."""
    return [recipe_of(one.make, product, one.parameters, one.inputs, part, one.hints) for part, one in enumerate(parts)]
