"""Objects in words: all that they hold, nothing that steers a terminal, and a bounded number of lines."""

import numpy as np
import pytest

from core.events.i3 import I3Blob, I3EventHeader, I3FilterResult, I3MCTree, I3Particle, I3Position, I3Time
from core.events.i3.described import MOST_LETTERS, MOST_SHOWN, in_full, in_one_line, printable
from tests.core.events.i3.conftest import every_object


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, _, value in every_object()])
def test_every_object_has_one_line_and_a_full_account(name: str, value: object) -> None:
    assert "\n" not in in_one_line(value), name
    assert in_one_line(value)
    assert all("\n" not in line for line in in_full(value))


def test_a_particle_says_its_energy_and_where_it_comes_from() -> None:
    particle = I3Particle(type_code=14, energy=12.5, zenith=np.pi / 2, azimuth=np.pi, x=1.0, fit_status=0)
    line = in_one_line(particle)
    assert line.startswith("PDG 14, 12.5 GeV from zenith 1.571 rad (90.0 deg), azimuth 3.142 rad (180.0 deg)")
    lines = list(in_full(particle))
    assert "energy: 12.5 GeV" in lines
    assert "fit_status: 0 (a good fit)" in lines


def test_a_trees_particles_stand_under_their_parents() -> None:
    heads = [I3Particle(type_code=code, energy=1.0) for code in (14, 13, 11, 12)]
    lines = list(in_full(I3MCTree(heads, [0, 1, 2, 0])))
    assert lines[0].startswith("tree of 4 particles, primary PDG 14")
    assert [len(line) - len(line.lstrip()) for line in lines[1:]] == [0, 2, 4, 0]


def test_what_is_long_is_counted_and_left_out() -> None:
    tree = I3MCTree([I3Particle()] * (MOST_SHOWN + 7), [0] * (MOST_SHOWN + 7))
    assert list(in_full(tree))[-1] == "… and 7 more"
    assert list(in_full(np.arange(MOST_SHOWN + 1.0)))[-1] == "… and 1 more"
    assert list(in_full({str(number): 1.0 for number in range(MOST_SHOWN + 3)}))[-1] == "… and 3 more"
    assert len(in_one_line("x" * 10**6)) < MOST_LETTERS + 40


def test_the_other_classes_are_told_by_their_values() -> None:
    header = I3EventHeader(120000, 0, 77, 20, 1, "InIceSplit", I3Time.from_mjd(56783.25))
    assert "run 120000, event 77, sub-event 1 (InIceSplit), starts at MJD 56783.25" in in_one_line(header)
    assert in_one_line(I3FilterResult(True, False)) == "False (condition True, prescale False)"
    assert in_one_line(I3Blob(b"abc", "I3Thing")) == "3 bytes, a class that is not decoded"
    assert in_one_line(I3Position(1.0, 2.0, -3.0)) == "(1, 2, -3) m"
    assert in_one_line({"b": 2.0, "a": 1.0}) == "map of 2 entries: a 1, b 2"
    assert in_one_line(None) == "null pointer"


def test_nothing_steers_the_terminal() -> None:
    assert printable("a\x1b[31m\udc80ν") == "a\N{REPLACEMENT CHARACTER}[31m\N{REPLACEMENT CHARACTER}ν"


def test_what_is_just_short_enough_is_shown_whole() -> None:
    assert in_one_line("x" * MOST_LETTERS) == f'"{"x" * MOST_LETTERS}"'
    assert in_one_line("x" * (MOST_LETTERS + 1)).endswith('…" (201 letters)')
    assert in_one_line([1.0, 2.0, 3.0, 4.0]) == "list of 4: 1, 2, 3, 4"
    assert in_one_line([1.0, 2.0, 3.0, 4.0, 5.0]) == "list of 5: 1, 2, 3, 4, …"
    assert len(list(in_full(np.arange(float(MOST_SHOWN))))) == 1 + MOST_SHOWN
