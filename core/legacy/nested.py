"""The published analysis' nested dicts: walked with every step checked, errors naming the file and the keys."""

import math
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.dark_matter.channels import Channel, canonical_channel
from core.errors import InputError, PhysicsError


def mapping_at(path: Path, where: str, content: object) -> Mapping[object, object]:
    """Return a dict as it is; InputError if the content is none."""
    if not isinstance(content, dict):
        raise InputError(f"{path}: {where} holds a {type(content).__name__}, expected a dict")
    return content


def pairs_in(path: Path, content: object, inside: str = "") -> Iterator[tuple[str, Channel, float, object]]:
    """Yield (where it stands, channel, mass in GeV, entry) of a dict `[channel][mass]`.

    `inside` names what the dict itself stands in. InputError for a channel or a mass that is none, for two names of
    one, and where there is no pair at all.
    """
    prefix = f"{inside}, " if inside else ""
    seen: set[tuple[Channel, float]] = set()
    for name, masses in mapping_at(path, inside or "the file", content).items():
        channel = _channel(path, inside, name)
        for mass_name, entry in mapping_at(path, f"{prefix}channel {name}", masses).items():
            where = f"{prefix}channel {name}, mass {mass_name}"
            mass = _mass(path, where, mass_name)
            if (channel, mass) in seen:
                raise InputError(f"{path}: {where}: {channel} at {mass:g} GeV stands there twice, by two names")
            seen.add((channel, mass))
            yield where, channel, mass, entry
    if not seen:
        raise InputError(f"{path}: {inside or 'the file'} holds no channel with a mass")


def _channel(path: Path, inside: str, name: object) -> Channel:
    try:
        return canonical_channel(str(name))
    except PhysicsError as error:
        raise InputError(f"{path}: {f'{inside}: ' if inside else ''}{error}") from error


def _mass(path: Path, where: str, name: object) -> float:
    try:
        mass = float(str(name))
    except ValueError as error:
        raise InputError(f"{path}: {where}: that is no mass in GeV") from error
    if not (math.isfinite(mass) and mass > 0.0):
        raise InputError(f"{path}: {where}: that is no mass in GeV")
    return mass


def numbers_at(path: Path, where: str, columns: Mapping[object, object], name: str) -> NDArray[np.float64]:
    """Return a column of a dict as finite numbers, (n,); InputError if it is missing or anything else."""
    if name not in columns:
        raise InputError(f"{path}: {where} has no column {name}; it has {', '.join(map(str, columns)) or 'none'}")
    try:
        values = np.asarray(columns[name], dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"{path}: {where}, column {name}: holds no numbers") from error
    if values.ndim != 1 or not np.isfinite(values).all():
        raise InputError(f"{path}: {where}, column {name}: must be a list of finite numbers")
    return values


def positive_at(path: Path, where: str, value: object) -> float:
    """Return a number above zero; InputError if it is anything else."""
    try:
        # What numpy wrote may be a number in an array of its own.
        number = float(np.asarray(value).item()) if np.size(value) == 1 else math.nan  # type: ignore[arg-type]
    except (TypeError, ValueError):
        number = math.nan
    if not 0.0 < number < math.inf:
        raise InputError(f"{path}: {where} is {value!r:.60}; a number above zero is due")
    return number
