"""What a message says of a file: whatever the file held, it is bounded and steers no terminal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import MOST_LETTERS, ConfigError, DwarfnuError, InputError, ProductError
from core.events.i3.errors import I3FormatError


@pytest.mark.parametrize("error", [InputError, ConfigError, I3FormatError])
def test_of_what_is_long_begin_and_end_are_said(error: type[DwarfnuError]) -> None:
    said = str(error("file.csv: " + "9" * 100_000 + " is no number"))
    assert len(said) == MOST_LETTERS
    assert said.startswith("file.csv: 9")
    assert said.endswith("9 is no number")
    assert " … " in said


def test_a_list_of_all_that_failed_is_said_whole() -> None:
    assert len(str(ProductError("x" * 100_000))) == 100_000


@given(st.text())
def test_words_steer_no_terminal_and_plain_ones_stay(text: str) -> None:
    said = str(DwarfnuError(text))
    assert len(said) == len(text)
    assert all(letter.isprintable() or letter in "\n\t\xa0" for letter in said)
    assert all(said[at] == letter for at, letter in enumerate(text) if letter.isprintable())
