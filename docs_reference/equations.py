"""Equations of the pages as MathML: a browser shows it by itself, so that a page needs no script and no network."""

import html
import re
from typing import Any

from latex2mathml.converter import convert

INLINE = re.compile(r'<span class="arithmatex">\\\((.*?)\\\)</span>', re.DOTALL)
BLOCK = re.compile(r'<div class="arithmatex">\s*\\\[(.*?)\\\]\s*</div>', re.DOTALL)
UNKNOWN = re.compile(r"<m[ito]>(\\[A-Za-z]+)</m[ito]>")


def with_mathml(page: str) -> str:
    """Return a page's HTML with the LaTeX that arithmatex marks as MathML.

    Raises ValueError for a command of LaTeX that the converter does not know and would show as it is written.
    """
    page = INLINE.sub(lambda found: _mathml(found[1], "inline"), page)
    return BLOCK.sub(lambda found: _mathml(found[1], "block"), page)


def _mathml(marked: str, display: str) -> str:
    latex = html.unescape(marked).strip()
    equation: str = convert(latex, display=display)
    if unknown := UNKNOWN.search(equation):
        raise ValueError(f"the equation {latex!r} has {unknown[1]}, which is not known: write it another way")
    return equation


def on_page_content(content: str, **_: Any) -> str:
    """Do so for every page that MkDocs builds."""
    return with_mathml(content)
