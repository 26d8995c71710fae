"""Cells of tables hold any text, and a page says who wrote it."""

import pytest

from docs_reference.markdown import WRITTEN, cell, code, page, table


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a | b", "a \\| b"),
        ("x * y", "x \\* y"),
        ("`a * b` * c", "`a * b` \\* c"),
        ("m < n", "m &lt; n"),
        ("two\nlines", "two lines"),
        ("$", "\\$"),
    ],
)
def test_marks_of_markdown_stay_signs(text: str, shown: str) -> None:
    assert cell(text) == shown


def test_a_table_has_a_line_a_row() -> None:
    assert table(("a", "b"), [("1", "x|y")]).splitlines() == ["| a | b |", "| --- | --- |", "| 1 | x\\|y |"]


def test_a_page_ends_with_one_line_end() -> None:
    text = page("Title", "Words.", "## One")
    assert text.startswith(WRITTEN)
    assert text.endswith("## One\n")
    assert (code("x"), code("")) == ("`x`", "")
