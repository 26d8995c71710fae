"""What an error of the format says of its place: what is known, once, from outside in."""

from pathlib import Path

import pytest

from core.errors import InputError
from core.events.i3.errors import I3ChecksumError, I3FormatError, I3TruncatedError, I3UnsupportedError


def test_an_error_tells_its_place_from_the_file_to_the_object() -> None:
    error = I3FormatError("a truth value is the byte 7").at(Path("x.i3"), 12, 3, "P", "Filter")
    assert str(error) == "x.i3, byte 12, frame 3, stream 'P', key 'Filter': a truth value is the byte 7"


def test_what_is_not_known_is_left_out() -> None:
    assert str(I3FormatError("torn")) == "torn"
    assert str(I3FormatError("torn").at(frame=0)) == "frame 0: torn"
    assert str(I3FormatError("torn").at(offset=0)) == "byte 0: torn"


def test_what_is_added_later_keeps_what_was_known() -> None:
    error = I3TruncatedError("ends").at(offset=9).at(key="I3MCTree").at(stream="Q").at(frame=5).at(path=Path("y.i3"))
    assert str(error) == "y.i3, byte 9, frame 5, stream 'Q', key 'I3MCTree': ends"
    assert error.at(frame=6).frame == 6
    assert error.problem == "ends"


@pytest.mark.parametrize("kind", [I3TruncatedError, I3ChecksumError, I3UnsupportedError])
def test_every_kind_is_caught_as_wrong_input(kind: type[I3FormatError]) -> None:
    with pytest.raises(InputError):
        raise kind("wrong").at(frame=1)
    assert isinstance(kind("wrong").at(frame=1), kind)
