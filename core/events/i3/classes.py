"""The classes of frame objects that this reader knows, by the name that stands in the object's own bytes.

A frame also states a C++ type name for each object; that name drifts between compilers, so it is written but not
trusted.
"""

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.events.i3.archive import BYTE, DOUBLE, INT32, UINT32, Archive, ArchiveReader
from core.events.i3.errors import I3FormatError, I3UnsupportedError
from core.events.i3.objects import (
    I3Direction,
    I3EventHeader,
    I3FilterResult,
    I3Particle,
    I3Position,
    I3Time,
)
from core.events.i3.particles import (
    NEWEST_PARTICLE,
    exchange_direction,
    exchange_particle_data,
    exchange_particles,
    exchange_position,
)
from core.events.i3.tree import I3MCTree, exchange_tree

Exchange = Callable[[Archive, Any, int], Any]

FLOATS = np.dtype("<f8")
INTEGERS = np.dtype("<i4")

# Objects that take much more room as Python values than in the file: more in one object is no physics.
MOST_ENTRIES = 250_000

_TIME = struct.Struct("<iq")


@dataclass(frozen=True)
class FrameClass:
    """A class: name in the file, C++ type name, newest version, how to pass its data, and an empty value."""

    name: str
    type_name: str
    newest: int
    exchange: Exchange
    blank: Any


def _exchange_double(archive: Archive, value: float, _version: int = 0) -> float:
    archive.base()
    return float(archive.fields(DOUBLE, value)[0])


def _exchange_int(archive: Archive, value: int, _version: int = 0) -> int:
    archive.base()
    return int(archive.fields(INT32, value)[0])


def _exchange_bool(archive: Archive, value: bool, _version: int = 0) -> bool:
    archive.base()
    return _pass_bool(archive, value)


def _exchange_string(archive: Archive, value: str, _version: int = 0) -> str:
    archive.base()
    return archive.string(value)


def _exchange_time(archive: Archive, time: I3Time, _version: int = 0) -> I3Time:
    archive.base()
    return I3Time._make(archive.fields(_TIME, *time))


def _exchange_header(archive: Archive, header: I3EventHeader, version: int) -> I3EventHeader:
    archive.base()
    (run_id,) = archive.fields(UINT32, header.run_id)
    (sub_run_id,) = archive.fields(UINT32, header.sub_run_id) if version > 0 else (0,)
    (event_id,) = archive.fields(UINT32, header.event_id)
    (state,) = archive.fields(INT32, header.state) if version > 1 else (20,)
    sub_event_id, sub_event_stream = 0, ""
    if version > 2:
        (sub_event_id,) = archive.fields(UINT32, header.sub_event_id)
        sub_event_stream = archive.string(header.sub_event_stream)
    archive.enter("I3Time", 0, 0)
    start_time = _exchange_time(archive, header.start_time)
    archive.enter("I3Time", 0, 0)
    end_time = _exchange_time(archive, header.end_time)
    identity = run_id, sub_run_id, event_id, state
    return I3EventHeader(*identity, sub_event_id, sub_event_stream, start_time, end_time, version)


def _exchange_doubles(archive: Archive, values: Any, _version: int = 0) -> Any:
    archive.base()
    return _pass_array(archive, FLOATS, values)


def _exchange_ints(archive: Archive, values: Any, _version: int = 0) -> Any:
    archive.base()
    return _pass_array(archive, INTEGERS, values)


def _exchange_particles(archive: Archive, particles: list[I3Particle], _version: int) -> list[I3Particle]:
    archive.base()
    return exchange_particles(archive, particles)


def _pass_bool(archive: Archive, value: bool) -> bool:
    (byte,) = archive.fields(BYTE, value)
    if byte > 1:
        raise I3FormatError(f"a truth value is the byte {byte}, 0 or 1 is due")
    return bool(byte)


def _pass_double(archive: Archive, value: float) -> float:
    return float(archive.fields(DOUBLE, value)[0])


def _pass_int(archive: Archive, value: int) -> int:
    return int(archive.fields(INT32, value)[0])


def _pass_doubles(archive: Archive, values: Any) -> Any:
    return _pass_array(archive, FLOATS, values)


def _pass_array(archive: Archive, dtype: np.dtype[Any], values: Any) -> Any:
    n_items = archive.size(len(values), dtype.itemsize)
    return archive.array(dtype, n_items, values)


def _pass_filter_result(archive: Archive, result: I3FilterResult) -> I3FilterResult:
    archive.enter("I3FilterResult", 0, 0)
    archive.base()
    return I3FilterResult(_pass_bool(archive, result.condition_passed), _pass_bool(archive, result.prescale_passed))


