"""A sample of the user's own: files of measured and simulated events, and lists of good runs; a part is a file.

A file counts as changed when its path, size or time of change is another: to digest thousands of large files whenever
somebody asks how products stand would take minutes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow as pa

from core.configuration.config import Config
from core.errors import ConfigError, InputError
from core.events.accounts import refuse_repeated_runs
from core.events.columns import KINDS, Kind
from core.events.ingestion import account_of, check_event_file, convert_event_file
from core.events.livetime import read_good_runs, refuse_overlap
from core.events.sample_files import files_by_season, matching_files
from core.events.simulation_sets import GENERATION, TRUE_ZENITH, generations_of, set_name
from core.products.recipe import AnnotatedTable
from core.response.from_events import EVENT_BINS
from core.stages.inputs import Inputs
from core.stages.samples.sample import EventPart, EventSource, Sample, configured_bins
from core.stages.stage import Parameters

# Where lists meet, dates may have been kept in 4 bytes, to some minutes (s).
SLACK_OF_ROUNDED = 700.0

SETTING_OF_KIND: Mapping[Kind, str] = {"data": "events.data", "mc": "events.simulation"}


def make_events(_: Inputs, parameters: Parameters) -> AnnotatedTable:
    """Convert one file of events."""
    kind: Kind = "mc" if parameters.get("kind") == "mc" else "data"
    conversion = convert_event_file(kind, parameters["season"], parameters, parameters["strict"])
    return AnnotatedTable(conversion.events, account_of(conversion))


def make_unweighted(_: Inputs, parameters: Parameters) -> AnnotatedTable:
    """Convert one file of simulated events; weights are those of the file alone."""
    conversion = convert_event_file("mc", parameters["season"], parameters, parameters["strict"])
    events = conversion.events.append_column(GENERATION, pa.array(conversion.generation, pa.int64()))
    events = events.append_column(TRUE_ZENITH, pa.array(conversion.true_zenith, pa.float64()))
    account = account_of(conversion) | generations_of(conversion)
    return AnnotatedTable(events, account | {"simulation_set": parameters["simulation_set"]})


def make_good_runs(_: Inputs, parameters: Parameters) -> pa.Table:
    """Read the lists of good runs of a season; InputError if two of them list the same run."""
    season = parameters["season"]
    return refused_twice([read_good_runs(Path(file["path"]), season) for file in parameters["files"]], season)


def refused_twice(lists: Sequence[pa.Table], season: str) -> pa.Table:
    """Return the good runs of a season's lists in one table; InputError if they overlap."""
    runs = pa.concat_tables(lists)
    refuse_repeated_runs(runs, season)
    refuse_overlap(runs, f"good runs of {season}", SLACK_OF_ROUNDED)
    return runs


def event_parts(config: Config, kind: Kind) -> dict[str, list[EventPart]]:
    """Return the files of each season.

    Raises ConfigError or InputError if a pattern matches no file or a file tells no season.
    """
    files = sample_files(config, kind)
    return {season: _file_parts(config, kind, season, paths) for season, paths in files.items()}


def good_runs(config: Config) -> dict[str, EventPart]:
    """Return the lists of good runs of each season that has one.

    Raises InputError if a season lacks good runs while others have them.
    """
    return {
        season: EventPart(make_good_runs, {"files": [_fingerprint(path) for path in files]})
        for season, files in good_run_files(config).items()
    }


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


def check_input(config: Config) -> None:
    """Raise ConfigError or InputError for all that can be seen to be wrong with the files before they are read."""
    seasons: set[str] = set()
    _check_good_runs(config)
    for kind in KINDS:
        for season, files in sample_files(config, kind).items():
            seasons.add(season)
            for path in files:
                check_event_file(path, kind, config.events.format)
    if unknown := sorted(config.events.energy_scale.keys() - seasons):
        known = ", ".join(sorted(seasons))
        raise ConfigError(f"events.energy_scale names season {unknown[0]}; the seasons of the files are {known}")


def _check_good_runs(config: Config) -> None:
    """Raise InputError unless the lists of good runs of all seasons together are of runs that followed each other."""
    lists = [
        refused_twice([read_good_runs(path, season) for path in files], season)
        for season, files in good_run_files(config).items()
    ]
    if lists:
        good_runs = pa.concat_tables(lists)
        refuse_repeated_runs(good_runs, "all seasons")
        refuse_overlap(good_runs, "events.good_runs", SLACK_OF_ROUNDED)


def check_enough_for_an_analysis(config: Config) -> None:
    """Raise ConfigError unless the sample has measured events, simulated events and a livetime."""
    why = {
        "data": "the background comes from measured events",
        "simulation": "the response comes from simulated events",
        "good_runs": "the livetime comes from the lists of good runs",
    }
    for name, reason in why.items():
        if not (config.events.patterns("mc") if name == "simulation" else getattr(config.events, name)):
            raise ConfigError(f"events.{name} names no files: {reason}; `dwarfnu ingest` does without")


def _file_parts(config: Config, kind: Kind, season: str, files: list[Path]) -> list[EventPart]:
    """Return a part for each file of a season, with all that its conversion follows from."""
    settings = config.events
    how: dict[str, Any] = {"format": settings.format, "energy_scale": settings.energy_scale.get(season, 1.0)}
    if settings.format == "i3":
        how["profile"] = asdict(settings.key_profile())
    elif settings.format == "skylab":
        how["oneweight_scale"] = settings.oneweight_scale
    strictness = {"strict": settings.strict}
    if not (kind == "mc" and needs_sets(config)):
        return [EventPart(make_events, how | _fingerprint(path), hints=strictness) for path in files]
    names = set_names(config, files)
    return [
        EventPart(make_unweighted, how | _fingerprint(path) | {"simulation_set": names[path]}, hints=strictness)
        for path in files
    ]


def needs_sets(config: Config) -> bool:
    """Return whether simulated files hold weights of their own alone, so that the sets they are of must be known."""
    return config.events.format == "i3"


def reads_whole_files(config: Config) -> bool:
    """Return whether files of events are read whole, not event by event."""
    return config.events.format != "i3"


def set_names(config: Config, files: Sequence[Path]) -> dict[Path, str]:
    """Return the generated set of each simulated file: the first configured that names it, else by its own name."""
    names: dict[Path, str] = {}
    for index, one in enumerate(config.events.simulation_sets):
        for path in matching_files(one.files, f"events.simulation_sets.{index}.files"):
            names.setdefault(path, one.name or f"set {index + 1}")
    return {path: names.get(path) or set_name(path) for path in files}


def set_parameters(config: Config) -> dict[str, Any]:
    """Return what the configuration says of generated sets, as parameters of a recipe."""
    said = {
        one.name or f"set {index + 1}": {"n_files": one.n_files, "n_events": one.n_events}
        for index, one in enumerate(config.events.simulation_sets)
    }
    return {"configured": said, "n_files": config.events.n_simulated_files}


def _fingerprint(path: Path) -> dict[str, Any]:
    """Return what changes whenever a file does; InputError if it cannot be read."""
    try:
        status = path.stat()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from error
    return {"path": str(path), "size": status.st_size, "modified_ns": status.st_mtime_ns}


OWN = Sample(
    "own",
    configured_bins(EVENT_BINS),
    EventSource(
        event_parts, good_runs, check_input, check_enough_for_an_analysis, needs_sets, set_parameters, reads_whole_files
    ),
)
