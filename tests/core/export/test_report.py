"""The page of a report: every text escaped, every link inside its folder, nothing from elsewhere."""

import re
from html.parser import HTMLParser

from core.export.methods import Paragraph
from core.export.report import MARK, ProductLink, Report, ReportFigure, ReportTable, report_page

HOSTILE = '<script>alert("&")</script>'


def report(word: str = "plain") -> Report:
    """A report in which every text is a word."""
    return Report(
        analysis=word,
        hypothesis=word,
        caveats=[word],
        methods=[Paragraph(word, word)],
        tables=[ReportTable(word, [word, word], [[word, "1"]])],
        figures=[ReportFigure(f"figures/{word}.png", "limits", word, word)],
        notes=[word],
        missing=[word],
        made={word: word},
        products=[ProductLink(word, f"../{word}/channel=bb/part.parquet", word)],
        configuration=word,
    )


class Page(HTMLParser):
    """Tags that are opened and closed, and attributes that name files."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.opened: list[str] = []
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "img"):
            self.opened.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_endtag(self, tag: str) -> None:
        assert self.opened.pop() == tag


def test_no_text_of_an_analysis_becomes_a_tag() -> None:
    page = report_page(report(HOSTILE))
    assert "<script" not in page
    assert page.count("&lt;script&gt;alert(&#34;&amp;&#34;)") >= 12
    assert Page(page).opened == []


def test_links_stay_beside_the_page_and_nothing_is_asked_of_a_network() -> None:
    page = report_page(report())
    links = Page(page).links
    assert {"figures/plain.png", "../plain/channel%3Dbb/part.parquet"} < set(links)
    assert not [link for link in links if re.match(r"[a-z]+:|//", link)]
    assert "@import" not in page
    assert "url(" not in page


def test_the_page_is_known_as_ours_and_holds_captions() -> None:
    page = report_page(report())
    assert MARK in page
    assert "Shown: plain." in page
