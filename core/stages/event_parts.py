"""What the events of a sample are made from, season by season and part by part: a file each, or a draw each."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from core.configuration.config import OWN_SAMPLE, SIMULATED_SAMPLE, Config
from core.errors import ConfigError, InputError
from core.events.columns import KINDS, Kind
from core.events.ingestion import check_event_file
from core.events.sample_files import files_by_season, matching_files
from core.products.recipe import ProductKey
from core.simulation.seasons import SEASONS

SETTING_OF_KIND: Mapping[Kind, str] = {"data": "events.data", "mc": "events.simulation"}
# Simulated events of a season that one task draws.
N_DRAWN_AT_ONCE = 300_000


@dataclass(frozen=True)
class EventPart:
    """One part of a season's events: the module of core that makes it, from which parameters and products."""

    module: str
    parameters: Mapping[str, Any]
    inputs: tuple[ProductKey, ...] = field(default=())


def event_parts(config: Config, kind: Kind) -> dict[str, list[EventPart]]:
    """Return the parts of measured or simulated events by season.

    Raises ConfigError or InputError if a pattern matches no file or a file tells no season.
    """
    if config.sample == SIMULATED_SAMPLE:
        return {season: _drawn_parts(config, kind) for season in SEASONS}
    files = sample_files(config, kind)
    return {season: _file_parts(config, kind, season, paths) for season, paths in files.items()}


def seasons_with_good_runs(config: Config) -> dict[str, EventPart]:
    """Return what the list of good runs of each season is made from, of the seasons that have one.

    Raises InputError if a season lacks good runs while others have them.
    """
    if config.sample == SIMULATED_SAMPLE:
        parts = event_parts(config, "data")
        return {
            season: EventPart(
                "core.simulation.seasons",
                {"sample": config.sample},
                tuple(ProductKey("sealed_events", {"season": season}, part=part) for part in range(len(of_season))),
            )
            for season, of_season in parts.items()
        }
    return {
        season: EventPart("core.events.livetime", {"files": [_fingerprint(path) for path in files]})
        for season, files in good_run_files(config).items()
    }


def sample_files(config: Config, kind: Kind) -> dict[str, list[Path]]:
    """Return the files of measured or simulated events of an own sample by season, in the order of the parts."""
    found = matching_files(config.events.patterns(kind), SETTING_OF_KIND[kind])
    return files_by_season(found, config.events.season)


def good_run_files(config: Config) -> dict[str, list[Path]]:
    """Return the lists of good runs of an own sample by season."""
    found = files_by_season(matching_files(config.events.good_runs, "events.good_runs"), config.events.season)
    if found and (without := [season for season in sample_files(config, "data") if season not in found]):
        raise InputError(f"events.good_runs: no list of {', '.join(without)}, of which there are data; give one")
    return found


def check_event_input(config: Config) -> None:
    """Raise ConfigError or InputError for all that can be seen to be wrong with the files before they are read."""
    if config.sample != OWN_SAMPLE:
        return
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


def check_enough_for_an_analysis(config: Config) -> None:
    """Raise ConfigError unless the sample has measured events, simulated events and a livetime."""
    if config.sample != OWN_SAMPLE:
        return
    why = {
        "data": "the background comes from measured events",
        "simulation": "the response comes from simulated events",
        "good_runs": "the livetime comes from the lists of good runs",
    }
    for name, reason in why.items():
        if not getattr(config.events, name):
            raise ConfigError(f"events.{name} names no files: {reason}; `dwarfnu ingest` does without")


def _drawn_parts(config: Config, kind: Kind) -> list[EventPart]:
    module, settings = "core.simulation.parts", config.simulated
    drawn: dict[str, Any] = {"format": config.sample, "seed": config.seed}
    if kind == "mc":
        n_parts = max(1, round(settings.n_simulated / len(SEASONS) / N_DRAWN_AT_ONCE))
        drawn |= {"n_simulated": settings.n_simulated, "n_parts": n_parts}
        return [EventPart(module, drawn)] * n_parts
    signals = [
        EventPart(
            module,
            drawn | {"injected": signal.model_dump(mode="json")},
            (ProductKey("sources"), ProductKey("spectra", {"channel": signal.channel, "mass": signal.mass})),
        )
        for signal in settings.injected
    ]
    return [EventPart(module, drawn), *signals]


def _file_parts(config: Config, kind: Kind, season: str, files: list[Path]) -> list[EventPart]:
    settings = config.events
    how: dict[str, Any] = {"format": settings.format, "energy_scale": settings.energy_scale.get(season, 1.0)}
    if settings.format == "i3":
        n_files = 1 if kind == "data" else settings.n_simulated_files or len(files)
        how |= {"profile": asdict(settings.key_profile()), "n_files": n_files}
    elif settings.format == "skylab":
        how["oneweight_scale"] = settings.oneweight_scale
    return [EventPart("core.events.ingestion", how | _fingerprint(path)) for path in files]


def _fingerprint(path: Path) -> dict[str, Any]:
    try:
        status = path.stat()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from error
    return {"path": str(path), "size": status.st_size, "modified_ns": status.st_mtime_ns}
