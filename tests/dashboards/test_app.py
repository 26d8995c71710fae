"""A session: the address decides what is shown, and what cannot be shown is said in the page's place."""

from concurrent.futures import Future
from pathlib import Path
from types import SimpleNamespace

import panel as pn
import pytest
from bokeh.document import Document
from panel.io.state import set_curdoc

from core.products.store import ProductStore
from dashboards import app, pages
from dashboards.address import Address, parsed
from dashboards.app import Fast, Session
from dashboards.chooser import Chooser
from dashboards.library import Library

pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword in DataFrame.reset_index")


def texts(session: Session) -> str:
    return " ".join(str(pane.object) for pane in session.area.select(pn.pane.HTML))


@pytest.fixture
def session(store: ProductStore) -> Session:
    session = Session(Library(str(store.root)), Address(page="spectra"))
    session.show()
    return session


def test_a_choice_becomes_the_address(session: Session) -> None:
    session.chooser.menus["channel"].value = "bb"
    assert parsed(session.model.value) == session.address
    assert (session.address.channel, session.address.mass) == ("bb", 10.0)
    session.chooser.menus["mass"].value = 50.0
    assert session.address.mass == 50.0
    session.chooser.buttons["recovery"].clicks += 1
    assert session.address.page == "recovery"
    assert "Fitted against injected events" in texts(session)


def test_what_only_one_can_be_is_not_asked_for(session: Session) -> None:
    assert isinstance(session.chooser, Chooser)
    shown = {name for name, menu in session.chooser.menus.items() if menu.visible}
    assert shown == {"channel", "mass"}


def test_back_and_forward_are_followed(session: Session) -> None:
    session.go(session.address.at(page="recovery"))
    session.model.value = "?page=spectra&channel=bb&mass=10"
    assert session.address == Address(page="spectra", channel="bb", mass=10.0)
    assert "Not made yet: spectra channel=bb mass=10" in texts(session)


def test_a_page_that_does_not_exist_is_said(session: Session) -> None:
    session.go(Address(page="<script>"))
    assert "There is no such page as &#x27;&lt;script&gt;&#x27;" in texts(session)
    assert session.chooser.menus["channel"].options == ["bb", "tautau"]


def test_an_empty_root_says_what_to_run(tmp_path: Path) -> None:
    session = Session(Library(str(tmp_path)), Address())
    session.show()
    assert f"dwarfnu run --products {tmp_path}" in texts(session)
    assert not session.chooser.menus["channel"].visible


def test_one_page_that_fails_takes_no_other_with_it(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("<b>lost</b>")

    with monkeypatch.context() as broken:
        broken.setattr(pages.Page, "content", fails)
        session.go(session.address.at(page="recovery"))
        assert "This page failed: RuntimeError: &lt;b&gt;lost&lt;/b&gt;" in texts(session)
    session.go(session.address.at(page="sources"))
    assert "This page failed" not in texts(session)


def test_a_torn_product_is_said_on_its_page_alone(session: Session, store: ProductStore) -> None:
    path = Path(store.path("signal_pdf", channel="tautau", mass=20.0))
    path.write_bytes(path.read_bytes()[:1000])
    session.go(session.address.at(page="pdfs"))
    assert "damaged" in texts(session)
    session.go(session.address.at(page="recovery"))
    assert "damaged" not in texts(session)


def test_the_design_asks_no_other_machine_for_its_letters() -> None:
    assert Fast._resources["font"] == {}
    assert Fast.__name__ == "Fast"


def test_looks_do_not_pile_up_where_the_machine_is_busy(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Future[bool]] = []

    class Busy:
        def submit(self, _: object) -> "Future[bool]":
            asked.append(Future())
            return asked[-1]

    monkeypatch.setattr(app, "DRAWERS", Busy())
    browser = SimpleNamespace(connection_count=1)
    session._document = SimpleNamespace(session_context=SimpleNamespace(session=browser))
    session.look()
    session.look()
    assert len(asked) == 1
    asked[0].set_result(False)
    session.look()
    assert len(asked) == 2
    asked[1].set_result(False)
    browser.connection_count = 0
    session.look()
    assert len(asked) == 2, "nobody sees it"
    browser.connection_count = 1
    session.look()
    assert len(asked) == 3


def test_no_session_hears_of_the_work_of_others(session: Session) -> None:
    """What Panel turns in all sessions at every event of one grows with the square of their number."""
    before = len(pn.state._indicators)
    assert session.template().busy_indicator is None
    session.template()._init_doc(Document())
    assert len(pn.state._indicators) == before


def test_what_is_kept_is_the_address_and_nothing_is_drawn(session: Session) -> None:
    shown = session.area.objects
    session.keep(session.address.at(what_if='{"livetime":2.0}'))
    assert parsed(session.model.value) == session.address
    assert session.address.what_if == '{"livetime":2.0}'
    assert session.area.objects is shown
    session.chooser.buttons["recovery"].clicks += 1
    assert (session.address.page, session.address.what_if) == ("recovery", '{"livetime":2.0}')


def test_a_page_is_put_under_its_own_document_whatever_another_session_does() -> None:
    """Else Panel would take style sheets of a session that happens to be drawn at the same moment."""
    own, other = Document(), Document()
    seen = []
    with set_curdoc(other):
        app._within(own, lambda: seen.append(pn.state.curdoc))
        seen.append(pn.state.curdoc)
    assert seen[0] is own
    assert seen[1] is other
