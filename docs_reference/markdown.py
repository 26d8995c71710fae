"""Markdown of generated pages: a heading that says who wrote the page, tables whose cells hold anything."""

from collections.abc import Iterable, Sequence

WRITTEN = "<!-- Written by `uv run python -m docs_reference` from the code; do not edit it by hand. -->"


def page(title: str, introduction: str, *chapters: str) -> str:
    """Return a page of chapters under a title."""
    return "\n\n".join([WRITTEN, f"# {title}", introduction, *chapters]) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; each row has as many cells as the head."""
    lines = [head, ["---"] * len(head), *([cell(text) for text in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def cell(text: str) -> str:
    """Return a text as it may stand in a cell: in one line, its bars, stars and angle brackets no marks of Markdown.

    Between backticks all but bars is left as it is.
    """
    words = " ".join(text.split()).replace("|", "\\|").split("`")
    plain = [
        part if between_backticks % 2 else part.replace("*", "\\*").replace("<", "&lt;").replace("$", "\\$")
        for between_backticks, part in enumerate(words)
    ]
    return "`".join(plain)


def code(text: str) -> str:
    """Return a text between backticks; nothing of nothing."""
    return f"`{text}`" if text else ""
