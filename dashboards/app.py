# mypy: allow-untyped-calls
"""The dashboard: three pages of products, a selection beside them, and a server that keeps to this machine."""

from collections.abc import Callable, Sequence
from typing import Any

import panel as pn
from panel.theme.fast import Fast as PanelFast

from core.products import ProductStore
from dashboards.limits_view import limits_view
from dashboards.pdf_view import pdf_view
from dashboards.state import IN_THE_URL, PAGES, Selection
from dashboards.trials_view import trials_view

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

    def resolve_resources(self, *arguments: Any, **options: Any) -> Any:
        """Return the resources of the parent that this server holds itself."""
        resources = super().resolve_resources(*arguments, **options)
        resources["css"] = {name: url for name, url in resources["css"].items() if "//" not in url}
        return resources


def dashboard(store: ProductStore) -> pn.template.FastListTemplate:
    """Return the application of one session: what a browser shows for one visitor."""
    selection = Selection(store)
    template = pn.template.FastListTemplate(
        title=f"dwarfnu · {store.analysis}",
        sidebar=_sidebar(selection),
        main=[_tabs(selection)],
        design=Fast,
        font="system-ui, sans-serif",
        font_url="",
        accent_base_color=ACCENT,
        header_background=ACCENT,
        theme_toggle=False,
        sidebar_width=250,
    )
    if pn.state.location is not None:
        selection.adopt(_query(pn.state.location.query_params))
        pn.state.location.sync(selection, list(IN_THE_URL), on_error=selection.adopt)
    pn.state.add_periodic_callback(selection.refresh, period=REFRESH_MILLISECONDS)
    return template


def _query(parameters: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in parameters.items() if name in IN_THE_URL}


def _sidebar(selection: Selection) -> list[pn.viewable.Viewable]:
    on_page = selection.param.page.rx
    return [
        pn.widgets.Select.from_param(selection.param.channel),
        pn.widgets.Select.from_param(selection.param.mass),
        pn.widgets.Select.from_param(selection.param.seed),
        pn.widgets.MultiChoice.from_param(selection.param.n_injected, visible=on_page() == "test-statistic"),
        pn.widgets.RadioBoxGroup.from_param(selection.param.limits, visible=on_page() == "limits"),
        pn.widgets.Switch.from_param(selection.param.provenance),
        pn.pane.Markdown(
            "Dwarf galaxies only, no Galactic halo. Isotropic azimuth error assumed. 2.5 years of public data, "
            "reconstructed energies below 56 GeV. Not a result of the IceCube Collaboration."
        ),
    ]


def _tabs(selection: Selection) -> pn.Tabs:
    pages = [
        (title, pn.panel(_view(selection, view), defer_load=True, loading_indicator=True))
        for title, view in PAGE_VIEWS.values()
    ]
    tabs = pn.Tabs(*pages, dynamic=True, active=PAGES.index(selection.page), sizing_mode="stretch_width")
    selection.param.watch(lambda event: tabs.param.update(active=PAGES.index(event.new)), "page")
    tabs.param.watch(lambda event: selection.param.update(page=PAGES[event.new]), "active")
    return tabs


def _view(selection: Selection, view: Callable[[Selection], pn.Column]) -> Any:
    return pn.bind(lambda _: view(selection), selection.param.shown)


def start_server(store: ProductStore, address: str, port: int, websocket_origins: Sequence[str] = ()) -> Any:
    """Return a server that listens at address and port and is not yet serving; OSError if the port is taken.

    Only pages that came from this address (or from one of `websocket_origins`, host:port) may open a connection.
    """
    pn.extension("tabulator", inline=True)
    own = {f"{host}:{port}" for host in (address, "localhost", "127.0.0.1")}
    return pn.io.server.get_server(
        {"/": lambda: dashboard(store)},
        address=address,
        port=port,
        websocket_origin=sorted(own | set(websocket_origins)),
        title="dwarfnu",
        show=False,
        start=False,
        liveness=True,
    )
