"""The pages, each one file: its module makes `content(view)`, and is imported when the page is first looked at."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, cast

from dashboards.view import NotThereError, View

Content = Callable[[View], Sequence[Any]]


@dataclass(frozen=True)
class Page:
    """A page: its name in addresses, its title, the question it answers, and the stages it is drawn again for.

    Without stages it is drawn again for a change of any.
    """

    name: str
    title: str
    question: str
    stages: frozenset[str] = frozenset()
    is_of_pair: bool = True

    def content(self, view: View) -> Sequence[Any]:
        """Return what the page shows."""
        module = import_module(f"dashboards.pages.{self.name.replace('-', '_')}")
        return cast(Content, module.content)(view)


def _page(name: str, title: str, question: str, stages: str = "", is_of_pair: bool = True) -> Page:
    return Page(name, title, question, frozenset(stages.split()), is_of_pair)


PAGES = {
    page.name: page
    for page in (
        _page("overview", "Overview", "Is the result there?", is_of_pair=False),
        _page(
            "limits",
            "Limits",
            "How strongly could dark matter annihilate or decay?",
            "sensitivity upper_limit counts_limit discovery_potential halo comparison "
            "source_information robustness sources",
        ),
        _page(
            "test-statistic",
            "Test statistic",
            "Do trials without signal follow their law, and does signal stand out?",
            "background_trials signal_trials sensitivity discovery_potential observed observed_sources",
        ),
        _page("recovery", "Recovery", "Is what is put in found again?", "background_trials signal_trials sensitivity"),
        _page(
            "pdfs",
            "PDFs",
            "Where would signal be, on the sky and in energy?",
            "signal_pdf ratio_cells source_signal_pdf source_background_pdf sources",
        ),
        _page("energy-ranges", "Energy ranges", "Which energies tell most?", "energy_range"),
        _page("spectra", "Spectra", "Which neutrinos arrive?", "spectra"),
        _page(
            "sources", "Sources", "Which galaxies carry the result?", "sources acceptance source_information robustness"
        ),
        _page(
            "events",
            "Events",
            "What was measured, and what was expected?",
            "event_counts events event_summary cut_flow good_runs atmospheric_expectation atmospheric_fit",
            is_of_pair=False,
        ),
        _page("shards", "Shards and provenance", "What failed, and where is a number from?", is_of_pair=False),
        _page("certificate", "Certificate", "Do the limits cover?", "certificate"),
    )
}


def page_named(name: str) -> Page:
    """Return the page of a name; NotThereError if there is none."""
    if name not in PAGES:
        raise NotThereError(f"There is no such page as {name!r}; there are {', '.join(PAGES)}.")
    return PAGES[name]
