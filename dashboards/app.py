# mypy: allow-untyped-calls
"""One visitor's session: an address decides what is shown, and whatever a visitor chooses becomes the address."""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, ClassVar

import panel as pn
from bokeh.models import CustomJS
from bokeh.models.widgets.inputs import TextInput as AddressModel
from panel.io.state import set_curdoc
from panel.theme.fast import Fast as PanelFast

from core.errors import DwarfnuError
from dashboards.address import Address, address_of, parsed
from dashboards.chooser import Chooser
from dashboards.library import Library
from dashboards.pages import page_named
from dashboards.panes import nothing, notice
from dashboards.states import judged
from dashboards.view import NotThereError, View, sentence_of, view_of

REFRESH_MILLISECONDS = 2000
ACCENT = "#0072B2"
DRAWERS = ThreadPoolExecutor(max_workers=2, thread_name_prefix="page")
# The browser's own history: each address that a visitor chose is a step of it, and Back and Forward come here again.
FOLLOW = CustomJS(
    code="""
const address = cb_obj.get_model_by_name("address")
address.properties.value.change.connect(() => {
  if (window.location.search !== address.value) window.history.pushState({}, "", address.value)
})
window.history.replaceState({}, "", address.value)
window.addEventListener("popstate", () => { address.value = window.location.search })
"""
)
CSS = """
#header { min-height: 46px; }
.page-question { opacity: 0.75; }
@media (max-width: 600px) { #main { padding: 4px !important; } .title { font-size: 1.1em !important; } }
"""
_log = logging.getLogger(__name__)


class Fast(PanelFast):
    """Panel's design without its web font, so that a page asks nothing of the network.

    It bears the name of its parent because Panel finds the files of a design by the name of its class.
    """

    _resources: ClassVar[Any] = {**PanelFast._resources, "font": {}}


