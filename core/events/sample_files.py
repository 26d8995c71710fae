"""The files of an event sample: found by paths and patterns, and sorted by season."""

import glob
from collections.abc import Sequence
from pathlib import Path

from core.errors import ConfigError, InputError
from core.events.skylab import season_of


def matching_files(patterns: Sequence[str], setting: str) -> list[Path]:
    """Return the files that paths and glob patterns name, each once, in order.

    Raises ConfigError naming the setting and the path or pattern for which there is no file.
    """
    found: set[Path] = set()
    for pattern in patterns:
        names = [pattern] if Path(pattern).is_file() else glob.glob(pattern, recursive=True)  # noqa: PTH207
        files = {Path(name).absolute() for name in names if Path(name).is_file()}
        if not files:
            raise ConfigError(f"{setting}: no file matches {pattern}; paths and patterns (*, ?, [ab], **) are allowed")
        found |= files
    return sorted(found)


def files_by_season(files: Sequence[Path], season: str | None) -> dict[str, list[Path]]:
    """Return the files of each season, in order of the seasons.

    A file's name tells its season (IC86_2011, IC86.2011), else the nearest of its folders that tells one, else it is
    `season`. Raises InputError if nothing tells it.
    """
    by_season: dict[str, list[Path]] = {}
    for path in files:
        by_season.setdefault(_season(path, season), []).append(path)
    return dict(sorted(by_season.items()))


def _season(path: Path, season: str | None) -> str:
    for place in (path, *path.parents):
        try:
            return season_of(place)
        except InputError:
            continue
    if season is None:
        raise InputError(f"neither the name nor a folder of {path} tells a season such as IC86_2011: set events.season")
    return season
