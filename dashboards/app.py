# mypy: allow-untyped-calls
"""The dashboard: three pages of products, a selection beside them, and a server that keeps to this machine."""

import json
import secrets
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import panel as pn
from panel.theme.fast import Fast as PanelFast

from core.products.recipe import ProductKey
from core.products.store import ProductStore
from dashboards.hosts import refuse_strangers
from dashboards.limits_view import limits_view
from dashboards.pdf_view import pdf_view
from dashboards.state import IN_THE_URL, PAGES, Selection
from dashboards.trials_view import trials_view
from dashboards.views import caveats_of

REFRESH_MILLISECONDS = 2000
ACCENT = "#0072B2"
PAGE_VIEWS: dict[str, tuple[str, Callable[[Selection], pn.Column]]] = {
    "pdfs": ("PDFs", pdf_view),
    "test-statistic": ("Test statistic", trials_view),
    "limits": ("Cross-section limits", limits_view),
}


class Fast(PanelFast):
    """Panel's design without its web font, so that a page asks nothing of the network.

    It bears the name of its parent because Panel finds the files of a design by the name of its class.
    """

    _resources: ClassVar[Any] = {**PanelFast._resources, "font": {}}


def dashboard(store: ProductStore) -> pn.template.FastListTemplate:
    """Return the application of one session: what a browser shows for one visitor."""
    selection = Selection(store)
    if pn.state.location is not None:
        selection.adopt(pn.state.location.query_params)
    template = pn.template.FastListTemplate(
        title=f"dwarfnu · {store.analysis}",
        sidebar=_sidebar(selection),
        main=[_tabs(selection)],
        design=Fast,
        font="system-ui, sans-serif",
        accent_base_color=ACCENT,
        header_background=ACCENT,
        theme_toggle=False,
        main_layout=None,
        sidebar_width=270,
    )
    pn.state.onload(lambda: _follow_the_url(selection))
    pn.state.add_periodic_callback(selection.refresh, period=REFRESH_MILLISECONDS)
    return template


def _follow_the_url(selection: Selection) -> None:
    """Let the URL say what is selected, and select what it comes to say; once the page stands, or it would not hear."""
    location = pn.state.location
    if location is None:
        return
    chosen: dict[str, Any] = {name: getattr(selection, name) for name in IN_THE_URL}
    texts: dict[str, Any] = {name: v if isinstance(v, str) else json.dumps(v) for name, v in chosen.items()}
    location.update_query(**texts)
    location.sync(selection, list(IN_THE_URL), on_error=selection.adopt)


def _sidebar(selection: Selection) -> list[pn.viewable.Viewable]:
    on_page = selection.param.page.rx
    choice: dict[str, Any] = {"sizing_mode": "stretch_width", "margin": (6, 0)}
    return [
        pn.widgets.Select.from_param(selection.param.channel, **choice),
        pn.widgets.Select.from_param(selection.param.mass, **choice),
        pn.widgets.Select.from_param(selection.param.seed, **choice),
        pn.widgets.MultiChoice.from_param(
            selection.param.n_injected, visible=on_page() == "test-statistic", solid=False, **choice
        ),
        pn.widgets.RadioBoxGroup.from_param(selection.param.limits, visible=on_page() == "limits", **choice),
        pn.widgets.Checkbox.from_param(selection.param.provenance, margin=(10, 0)),
        pn.Column(_view(selection, _caveats), sizing_mode="stretch_width"),
    ]


def _caveats(selection: Selection) -> pn.pane.Markdown:
    """Return what holds for every number of the sample that is looked at."""
    caveats = caveats_of(selection.store, ProductKey("sources"))
    return pn.pane.Markdown("\n".join(f"- {caveat}" for caveat in caveats), sizing_mode="stretch_width")


def _tabs(selection: Selection) -> pn.Tabs:
    pages = [
        (title, pn.panel(_view(selection, view), defer_load=True, loading_indicator=True))
        for title, view in PAGE_VIEWS.values()
    ]
    tabs = pn.Tabs(*pages, dynamic=True, active=PAGES.index(selection.page), sizing_mode="stretch_width")
    selection.param.watch(lambda event: tabs.param.update(active=PAGES.index(event.new)), "page")
    tabs.param.watch(lambda event: selection.param.update(page=PAGES[event.new]), "active")
    return tabs


def _view(selection: Selection, view: Callable[[Selection], pn.viewable.Viewable]) -> Any:
    return pn.bind(lambda _: view(selection), selection.param.shown)


def start_server(
    store: ProductStore, address: str, port: int, websocket_origins: Sequence[str] = (), login: str | None = None
) -> Any:
    """Return a server that listens at address and port and is not yet serving; OSError if the port is taken.

    Only pages that came from this address (or from one of `websocket_origins`, host:port) may open a connection, and
    requests that name any other host are refused. `login`: a password, or a JSON file of passwords by name; without one
    everybody on this machine may look.
    """
    pn.extension("tabulator", inline=True)
    own = {f"{host}:{port}" for host in (address, "localhost", "127.0.0.1")} | set(websocket_origins)
    server = pn.io.server.get_server(
        {"/": lambda: dashboard(store)},
        address=address,
        port=port,
        websocket_origin=sorted(own),
        title="dwarfnu",
        show=False,
        start=False,
        liveness=True,
        basic_auth=login,
        cookie_secret=None if login is None else secrets.token_hex(),
    )
    refuse_strangers(server._tornado, {origin.rpartition(":")[0] or origin for origin in own})
    return server
