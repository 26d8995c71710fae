"""Decoded objects of a frame in words: one line of each, or all that it holds."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from core.events.i3.objects import (
    I3Blob,
    I3Direction,
    I3EventHeader,
    I3FilterResult,
    I3Particle,
    I3Position,
    I3Time,
)
from core.events.i3.tree import I3MCTree
from core.units import DEGREE

# Particles of a tree, entries of a map or numbers of a list that are shown; the rest is counted.
MOST_SHOWN = 200
FEW_SHOWN = 4
MOST_LETTERS = 200


def in_one_line(value: Any) -> str:
    """Return what an object of a frame is, in a line."""
    if isinstance(value, I3Particle):
        return _particle(value)
    if isinstance(value, I3MCTree):
        heads = ", ".join(_particle(head) for head in value.primaries[:FEW_SHOWN])
        return f"tree of {len(value)} particles{f', primary {heads}' if heads else ''}"
    if isinstance(value, I3EventHeader):
        event = f"run {value.run_id}, event {value.event_id}, sub-event {value.sub_event_id}"
        stream = f" ({printable(value.sub_event_stream)})" if value.sub_event_stream else ""
        return f"{event}{stream}, starts at {_time(value.start_time)}"
    if isinstance(value, I3Time):
        return _time(value)
    if isinstance(value, I3Position):
        return f"({value.x:.6g}, {value.y:.6g}, {value.z:.6g}) m"
    if isinstance(value, I3Direction):
        return f"from zenith {_angle(value.zenith)}, azimuth {_angle(value.azimuth)}"
    if isinstance(value, I3Blob):
        return f"{len(value)} bytes, a class that is not decoded"
    return _plain(value)


def in_full(value: Any) -> Iterator[str]:
    """Yield a line for each part of an object: attribute, entry, particle of a tree under its parent."""
    if isinstance(value, I3MCTree):
        yield in_one_line(value)
        for index in range(min(len(value), MOST_SHOWN)):
            yield f"{'  ' * int(value.depths[index])}{_particle(value.particles[index])}"
        yield from _left_out(len(value))
    elif isinstance(value, I3Particle):
        yield from _attributes(value)
    elif isinstance(value, Mapping):
        yield f"{len(value)} entries"
        for name in sorted(value)[:MOST_SHOWN]:
            yield f"{printable(name)}: {in_one_line(value[name])}"
        yield from _left_out(len(value))
    elif isinstance(value, (list, np.ndarray)):
        yield f"{len(value)} in a list"
        for item in value[:MOST_SHOWN]:
            yield in_one_line(item)
        yield from _left_out(len(value))
    elif isinstance(value, I3EventHeader):
        for name in value._fields:
            held = getattr(value, name)
            yield f"{name}: {in_one_line(held)}"
    else:
        yield in_one_line(value)


def printable(text: str) -> str:
    """Return a text from a file without what would steer a terminal."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)


def _plain(value: Any) -> str:
    if value is None:
        return "null pointer"
    if isinstance(value, str):
        shown = printable(value[:MOST_LETTERS])
        return f'"{shown}"' if len(value) <= MOST_LETTERS else f'"{shown}…" ({len(value)} letters)'
    if isinstance(value, float):
        return f"{value:.9g}"
    if isinstance(value, I3FilterResult):
        return f"{bool(value)} (condition {value.condition_passed}, prescale {value.prescale_passed})"
    if isinstance(value, Mapping):
        shown = ", ".join(f"{printable(name)} {in_one_line(value[name])}" for name in sorted(value)[:FEW_SHOWN])
        return f"map of {len(value)} entries{f': {shown}' if shown else ''}{_dots(value)}"
    if isinstance(value, (list, np.ndarray)):
        shown = ", ".join(in_one_line(item) for item in list(value[:FEW_SHOWN]))
        return f"list of {len(value)}{f': {shown}' if shown else ''}{_dots(value)}"
    return str(value)


def _dots(value: Sequence[Any] | Mapping[str, Any] | np.ndarray[Any, Any]) -> str:
    return ", …" if len(value) > FEW_SHOWN else ""


def _left_out(n_parts: int) -> Iterator[str]:
    if n_parts > MOST_SHOWN:
        yield f"… and {n_parts - MOST_SHOWN} more"


def _particle(particle: I3Particle) -> str:
    return (
        f"PDG {particle.pdg_encoding}, {particle.energy:.6g} GeV from zenith {_angle(particle.zenith)}, "
        f"azimuth {_angle(particle.azimuth)}, at ({particle.x:.5g}, {particle.y:.5g}, {particle.z:.5g}) m"
    )


def _attributes(particle: I3Particle) -> Iterator[str]:
    yield f"pdg_encoding: {particle.pdg_encoding} (code {particle.type_code} of class version {particle.version})"
    units = {"energy": "GeV", "zenith": "rad", "azimuth": "rad", "time": "ns", "length": "m", "speed": "m/ns"}
    units |= dict.fromkeys("xyz", "m")
    for name, unit in units.items():
        value = getattr(particle, name)
        degrees = f" ({value / DEGREE:.2f} deg)" if unit == "rad" else ""
        yield f"{name}: {value:.9g} {unit}{degrees}"
    for name in ("fit_status", "shape", "location_type", "major_id", "minor_id"):
        meaning = " (a good fit)" if name == "fit_status" and particle.fit_status == 0 else ""
        yield f"{name}: {getattr(particle, name)}{meaning}"


def _angle(angle: float) -> str:
    return f"{angle:.4g} rad ({angle / DEGREE:.1f} deg)"


def _time(time: I3Time) -> str:
    return f"MJD {time.mjd:.9f} (year {time.year}, {time.daq_time} tenths of ns)"
