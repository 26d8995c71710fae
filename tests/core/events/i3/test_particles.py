"""Particles in every version of their class read back as they were written."""

import numpy as np
import pytest

from core.events.i3.archive import ArchiveReader, ArchiveWriter
from core.events.i3.errors import I3UnsupportedError
from core.events.i3.objects import I3Particle
from core.events.i3.particles import (
    MOST_PARTICLES,
    NEWEST_PARTICLE,
    OLDEST_PARTICLE_BYTES,
    PARTICLE_BYTES,
    PARTICLE_RECORD,
    exchange_particle,
    exchange_particles,
    particle_of_record,
    refuse_many_particles,
)

MUON = I3Particle()._replace(energy=25.0, time=9800.0, length=110.0, minor_id=7, version=NEWEST_PARTICLE)


def written(*particles: I3Particle) -> bytes:
    writer = ArchiveWriter()
    for particle in particles:
        exchange_particle(writer, particle)
    return b"".join(writer.parts)


def test_a_particle_reads_back() -> None:
    found = exchange_particle(ArchiveReader(written(MUON)), I3Particle())
    for name in ("energy", "time", "length", "minor_id", "version"):
        assert getattr(found, name) == getattr(MUON, name)


def test_a_later_particle_is_a_record_of_fixed_length() -> None:
    """Behind the first no preamble is left, so that very many are read at once."""
    one, two = written(MUON), written(MUON, MUON._replace(energy=50.0))
    assert len(two) - len(one) == PARTICLE_BYTES
    (record,) = np.frombuffer(two[len(one) :], PARTICLE_RECORD)
    assert particle_of_record(record).energy == 50.0
    assert particle_of_record(record).minor_id == MUON.minor_id


def test_lists_read_back_in_their_order() -> None:
    writer = ArchiveWriter()
    exchange_particles(writer, [MUON._replace(energy=energy) for energy in (1.0, 2.0, 3.0)])
    found = exchange_particles(ArchiveReader(b"".join(writer.parts)), [])
    assert [particle.energy for particle in found] == [1.0, 2.0, 3.0]


@pytest.mark.parametrize("version", range(NEWEST_PARTICLE + 1))
def test_no_version_takes_less_room_than_the_least(version: int) -> None:
    first, both = written(MUON._replace(version=version)), written(*[MUON._replace(version=version)] * 2)
    assert len(both) - len(first) >= OLDEST_PARTICLE_BYTES
    assert exchange_particle(ArchiveReader(first), I3Particle()).energy == 25.0


def test_more_particles_than_memory_is_for_are_refused() -> None:
    refuse_many_particles(MOST_PARTICLES)
    with pytest.raises(I3UnsupportedError, match="a list has 100001 particles, 100000 at most are read"):
        refuse_many_particles(MOST_PARTICLES + 1)
