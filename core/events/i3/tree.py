"""The tree of simulated particles of an event: the primaries are its heads, what they make are their children.

Particles come in pre-order, each with its depth: 0 for a head, one more than its parent's for a child. The file's
version 1 holds the shape as bits: a 1 for each particle, then a 0 if it has no child and another 0 for each step back
up, so k zeros between two particles mean that the depth changes by 1 - k. Version 0 holds the number of children
behind each particle.
"""

import math
from collections.abc import Iterator, Sequence
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from core.events.i3.archive import UINT32, Archive, ArchiveReader
from core.events.i3.errors import I3FormatError
from core.events.i3.objects import I3Particle
from core.events.i3.particles import (
    PARTICLE_BYTES,
    PARTICLE_RECORD,
    exchange_particle,
    particle_of_record,
    refuse_many_particles,
)

Depths = NDArray[np.int64]

CHUNK_BITS = 65535
WORD = np.dtype("<u8")

# Where the object numbers of a particle, its point and its direction, and of the base class of each, stand.
WORDS_PER_PARTICLE = PARTICLE_BYTES // 4
NUMBER_WORDS = [0, 1, 8, 9, 16, 17]


class I3MCTree:
    """Simulated particles in pre-order: `particles` (n,) and `depths` (n,), 0 for a primary."""

    def __init__(self, particles: Sequence[I3Particle] = (), depths: Sequence[int] | Depths = (), version: int = 1):
        self.particles = particles
        self.depths: Depths = np.asarray(depths, dtype=np.int64)
        self.version = version
        steps = self.depths[1:] - self.depths[:-1]
        starts = self.depths.size == 0 or self.depths[0] == 0
        if (
            len(particles) != self.depths.size
            or not starts
            or self.depths.min(initial=0) < 0
            or steps.max(initial=0) > 1
        ):
            raise I3FormatError(f"{len(particles)} particles and {self.depths.size} depths make no tree")

    def __len__(self) -> int:
        return len(self.particles)

    def __iter__(self) -> Iterator[I3Particle]:
        return iter(self.particles)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, I3MCTree):
            return NotImplemented
        return list(self) == list(other) and np.array_equal(self.depths, other.depths)

    @property
    def primaries(self) -> list[I3Particle]:
        """The heads of the tree."""
        return [self.particles[index] for index in np.flatnonzero(self.depths == 0).tolist()]

    def children(self, index: int) -> list[I3Particle]:
        """Return the children of the particle at `index`."""
        below = self.depths[index + 1 :] <= self.depths[index]
        end = index + 1 + (int(np.argmax(below)) if below.any() else below.size)
        offspring = np.flatnonzero(self.depths[index + 1 : end] == self.depths[index] + 1)
        return [self.particles[index + 1 + offset] for offset in offspring.tolist()]

    def most_energetic_primary(self) -> I3Particle | None:
        """Return the head of greatest energy, or None in an empty tree or where another head has the same energy.

        As icetray does: the first head wins unless a later one has strictly more, so an energy of NaN in the first
        stays; energies that differ by one unit in the last place count as the same.
        """
        heads = self.primaries
        if not heads:
            return None
        best = heads[0]
        for head in heads:
            if head.energy > best.energy:
                best = head
        for head in heads:
            is_other = (head.major_id, head.minor_id) != (best.major_id, best.minor_id)
            if is_other and _equal_within_one_unit(head.energy, best.energy):
                return None
        return best


def _equal_within_one_unit(first: float, second: float) -> bool:
    return first == second or math.nextafter(first, second) == second


class RecordedParticles(Sequence[I3Particle]):
    """Particles that stay in the file's bytes until they are asked for."""

    def __init__(self, particles: list[I3Particle], records: NDArray[Any]) -> None:
        self._particles = particles
        self._records = records

    def __len__(self) -> int:
        return len(self._particles) + len(self._records)

    @overload
    def __getitem__(self, index: int) -> I3Particle: ...
    @overload
    def __getitem__(self, index: slice) -> list[I3Particle]: ...
    def __getitem__(self, index: int | slice) -> I3Particle | list[I3Particle]:
        if isinstance(index, slice):
            return [self[position] for position in range(*index.indices(len(self)))]
        position = range(len(self))[index]
        n_particles = len(self._particles)
        if position < n_particles:
            return self._particles[position]
        return particle_of_record(self._records[position - n_particles])


def exchange_tree(archive: Archive, tree: I3MCTree, version: int) -> I3MCTree:
    """Pass the tree: version 0 or 1."""
    archive.base()
    if version == 0:
        return _exchange_counted_tree(archive, tree)
    if isinstance(archive, ArchiveReader):
        return _read_masked_tree(archive)
    _write_masked_tree(archive, tree)
    return tree


def _exchange_counted_tree(archive: Archive, tree: I3MCTree) -> I3MCTree:
    """Pass a tree in which each particle is followed by the number of its children."""
    is_reading = isinstance(archive, ArchiveReader)
    n_children = np.zeros(len(tree) + 1, dtype=np.int64)  # of a root above all heads, then of each particle
    if not is_reading:
        path = [0]
        for index, depth in enumerate(tree.depths):
            del path[depth + 1 :]
            n_children[path[-1]] += 1
            path.append(index + 1)
    particles: list[I3Particle] = []
    depths: list[int] = []
    due = [archive.fields(UINT32, int(n_children[0]))[0]]
    while due:
        if due[-1] == 0:
            due.pop()
            continue
        due[-1] -= 1
        index = len(particles)
        refuse_many_particles(index + 1)
        depths.append(len(due) - 1)
        particles.append(exchange_particle(archive, I3Particle() if is_reading else tree.particles[index]))
        due.append(archive.fields(UINT32, 0 if is_reading else int(n_children[index + 1]))[0])
    return I3MCTree(particles, depths, version=0)


