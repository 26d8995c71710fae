# mypy: allow-untyped-calls
"""The line above every page: which page, which analysis, which pair of channel and mass, which seed."""

from collections.abc import Callable, Sequence
from typing import Any

import panel as pn

from core.products.recipe import path_text
from dashboards.address import Address
from dashboards.pages import PAGES
from dashboards.view import View, nearest

ROW_CSS = [
    ":host { overflow-x: auto; flex-wrap: nowrap !important; }",
    "@media (min-width: 900px) { :host { flex-wrap: wrap !important; } }",
]


class Chooser:
    """Buttons of the pages and menus of what can be looked at; each choice goes to an address."""

    def __init__(self, go: Callable[[Address], None]) -> None:
        self._go, self._address, self._view = go, Address(), None
        self._pairs: list[tuple[str, float]] = []
        self._is_offering = False
        self.buttons = {name: self._button(name) for name in PAGES}
        self.menus = {
            "analysis": pn.widgets.Select(label="Analysis", options=[], width=190, visible=False),
            "channel": pn.widgets.Select(label="Channel", options=[], width=130, visible=False),
            "mass": pn.widgets.Select(label="Mass (GeV)", options=[], width=110, visible=False),
            "seed": pn.widgets.Select(label="Seed", options=[], width=90, visible=False),
        }
        for name, menu in self.menus.items():
            menu.param.watch(lambda event, name=name: self._choose(name, event.new), "value")
        self.question = pn.pane.HTML("", css_classes=["page-question"], sizing_mode="stretch_width", margin=(0, 8))
        self.pane = pn.Column(
            pn.Row(*self.buttons.values(), css_classes=["pages"], sizing_mode="stretch_width", stylesheets=ROW_CSS),
            pn.FlexBox(*self.menus.values(), align_items="end"),
            self.question,
            sizing_mode="stretch_width",
        )

    def _button(self, name: str) -> pn.widgets.Button:
        button = pn.widgets.Button(label=PAGES[name].title, margin=(2, 3))
        button.on_click(lambda _: self._go(self._address.at(page=name)))
        return button

    def _choose(self, name: str, value: Any) -> None:
        if self._is_offering or value is None:
            return
        changes: dict[str, Any] = {name: value}
        if name == "analysis":
            changes |= {"channel": None, "mass": None, "seed": None, "what_if": None}
        if name == "channel":
            masses = [mass for channel, mass in self._pairs if channel == value]
            changes["mass"] = nearest(masses, self._address.mass or masses[0])
        self._go(self._address.at(**changes))

    def offer_pages(self, address: Address) -> None:
        """Mark the page of an address."""
        self._address = address
        for name, button in self.buttons.items():
            button.color = "primary" if name == address.page else "default"
        page = PAGES.get(address.page)
        self.question.object = page.question if page else ""
        self.menus["channel"].disabled = self.menus["mass"].disabled = page is None or not page.is_of_pair

    def offer(self, view: View, analyses: Sequence[str]) -> None:
        """Offer what there is, with what is looked at chosen."""
        self._is_offering, self._pairs = True, view.snapshot.pairs
        try:
            self.offer_pages(view.address)
            masses = [mass for channel, mass in self._pairs if channel == view.address.channel]
            self._set("analysis", list(analyses), view.address.analysis)
            self._set("channel", list(dict.fromkeys(channel for channel, _ in self._pairs)), view.address.channel)
            self._set("mass", {path_text(mass): mass for mass in masses}, view.address.mass)
            self._set("seed", view.snapshot.seeds, view.address.seed)
        finally:
            self._is_offering = False

    def _set(self, name: str, options: Any, value: Any) -> None:
        menu = self.menus[name]
        menu.param.update(options=options, value=value)
        menu.visible = len(options) > 1 or (name in ("channel", "mass") and bool(options))
