"""What can go wrong in a user's hands, one small family.

Each message names the value that was wrong, what is allowed, and the way out; the command line prints it as one line
and ends with exit code 2. What a message quotes of a file may be anything: it is shown without what would steer a
terminal, and of long ones begin and end.
"""

from typing import ClassVar

MOST_LETTERS = 2000


class DwarfnuError(Exception):
    """Anything that a user can mend."""

    most_letters: ClassVar[int | None] = None

    def __str__(self) -> str:
        return plain_words(super().__str__(), self.most_letters)


def plain_words(text: str, most_letters: int | None = None) -> str:
    """Return a text without what would steer a terminal, and of one with more than so many letters begin and end."""
    words = "".join(
        letter if letter.isprintable() or letter in "\n\t\xa0" else "\N{REPLACEMENT CHARACTER}" for letter in text
    )
    if most_letters is None or len(words) <= most_letters:
        return words
    n_begin = 3 * most_letters // 4
    return f"{words[:n_begin]} … {words[n_begin + 3 - most_letters :]}"


class ConfigError(DwarfnuError):
    """A configuration names something unknown or asks for the impossible."""

    most_letters = MOST_LETTERS


class InputError(DwarfnuError):
    """A file that came from outside is missing, torn or not what it should be."""

    most_letters = MOST_LETTERS


class ProductError(DwarfnuError):
    """A data product is missing, torn, lacks a column or cannot be written."""


class PhysicsError(DwarfnuError):
    """A question without an answer: a closed channel, a mass outside a table, a pair that the sample cannot serve."""