def _map_of(
    pass_value: Callable[[Archive, Any], Any], blank: Any, value_bytes: int, plain: struct.Struct | None = None
) -> Exchange:
    """Return how to pass a map from texts to values of one kind, each at least `value_bytes` long.

    `plain`: the layout of a value that is one number.
    """

    def exchange(archive: Archive, entries: Mapping[str, Any], _version: int) -> dict[str, Any]:
        archive.base()
        archive.enter("map", 0, 0, is_tracked=False)
        n_entries = archive.size(len(entries), UINT32.size + value_bytes)
        if n_entries > MOST_ENTRIES:
            raise I3UnsupportedError(f"a map has {n_entries} entries, {MOST_ENTRIES} at most are read")
        is_reading = isinstance(archive, ArchiveReader)
        values: dict[str, Any] = {}
        if n_entries:
            archive.enter("pair", 0, 0, is_tracked=False)
        if isinstance(archive, ArchiveReader) and plain is not None:
            values = archive.entries(plain, n_entries)
        else:
            for key, value in (("", blank),) * n_entries if is_reading else entries.items():
                name = archive.string(key)
                values[name] = pass_value(archive, value)
        if len(values) != n_entries:
            raise I3FormatError(f"a map of {n_entries} entries has only {len(values)} different names")
        return values

    return exchange


FRAME_CLASSES: Mapping[str, FrameClass] = {
    frame_class.name: frame_class
    for frame_class in (
        FrameClass("I3Double", "I3PODHolder<double>", 0, _exchange_double, 0.0),
        FrameClass("I3Int", "I3PODHolder<int>", 0, _exchange_int, 0),
        FrameClass("I3Bool", "I3PODHolder<bool>", 0, _exchange_bool, False),
        FrameClass("I3String", "I3String", 0, _exchange_string, ""),
        FrameClass("I3Time", "I3Time", 0, _exchange_time, I3Time()),
        FrameClass("I3EventHeader", "I3EventHeader", 3, _exchange_header, I3EventHeader()),
        FrameClass("I3Position", "I3Position", 0, exchange_position, I3Position()),
        FrameClass("I3Direction", "I3Direction", 0, exchange_direction, I3Direction()),
        FrameClass("I3Particle", "I3Particle", NEWEST_PARTICLE, exchange_particle_data, I3Particle()),
        FrameClass("I3ParticleVect", "I3Vector<I3Particle>", 0, _exchange_particles, ()),
        FrameClass("I3VectorDouble", "I3Vector<double>", 0, _exchange_doubles, ()),
        FrameClass("I3VectorInt", "I3Vector<int>", 0, _exchange_ints, ()),
        FrameClass("I3MapStringDouble", "I3Map<string, double>", 0, _map_of(_pass_double, 0.0, 8, DOUBLE), {}),
        FrameClass("I3MapStringInt", "I3Map<string, int>", 0, _map_of(_pass_int, 0, 4, INT32), {}),
        FrameClass("I3MapStringBool", "I3Map<string, bool>", 0, _map_of(_pass_bool, False, 1), {}),
        FrameClass("I3MapStringVectorDouble", "I3Map<string, vector<double> >", 0, _map_of(_pass_doubles, (), 4), {}),
        FrameClass(
            "I3FilterResultMap",
            "I3Map<string, I3FilterResult>",
            0,
            _map_of(_pass_filter_result, I3FilterResult(), 10),
            {},
        ),
        FrameClass(
            "I3MCTree",
            "TreeBase::Tree<I3Particle, I3ParticleID, i3hash<I3ParticleID> >",
            1,
            exchange_tree,
            I3MCTree(),
        ),
    )
}

_CLASS_OF_TYPE: Mapping[type, str] = {
    bool: "I3Bool",
    int: "I3Int",
    float: "I3Double",
    str: "I3String",
    I3Time: "I3Time",
    I3EventHeader: "I3EventHeader",
    I3Position: "I3Position",
    I3Direction: "I3Direction",
    I3Particle: "I3Particle",
    I3MCTree: "I3MCTree",
}
_CLASS_OF_MAP: Mapping[type, str] = {
    bool: "I3MapStringBool",
    int: "I3MapStringInt",
    float: "I3MapStringDouble",
    I3FilterResult: "I3FilterResultMap",
    np.ndarray: "I3MapStringVectorDouble",
}


def class_name_for(value: Any) -> str:
    """Return the class that a Python value is written as."""
    name = _CLASS_OF_TYPE.get(type(value))
    if name is None and isinstance(value, Mapping) and value:
        name = _CLASS_OF_MAP.get(type(next(iter(value.values()))))
    elif name is None and isinstance(value, np.ndarray):
        name = "I3VectorInt" if value.dtype.kind == "i" else "I3VectorDouble"
    elif name is None and isinstance(value, list) and value and isinstance(value[0], I3Particle):
        name = "I3ParticleVect"
    if name is None:
        raise I3UnsupportedError(f"cannot tell the class of {type(value).__name__} {value!r:.60}: name it")
    return name
