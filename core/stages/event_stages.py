"""The stages of a sample that comes as events: from its files to events, and to an account of them.

A product of events has a part for each file, so that a file that changes makes only its own part stale. A file counts
as changed when its path, size or time of change is another: to digest thousands of large files whenever somebody asks
how products stand would take minutes. The simulated sample has a part for each draw instead.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from core.configuration.config import Config
from core.events.columns import KINDS, Kind
from core.products.recipe import ProductKey, Recipe
from core.stages.event_parts import EventPart, event_parts, seasons_with_good_runs

# In the order in which they are made.
EVENT_STAGES = ("sealed_events", "good_runs", "events", "event_files", "cut_flow", "event_summary")
# Their products have a part for each file; a part beyond the last file is of a file that is no more.
STAGES_BY_FILE = ("sealed_events", "events")


def event_recipes(config: Config, stage: str) -> list[Recipe]:
    """Return the recipes of all products of a stage of events.

    Raises ConfigError or InputError if a pattern matches no file, a file tells no season, or a season lacks good runs.
    """
    return list(_RECIPES[stage](config))


def events_of(config: Config, kind: Kind) -> tuple[ProductKey, ...]:
    """Return the measured or simulated events of all seasons, a product a part."""
    return tuple(
        ProductKey("events", {"kind": kind, "season": season}, part=part)
        for season, parts in event_parts(config, kind).items()
        for part in range(len(parts))
    )


def good_runs_of(config: Config) -> tuple[ProductKey, ...]:
    """Return the lists of good runs of all seasons that have one."""
    return tuple(ProductKey("good_runs", {"season": season}) for season in seasons_with_good_runs(config))


def _good_runs(config: Config) -> Iterable[Recipe]:
    for season, made_from in seasons_with_good_runs(config).items():
        product = ProductKey("good_runs", {"season": season})
        yield Recipe(product, made_from.module, made_from.parameters, made_from.inputs)


def _sealed_events(config: Config) -> Iterable[Recipe]:
    for season, parts in event_parts(config, "data").items():
        yield from _conversions(ProductKey("sealed_events", {"season": season}), parts)


def _events(config: Config) -> Iterable[Recipe]:
    with_list = seasons_with_good_runs(config)
    for season, parts in event_parts(config, "data").items():
        runs = (ProductKey("good_runs", {"season": season}),) if season in with_list else ()
        for part in range(len(parts)):
            sealed = ProductKey("sealed_events", {"season": season}, part=part)
            product = ProductKey("events", {"kind": "data", "season": season})
            yield Recipe(product, "core.events.blinding", {"seed": config.seed}, (sealed, *runs), part)
    for season, parts in event_parts(config, "mc").items():
        yield from _conversions(ProductKey("events", {"kind": "mc", "season": season}), parts)


def _conversions(product: ProductKey, parts: list[EventPart]) -> Iterable[Recipe]:
    for part, made_from in enumerate(parts):
        yield Recipe(product, made_from.module, made_from.parameters, made_from.inputs, part)


def _event_files(config: Config) -> Iterable[Recipe]:
    parameters = {"strict": config.events.strict}
    for product, made_from, inputs in _accounts(config, "event_files"):
        yield Recipe(product, "core.events.accounts", parameters | made_from, inputs)


def _cut_flow(config: Config) -> Iterable[Recipe]:
    with_list = seasons_with_good_runs(config)
    for product, made_from, inputs in _accounts(config, "cut_flow"):
        is_cut = product.keys["kind"] == "data" and product.keys["season"] in with_list
        yield Recipe(product, "core.events.accounts", made_from | {"good_runs": is_cut}, inputs)


def _accounts(config: Config, stage: str) -> Iterator[tuple[ProductKey, dict[str, Any], tuple[ProductKey, ...]]]:
    """Yield the product of each kind and season, its parameters, and the files of events whose remarks it sums.

    Remarks are no part of a digest of data. That of the conversions' recipes and code stands for them.
    """
    conversions: dict[str, list[Recipe]] = {}
    for recipe in (*_sealed_events(config), *_events(config)):
        kind = str(recipe.product.keys.get("kind", "data"))
        conversions.setdefault(f"{kind} {recipe.product.keys['season']}", []).append(recipe)
    for name, recipes in conversions.items():
        kind, season = name.split(" ")
        inputs = tuple(ProductKey(item.product.stage, item.product.keys, part=item.part) for item in recipes)
        codes = {item.module: item.code_digest for item in recipes}
        made_from = {"conversions": [item.digest for item in recipes], "code": codes}
        yield ProductKey(stage, {"kind": kind, "season": season}), made_from, inputs


def _event_summary(config: Config) -> Iterable[Recipe]:
    parts = {kind: event_parts(config, kind) for kind in KINDS}
    with_list = seasons_with_good_runs(config)
    for season in sorted({season for by_season in parts.values() for season in by_season}):
        inputs = [ProductKey("good_runs", {"season": season})] if season in with_list else []
        for kind in KINDS:
            n_parts = len(parts[kind].get(season, ()))
            keys = {"kind": kind, "season": season}
            inputs += [ProductKey("event_files", keys)] if n_parts else []
            inputs += [ProductKey("events", keys, part=part) for part in range(n_parts)]
        yield Recipe(ProductKey("event_summary", {"season": season}), "core.events.accounts", {}, tuple(inputs))


_RECIPES: Mapping[str, Callable[[Config], Iterable[Recipe]]] = {
    "good_runs": _good_runs,
    "sealed_events": _sealed_events,
    "events": _events,
    "event_files": _event_files,
    "cut_flow": _cut_flow,
    "event_summary": _event_summary,
}
