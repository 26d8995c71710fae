"""What a page holds, to look at: the columns behind its plots, its tables, its words, its downloads."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd
import panel as pn
import pytest
from bokeh.models import ColumnDataSource
from bokeh.models.widgets.buttons import Toggle

from core.products.store import ProductStore
from dashboards.address import Address, parsed
from dashboards.library import Library
from dashboards.pages import page_named
from dashboards.view import View, view_of


@dataclass(frozen=True)
class Shown:
    """The parts of a page by their names, and where its clicks lead."""

    view: View
    column: pn.Column
    went: list[Address]

    @property
    def plots(self) -> dict[str, Any]:
        return {pane.object.name: pane.object for pane in self.column.select(pn.pane.Bokeh) if pane.object.name}

    def source(self, name: str) -> Mapping[str, Any]:
        """The columns behind a curve."""
        found = [item for plot in self.plots.values() for item in plot.select({"type": ColumnDataSource})]
        (data,) = {id(item): item.data for item in found if item.name == name}.values()
        return dict(data)

    @property
    def sources(self) -> set[str]:
        return {
            item.name for plot in self.plots.values() for item in plot.select({"type": ColumnDataSource}) if item.name
        }

    @property
    def legends(self) -> list[str]:
        """What the legends name, one after the other."""
        return [
            item.label for pane in self.column.select(pn.pane.Bokeh) for item in pane.object.select({"type": Toggle})
        ]

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        return {t.css_classes[0].removeprefix("table-"): t.value for t in self.column.select(pn.widgets.Tabulator)}

    @property
    def words(self) -> str:
        return "\n".join(str(pane.object) for pane in self.column.select(pn.pane.HTML))

    @property
    def downloads(self) -> dict[str, Callable[[], Any]]:
        return {button.filename: button.callback for button in self.column.select(pn.widgets.FileDownload)}


def shown_of(store: ProductStore, query: str) -> Shown:
    """A page of what stands in a store now."""
    went: list[Address] = []
    view = view_of(Library(str(store.root)), parsed(query), went.append)
    return Shown(view, pn.Column(*page_named(view.address.page).content(view)), went)


@pytest.fixture
def show(store: ProductStore) -> Callable[..., Shown]:
    """A page of the small analysis as it stands now."""
    return partial(shown_of, store)