class Session:
    """What one visitor sees. Pages are drawn by threads, so that one that takes long holds up nobody else."""

    def __init__(self, library: Library, address: Address) -> None:
        self.library, self.address = library, address
        self.view: View | None = None
        self.chooser = Chooser(self.go)
        self.area = pn.Column(sizing_mode="stretch_width", min_height=300)
        self.model = AddressModel(name="address", value=address.query, visible=False)
        self.model.on_change("value", lambda _, __, query: self._follow(query))
        self._document: Any = None
        self._turn, self._drawn = 0, frozenset[Any]()
        self._looked: Future[bool] = Future()
        self._looked.set_result(False)

    def show(self) -> None:
        """Draw the page of the address; in its place stands a busy mark until it is there."""
        self._turn += 1
        self.area.loading = True
        if self._document is None:
            self._put(self._turn, self._content())
        else:
            DRAWERS.submit(self._content).add_done_callback(partial(self._hand_over, self._turn))

    def go(self, address: Address) -> None:
        """Take the visitor to an address."""
        if address != self.address:
            self.address = address
            self.model.value = address.query
            self.show()

    def keep(self, address: Address) -> None:
        """Let the page as it stands have an address: Back leads to the one before."""
        self.address = address
        self.chooser.offer_pages(address)
        self.model.value = address.query

    def look(self) -> None:
        """Draw the page anew if a product that it shows has changed: one look at a time, so that none pile up.

        A session whose browser is gone is left alone until it comes back or is forgotten.
        """
        if self._is_watched and self._looked.done():
            self._looked = DRAWERS.submit(self._changed)
            self._looked.add_done_callback(self._again)

    @property
    def _is_watched(self) -> bool:
        context = None if self._document is None else self._document.session_context
        return context is not None and context.session is not None and context.session.connection_count > 0

    def _follow(self, query: str) -> None:
        if (wanted := parsed(query)) != self.address:
            self.address = wanted
            self.show()

    def _changed(self) -> bool:
        try:
            view = view_of(self.library, self.address)
            # What is drawn of all products stays until the changed ones are judged too.
            waits = not page_named(self.address.page).stages and not judged(self.library, view.snapshot).done()
            return not (waits and self._drawn) and self._marks(view) != self._drawn
        except (NotThereError, DwarfnuError, OSError):
            return bool(self._drawn)

    def _again(self, looked: "Future[bool]") -> None:
        if looked.result():
            self._next(lambda: None if self.area.loading else self.show())

    def _marks(self, view: View) -> frozenset[Any]:
        stages = page_named(self.address.page).stages
        marks = view.snapshot.marks(stages) | frozenset(view.snapshot.pairs)
        # The overview is drawn before its products are judged, and again when they are.
        return marks if stages else marks | {judged(self.library, view.snapshot).done()}

    def _content(self) -> tuple[View | None, list[Any]]:
        """Return what the address shows: the page, or in words why there is nothing."""
        view: View | None = None
        self._drawn = frozenset()
        try:
            view = view_of(self.library, self.address, self.go, self.keep)
            page = page_named(self.address.page)
            self._drawn = self._marks(view)
            return view, list(page.content(view))
        except NotThereError as reason:
            return view, [nothing(reason)]
        except (DwarfnuError, OSError) as error:
            return view, [notice(f"This cannot be shown: {error}", kind="danger")]
        except Exception as error:  # noqa: BLE001  one page that fails must not take the others with it
            _log.exception("the page %s could not be drawn", self.address.page)
            return view, [notice(f"This page failed: {sentence_of(error)}", kind="danger")]

    def _hand_over(self, turn: int, drawn: "Future[tuple[View | None, list[Any]]]") -> None:
        self._next(lambda: self._put(turn, drawn.result()))

    def _next(self, call: Callable[[], None]) -> None:
        """Call in the session's own turn; a session that has ended is left alone."""
        document = self._document
        if document is not None and document.session_context is not None:
            document.add_next_tick_callback(partial(_within, document, call))

    def _put(self, turn: int, drawn: tuple[View | None, list[Any]]) -> None:
        if turn != self._turn:
            return
        view, content = drawn
        if view is not None:
            self.view = view
            self.chooser.offer(view, self.library.analyses())
        else:
            self.chooser.offer_pages(self.address)
        self.area.objects = content
        self.area.loading = False

    def template(self) -> pn.template.FastListTemplate:
        """Return the page around the pages, and let the session follow the browser."""
        template = pn.template.FastListTemplate(
            title="dwarfnu",
            main=[self.chooser.pane, self.area, pn.pane.Bokeh(self.model, height=0, margin=0)],
            design=Fast,
            font="system-ui, sans-serif",
            accent_base_color=ACCENT,
            header_background=ACCENT,
            theme=self.address.theme,
            theme_toggle=True,
            main_layout=None,
            busy_indicator=None,  # Panel's turns in every open page at each event of any, which many pages cannot bear
            main_max_width="1600px",
            raw_css=[CSS],
        )
        self.chooser.offer_pages(self.address)
        pn.state.onload(self._begin)
        return template

    def _begin(self) -> None:
        self._document = pn.state.curdoc
        pn.state.add_periodic_callback(self.look, period=REFRESH_MILLISECONDS)
        pn.state.on_session_destroyed(lambda _: self._end())
        self.show()

    def _end(self) -> None:
        self._document = None


def _within(document: Any, call: Callable[[], None]) -> None:
    """Call for one document: while another thread's is Bokeh's current one its style sheets would be taken for ours."""
    with set_curdoc(document):
        call()


def application(library: Library) -> pn.template.FastListTemplate:
    """Return what a browser shows for one visitor."""
    said = {name: values[-1].decode(errors="replace") for name, values in pn.state.session_args.items() if values}
    address = address_of(said)
    session = Session(library, address)
    template = session.template()
    document: Any = pn.state.curdoc
    document.js_on_event("document_ready", FOLLOW)
    return template
