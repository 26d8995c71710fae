"""Text files of the published analysis, line by line."""

from pathlib import Path

from core.files import read_text


def whole_text(path: Path) -> str:
    """Return a file's text; InputError if it cannot be read or is none."""
    return read_text(path)


def text_lines(path: Path) -> list[tuple[int, str]]:
    """Return (number from 1, line without blanks around it) of each line."""
    return [(number, line.strip()) for number, line in enumerate(whole_text(path).split("\n"), start=1)]
