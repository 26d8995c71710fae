"""The stages of an own event sample: from its files to events, and to an account of them.

A product of events has a part for each file, so that a file that changes makes only its own part stale. A file counts
as changed when its path, size or time of change is another: to digest thousands of large files whenever somebody asks
how products stand would take minutes.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.config import Config
from core.errors import ConfigError, InputError
from core.events.columns import KINDS, Kind
from core.events.ingestion import check_event_file
from core.events.sample_files import files_by_season, matching_files
from core.recipes import ProductKey, Recipe

# In the order in which they are made.
EVENT_STAGES = ("good_runs", "sealed_events", "events", "event_files", "cut_flow", "event_summary")
# Their products have a part for each file; a part beyond the last file is of a file that is no more.
STAGES_BY_FILE = ("sealed_events", "events")
SETTING_OF_KIND: Mapping[Kind, str] = {"data": "events.data", "mc": "events.simulation"}


def event_recipes(config: Config, stage: str) -> list[Recipe]:
    """Return the recipes of all products of a stage of an own sample.

    Raises ConfigError or InputError if a pattern matches no file, a file tells no season, or a season lacks good runs.
    """
    return list(_RECIPES[stage](config))


def sample_files(config: Config, kind: Kind) -> dict[str, list[Path]]:
    """Return the files of measured or simulated events by season, in the order of the parts."""
    found = matching_files(config.events.patterns(kind), SETTING_OF_KIND[kind])
    return files_by_season(found, config.events.season)


def good_run_files(config: Config) -> dict[str, list[Path]]:
    """Return the lists of good runs by season."""
    found = files_by_season(matching_files(config.events.good_runs, "events.good_runs"), config.events.season)
    if found and (without := [season for season in sample_files(config, "data") if season not in found]):
        raise InputError(f"events.good_runs: no list of {', '.join(without)}, of which there are data; give one")
    return found


def check_event_input(config: Config) -> None:
    """Raise ConfigError or InputError for all that can be seen to be wrong with the files before they are read."""
    seasons: set[str] = set()
    good_run_files(config)
    for kind in KINDS:
        for season, files in sample_files(config, kind).items():
            seasons.add(season)
            for path in files:
                check_event_file(path, kind, config.events.format)
    if unknown := sorted(config.events.energy_scale.keys() - seasons):
        known = ", ".join(sorted(seasons))
        raise ConfigError(f"events.energy_scale names season {unknown[0]}; the seasons of the files are {known}")


def _good_runs(config: Config) -> Iterable[Recipe]:
    for season, files in good_run_files(config).items():
        parameters = {"files": [_mark(path) for path in files]}
        yield Recipe(ProductKey("good_runs", {"season": season}), "core.events.livetime", parameters)


def _sealed_events(config: Config) -> Iterable[Recipe]:
    for season, files in sample_files(config, "data").items():
        yield from _conversions(config, ProductKey("sealed_events", {"season": season}), season, files, 1)


def _events(config: Config) -> Iterable[Recipe]:
    with_list = good_run_files(config)
    for season, files in sample_files(config, "data").items():
        runs = (ProductKey("good_runs", {"season": season}),) if season in with_list else ()
        for part in range(len(files)):
            sealed = ProductKey("sealed_events", {"season": season}, part=part)
            product = ProductKey("events", {"kind": "data", "season": season})
            yield Recipe(product, "core.events.blinding", {"seed": config.seed}, (sealed, *runs), part)
    for season, files in sample_files(config, "mc").items():
        product = ProductKey("events", {"kind": "mc", "season": season})
        yield from _conversions(config, product, season, files, config.events.n_simulated_files or len(files))


def _conversions(config: Config, product: ProductKey, season: str, files: list[Path], n_files: int) -> Iterable[Recipe]:
    settings = config.events
    how: dict[str, Any] = {"format": settings.format, "energy_scale": settings.energy_scale.get(season, 1.0)}
    if settings.format == "i3":
        how |= {"profile": asdict(settings.key_profile()), "n_files": n_files}
    elif settings.format == "skylab":
        how["oneweight_scale"] = settings.oneweight_scale
    for part, path in enumerate(files):
        yield Recipe(product, "core.events.ingestion", how | _mark(path), part=part)


def _event_files(config: Config) -> Iterable[Recipe]:
    parameters = {"strict": config.events.strict}
    for product, made_from, inputs in _accounts(config, "event_files"):
        yield Recipe(product, "core.events.accounts", parameters | made_from, inputs)


def _cut_flow(config: Config) -> Iterable[Recipe]:
    for product, made_from, inputs in _accounts(config, "cut_flow"):
        yield Recipe(product, "core.events.accounts", made_from, inputs)


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
    files = {kind: sample_files(config, kind) for kind in KINDS}
    with_list = good_run_files(config)
    for season in sorted({season for by_season in files.values() for season in by_season}):
        inputs = [ProductKey("good_runs", {"season": season})] if season in with_list else []
        for kind in KINDS:
            n_parts = len(files[kind].get(season, ()))
            keys = {"kind": kind, "season": season}
            inputs += [ProductKey("event_files", keys)] if n_parts else []
            inputs += [ProductKey("events", keys, part=part) for part in range(n_parts)]
        yield Recipe(ProductKey("event_summary", {"season": season}), "core.events.accounts", {}, tuple(inputs))


def _mark(path: Path) -> dict[str, Any]:
    try:
        status = path.stat()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from error
    return {"path": str(path), "size": status.st_size, "modified_ns": status.st_mtime_ns}


_RECIPES: Mapping[str, Callable[[Config], Iterable[Recipe]]] = {
    "good_runs": _good_runs,
    "sealed_events": _sealed_events,
    "events": _events,
    "event_files": _event_files,
    "cut_flow": _cut_flow,
    "event_summary": _event_summary,
}
