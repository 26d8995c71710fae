"""The tree of simulated particles: its shape, its primaries, and files of any size."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.events.i3 import I3FormatError, I3MCTree, I3Particle, decode, encode


def tree_of(depths: list[int], version: int = 1) -> I3MCTree:
    particles = [I3Particle(minor_id=index, energy=float(index)) for index in range(len(depths))]
    return I3MCTree(particles, depths, version)


def heads(*energies: float) -> I3MCTree:
    particles = [I3Particle(minor_id=index, energy=energy) for index, energy in enumerate(energies)]
    return I3MCTree(particles, [0] * len(energies))


@st.composite
def shapes(draw: st.DrawFn) -> list[int]:
    depths: list[int] = []
    for _ in range(draw(st.integers(0, 40))):
        depths.append(draw(st.integers(0, depths[-1] + 1 if depths else 0)))
    return depths


@given(shapes(), st.sampled_from([0, 1]))
def test_any_shape_reads_back(depths: list[int], version: int) -> None:
    tree = tree_of(depths, version)
    blob = encode(tree)
    found = decode(blob)
    assert found.depths.tolist() == depths
    assert [particle.minor_id for particle in found] == list(range(len(depths)))
    assert encode(found) == blob


# A particle takes two bits on average, a chunk has 65535.
@pytest.mark.slow
@pytest.mark.parametrize("n_particles", [32_767, 50_008])
def test_trees_of_several_chunks_read_back(n_particles: int) -> None:
    rng = np.random.default_rng(n_particles)
    depths = [0]
    for step in rng.integers(-3, 2, n_particles - 1).tolist():
        depths.append(min(max(depths[-1] + step, 0), depths[-1] + 1))
    tree = tree_of(depths)
    blob = encode(tree)
    found = decode(blob)
    assert np.array_equal(found.depths, depths)
    assert found.particles[n_particles - 1].minor_id == n_particles - 1
    assert encode(found) == blob


def test_shape_that_ends_with_its_chunk_has_an_empty_chunk_behind_it() -> None:
    # n heads in a row take 2 n + 1 bits
    tree = tree_of([0] * 32767)
    blob = encode(tree)
    assert blob.endswith(bytes(8))
    assert len(decode(blob)) == 32767


def test_shape_of_a_single_particle_is_a_one_and_two_zeros() -> None:
    n_bits, n_words, mask = b"\x03\0\0\0", b"\x01\0\0\0", b"\x01\0\0\0\0\0\0\0"
    assert n_bits + n_words + mask in encode(tree_of([0]))


def test_children_are_one_step_below() -> None:
    tree = tree_of([0, 1, 2, 1, 0, 1])
    assert [child.minor_id for child in tree.children(0)] == [1, 3]
    assert [child.minor_id for child in tree.children(1)] == [2]
    assert tree.children(5) == []
    assert [primary.minor_id for primary in tree.primaries] == [0, 4]


def test_most_energetic_primary_is_a_head() -> None:
    assert tree_of([0, 1, 2, 1]).most_energetic_primary().energy == 0.0
    assert heads(1.0, 3.0, 2.0).most_energetic_primary().energy == 3.0
    assert heads(1.0).most_energetic_primary().energy == 1.0
    assert I3MCTree().most_energetic_primary() is None


def test_two_heads_of_the_same_energy_leave_no_answer() -> None:
    assert heads(3.0, 3.0).most_energetic_primary() is None
    assert heads(3.0, math.nextafter(3.0, 4.0), 1.0).most_energetic_primary() is None
    assert heads(3.0, 3.0 + 1e-14).most_energetic_primary() is not None


def test_first_head_without_energy_stays() -> None:
    assert math.isnan(heads(math.nan, 5.0).most_energetic_primary().energy)
    assert heads(5.0, math.nan).most_energetic_primary().energy == 5.0


@pytest.mark.parametrize("depths", [[1], [0, 2], [-1], [0, 1, 3], [0, -1]])
def test_depths_that_make_no_tree_are_refused(depths: list[int]) -> None:
    with pytest.raises(I3FormatError, match="make no tree"):
        tree_of(depths)


def test_shape_must_lead_back_to_its_head() -> None:
    blob = encode(tree_of([0]))
    mask = blob.index(b"\x01\x00\x00\x00\x00\x00\x00\x00", 30)
    for bits in (0b000, 0b010, 0b101, 0b111):
        with pytest.raises(I3FormatError):
            decode(blob[:mask] + bytes([bits]) + blob[mask + 1 :])
