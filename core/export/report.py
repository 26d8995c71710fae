"""The report of an analysis: one page of words, tables and figures that opens from a folder, without a network."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.export.methods import Paragraph
from core.figures.kinds import KINDS

TEMPLATE = Path(__file__).with_name("report.html.jinja")
MARK = '<meta name="generator" content="dwarfnu report">'  # by which a folder is known to hold a report of ours


@dataclass(frozen=True)
class ReportTable:
    """A table: its title, headings, and rows of texts."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class ReportFigure:
    """A figure: the path of its file in the report's folder, its kind and what of it is shown."""

    file: str
    kind: str
    subject: str
    caveats: str

    @property
    def title(self) -> str:
        """What stands above it."""
        return KINDS[self.kind].title

    @property
    def caption(self) -> str:
        """What stands below it."""
        return KINDS[self.kind].shows + (f" Shown: {self.subject}." if self.subject else "")


@dataclass(frozen=True)
class ProductLink:
    """A product behind the report: its path, where it lies from the report's folder, and the digest of its recipe."""

    path: str
    link: str
    recipe_digest: str


@dataclass(frozen=True)
class Report:
    """All that a report says.

    caveats: what holds for every number; notes: lines below the tables; missing: what does not stand, in words; made:
    what made it, by name, and how it is made again; configuration: the effective settings as TOML.
    """

    analysis: str
    hypothesis: str
    caveats: Sequence[str]
    methods: Sequence[Paragraph]
    tables: Sequence[ReportTable]
    figures: Sequence[ReportFigure]
    notes: Sequence[str]
    missing: Sequence[str]
    made: Mapping[str, str]
    products: Sequence[ProductLink]
    configuration: str


def report_page(report: Report) -> str:
    """Return the page as HTML; every text of the analysis is escaped."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(report=report)
