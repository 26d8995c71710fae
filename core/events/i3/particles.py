"""How a particle stands in a file, in each version of its class."""

import struct
from typing import Any

import numpy as np

from core.events.i3.archive import INT32, UINT64, Archive, ArchiveReader
from core.events.i3.errors import I3FormatError, I3UnsupportedError
from core.events.i3.objects import I3Direction, I3Particle, I3Position

NEWEST_PARTICLE = 5
DEEPEST_COMPOSITE = 32
# Particles that become objects one by one take ten times their room in the file.
MOST_PARTICLES = 100_000

_POINT = struct.Struct("<ddd")
_ANGLES = struct.Struct("<dd")
_ANCESTORS = struct.Struct("<ii")
_TYPE = struct.Struct("<iii")
_KINEMATICS = struct.Struct("<dddd")

# A particle of version 5 that is not the first of its archive: no preambles are left, so its length is fixed.
PARTICLE_RECORD = np.dtype(
    [
        ("number", "<u4"),
        ("base", "<u4"),
        ("minor_id", "<i4"),
        ("major_id", "<u8"),
        ("type_code", "<i4"),
        ("shape", "<i4"),
        ("fit_status", "<i4"),
        ("position", "<u4"),
        ("position_base", "<u4"),
        ("x", "<f8"),
        ("y", "<f8"),
        ("z", "<f8"),
        ("direction", "<u4"),
        ("direction_base", "<u4"),
        ("zenith", "<f8"),
        ("azimuth", "<f8"),
        ("time", "<f8"),
        ("energy", "<f8"),
        ("length", "<f8"),
        ("speed", "<f8"),
        ("location_type", "<i4"),
    ]
)
PARTICLE_BYTES = PARTICLE_RECORD.itemsize
OLDEST_PARTICLE_BYTES = 100


def particle_of_record(record: Any) -> I3Particle:
    """Return the particle that a row of PARTICLE_RECORD holds."""
    values = record.item()
    return I3Particle._make((*values[2:7], *values[9:12], *values[14:21], NEWEST_PARTICLE, ()))


def exchange_position(archive: Archive, position: I3Position, _version: int) -> I3Position:
    """Pass a point."""
    archive.base()
    return I3Position._make(archive.fields(_POINT, *position))


def exchange_direction(archive: Archive, direction: I3Direction, _version: int) -> I3Direction:
    """Pass a direction: it is stored as angles, so no rounding comes in."""
    archive.base()
    return I3Direction._make(archive.fields(_ANGLES, *direction))


def exchange_particle(archive: Archive, particle: I3Particle, depth: int = 0) -> I3Particle:
    """Pass a particle that another object holds."""
    version = archive.enter("I3Particle", particle.version, NEWEST_PARTICLE)
    return exchange_particle_data(archive, particle, version, depth)


def exchange_particle_data(archive: Archive, particle: I3Particle, version: int, depth: int = 0) -> I3Particle:
    """Pass what a particle holds, in any version of its class."""
    archive.base()
    (minor_id,) = archive.fields(INT32, particle.minor_id)
    (major_id,) = archive.fields(UINT64, particle.major_id) if version > 1 else (0,)
    obsolete = archive.fields(_ANCESTORS, *(particle.obsolete[:2] or (0, 0))) if version == 0 else ()
    type_code, shape, fit_status = archive.fields(_TYPE, particle.type_code, particle.shape, particle.fit_status)
    archive.enter("I3Position", 0, 0)
    point = exchange_position(archive, particle.position, 0)
    archive.enter("I3Direction", 0, 0)
    angles = exchange_direction(archive, particle.direction, 0)
    kinematics = archive.fields(_KINEMATICS, particle.time, particle.energy, particle.length, particle.speed)
    if version == 0:
        obsolete += (_exchange_composite(archive, particle.obsolete[2] if particle.obsolete else (), depth),)
    (location_type,) = archive.fields(INT32, particle.location_type) if version > 0 else (0,)
    if version == 4:
        obsolete = archive.fields(_ANGLES, *(particle.obsolete or (0.0, 0.0)))
    identity = (minor_id, major_id, type_code, shape, fit_status)
    return I3Particle._make((*identity, *point, *angles, *kinematics, location_type, version, obsolete))


def _exchange_composite(archive: Archive, particles: tuple[I3Particle, ...], depth: int) -> tuple[I3Particle, ...]:
    if depth == DEEPEST_COMPOSITE:
        raise I3FormatError(f"composite particles are nested deeper than {DEEPEST_COMPOSITE}")
    return tuple(exchange_particles(archive, particles, depth + 1))


def exchange_particles(archive: Archive, particles: Any, depth: int = 0) -> list[I3Particle]:
    """Pass a list of particles."""
    archive.enter("vector<I3Particle>", 0, 0, is_tracked=False)
    n_particles = archive.size(len(particles), OLDEST_PARTICLE_BYTES)
    refuse_many_particles(n_particles)
    if isinstance(archive, ArchiveReader):
        return [exchange_particle(archive, I3Particle(), depth) for _ in range(n_particles)]
    return [exchange_particle(archive, particle, depth) for particle in particles]


def refuse_many_particles(n_particles: int) -> None:
    """Raise I3UnsupportedError for more particles than a list of objects may have."""
    if n_particles > MOST_PARTICLES:
        raise I3UnsupportedError(f"a list has {n_particles} particles, {MOST_PARTICLES} at most are read")
