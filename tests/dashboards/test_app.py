"""The application around the pages: tabs that follow the selection, and a sidebar of what can be chosen."""

from pathlib import Path

import panel as pn
import pytest

from core.products.store import ProductStore
from dashboards.app import PAGE_VIEWS, Fast, _sidebar, _tabs, dashboard
from dashboards.state import PAGES, Selection


@pytest.fixture
def selection(tmp_path: Path) -> Selection:
    return Selection(ProductStore(tmp_path, "mine"))


def test_the_pages_are_those_of_the_selection_in_its_order() -> None:
    assert tuple(PAGE_VIEWS) == PAGES


def test_the_title_names_the_analysis(tmp_path: Path) -> None:
    assert dashboard(ProductStore(tmp_path, "mine")).title == "dwarfnu · mine"


def test_a_tab_is_the_page_and_the_page_is_the_tab(selection: Selection) -> None:
    tabs = _tabs(selection)
    assert PAGES[tabs.active] == selection.page
    for index, page in enumerate(PAGES):
        selection.page = page
        assert tabs.active == index
    for index, page in reversed(list(enumerate(PAGES))):
        tabs.active = index
        assert selection.page == page


def test_what_belongs_to_one_page_is_offered_there_alone(selection: Selection) -> None:
    widgets = {type(widget): widget for widget in _sidebar(selection)}
    injections, limits = widgets[pn.widgets.MultiChoice], widgets[pn.widgets.RadioBoxGroup]
    seen = {}
    for page in PAGES:
        selection.page = page
        seen[page] = (bool(injections.visible), bool(limits.visible))
    assert seen == {"pdfs": (False, False), "test-statistic": (True, False), "limits": (False, True)}


def test_the_sidebar_lets_choose_what_the_url_says() -> None:
    names = {"Channel", "Dark matter mass (GeV)", "Seed"}
    chosen = {selected.label for selected in Selection.param.objects().values()}
    assert names <= chosen


def test_the_design_asks_no_other_machine_for_its_letters() -> None:
    assert Fast._resources["font"] == {}
    assert Fast.__name__ == "Fast"
