"""Equations become MathML, and one that would be shown wrongly stops the build."""

import re

import pytest

pytest.importorskip("latex2mathml", reason="equations are made in the group docs: uv sync --group docs")

from docs_reference.equations import on_page_content, with_mathml


def test_a_fraction_is_one() -> None:
    page = with_mathml(r'<p>so <span class="arithmatex">\(\frac{a}{b}\)</span> is</p>')
    assert re.search(r"<math[^>]*display=\"inline\".*<mfrac>.*</math>", page)
    assert page.startswith("<p>so <math")
    assert page.endswith("</math> is</p>")


def test_a_block_stands_by_itself() -> None:
    assert 'display="block"' in with_mathml('<div class="arithmatex">\n\\[x\\]\n</div>')


def test_signs_that_html_escapes_are_read() -> None:
    assert "&#x0003C;" in with_mathml(r'<span class="arithmatex">\(a &lt; b\)</span>')


def test_what_is_no_equation_stays() -> None:
    assert on_page_content("<p>5 $ and 6 $</p>", config=None) == "<p>5 $ and 6 $</p>"


def test_an_unknown_command_is_refused() -> None:
    with pytest.raises(ValueError, match=r"has \\foo, which is not known"):
        with_mathml(r'<span class="arithmatex">\(\foo\)</span>')