def _read_masked_tree(archive: ArchiveReader) -> I3MCTree:
    particles: list[I3Particle] = []
    blocks: list[NDArray[Any]] = []
    masks: list[NDArray[np.uint8]] = []
    n_bits = CHUNK_BITS
    while n_bits == CHUNK_BITS:
        (n_bits,) = archive.fields(UINT32)
        if n_bits > CHUNK_BITS:
            raise I3FormatError(f"a tree's chunk has {n_bits} bits, {CHUNK_BITS} at most").at(offset=archive.position)
        if n_bits == 0:
            if masks:
                _read_mask(archive, 0)
            break
        mask = _read_mask(archive, n_bits)
        masks.append(mask)
        n_particles = int(np.count_nonzero(mask))
        if not particles and n_particles:
            particles.append(exchange_particle(archive, I3Particle()))
            n_particles -= 1
        records = _read_records(archive, n_particles)
        if records is None:
            refuse_many_particles(len(particles) + sum(map(len, blocks)) + n_particles)
            particles += [particle_of_record(record) for block in blocks for record in block]
            particles += [exchange_particle(archive, I3Particle()) for _ in range(n_particles)]
            blocks.clear()
        else:
            blocks.append(records)
    depths = _depths_of_mask(np.concatenate(masks)) if masks else np.zeros(0, dtype=np.int64)
    records = blocks[0] if len(blocks) == 1 else np.concatenate([np.empty(0, PARTICLE_RECORD), *blocks])
    return I3MCTree(RecordedParticles(particles, records), depths)


def _read_mask(archive: ArchiveReader, n_bits: int) -> NDArray[np.uint8]:
    """Return the bits of a chunk's shape, one a byte."""
    n_words = archive.size(0, WORD.itemsize)
    if n_words != -(-n_bits // 64):
        raise I3FormatError(f"a tree's chunk of {n_bits} bits has {n_words} words").at(offset=archive.position)
    bits = np.unpackbits(archive.array(WORD, n_words).view(np.uint8), bitorder="little")
    if bits[n_bits:].any():
        raise I3FormatError(f"a tree's chunk of {n_bits} bits has bits behind its end").at(offset=archive.position)
    return bits[:n_bits]


def _read_records(archive: ArchiveReader, n_particles: int) -> NDArray[Any] | None:
    """Return particles that follow the first as records, or None if they are not laid out so."""
    start, n_objects = archive.position, archive.n_objects
    if n_particles == 0:
        return np.empty(0, PARTICLE_RECORD)
    if n_particles * PARTICLE_BYTES > len(archive.data) - start or not archive.is_known("I3Particle"):
        return None
    records = archive.array(PARTICLE_RECORD, n_particles)
    words = np.frombuffer(archive.data, "<u4", n_particles * WORDS_PER_PARTICLE, start)
    numbers = words.reshape(n_particles, WORDS_PER_PARTICLE)[:, NUMBER_WORDS].ravel()
    if not np.array_equal(numbers, np.arange(n_objects, n_objects + numbers.size)):
        archive.position = start
        return None
    archive.n_objects = n_objects + 6 * n_particles
    return records


def _depths_of_mask(bits: NDArray[np.uint8]) -> Depths:
    """Return the depth of each particle of a shape; I3FormatError if the bits do not end one step above a head."""
    ones = np.flatnonzero(bits)
    if ones.size == 0 or ones[0] != 0:
        raise I3FormatError("a tree's shape does not start with a particle")
    depths = np.zeros(ones.size, dtype=np.int64)
    np.cumsum(2 - (ones[1:] - ones[:-1]), out=depths[1:])
    if depths.min() < 0 or bits.size - ones[-1] - 1 != depths[-1] + 2:
        raise I3FormatError("a tree's shape does not lead back to its head")
    return depths


def _write_masked_tree(archive: Archive, tree: I3MCTree) -> None:
    if len(tree) == 0:
        archive.fields(UINT32, 0)
        return
    ones = np.concatenate([[0], np.cumsum(2 - np.diff(tree.depths))])
    n_bits = int(ones[-1] + tree.depths[-1] + 3)
    bits = np.zeros(-(-n_bits // 64) * 64 + CHUNK_BITS + 64, dtype=np.uint8)
    bits[ones] = 1
    first = 0
    for start in range(0, n_bits + 1, CHUNK_BITS):
        n_chunk = min(CHUNK_BITS, n_bits - start)
        n_words = -(-n_chunk // 64)
        chunk = np.zeros(n_words * 64, dtype=np.uint8)
        chunk[:n_chunk] = bits[start : start + n_chunk]
        archive.fields(UINT32, n_chunk)
        archive.size(n_words, WORD.itemsize)
        archive.array(WORD, n_words, np.packbits(chunk, bitorder="little").view(WORD))
        last = first + int(np.count_nonzero(chunk))
        for index in range(first, last):
            exchange_particle(archive, tree.particles[index])
        first = last
