"""What pages are made of: figures and tables to take away, badges of freshness, notices."""

import csv
from io import StringIO

import panel as pn
import pyarrow as pa
import pytest
from matplotlib.figure import Figure

from core.products.recipe import ProductKey, State
from core.products.store import ProductStore
from dashboards.panes import badge, figure_pane, freshness_pane, notice, provenance_pane, rendered, table_pane

# Panel's own table calls pandas in a way that pandas is to give up.
pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword in DataFrame.reset_index")

SOURCES = ProductKey("sources")
TABLE = pa.table({"source": ["Draco", "Segue 1"], "j_factor": [1.23456789e19, None], "distance_kpc": [76.0, 23.0]})


def figure() -> Figure:
    drawn = Figure(figsize=(2.0, 1.0))
    drawn.subplots().plot([0, 1])
    return drawn


def downloads(page: pn.Column) -> dict[str, pn.widgets.FileDownload]:
    return {button.filename: button for button in page.select(pn.widgets.FileDownload)}


@pytest.mark.parametrize(("file_format", "magic"), [("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_a_figure_is_rendered_from_its_first_byte(file_format: str, magic: bytes) -> None:
    assert rendered(figure(), file_format, 50).read(4) == magic


def test_a_figure_can_be_saved_under_its_name_and_is_described() -> None:
    page = figure_pane(figure(), "limits-bb", "limits on bb")
    assert set(downloads(page)) == {"limits-bb.png", "limits-bb.pdf"}
    (image,) = page.select(pn.pane.PNG)
    assert image.alt_text == "limits on bb"
    assert downloads(page)["limits-bb.pdf"].callback().read(4) == b"%PDF"


def test_a_table_is_saved_with_every_digit_and_shown_with_units() -> None:
    page = table_pane(TABLE, "sources")
    (view,) = page.select(pn.widgets.Tabulator)
    assert view.disabled
    assert "[kpc]" in view.titles["distance_kpc"]
    assert view.header_tooltips["j_factor"]
    rows = list(csv.DictReader(StringIO(downloads(page)["sources.csv"].callback().read())))
    assert float(rows[0]["j_factor"]) == 1.23456789e19
    assert rows[1]["j_factor"] == ""


def test_a_badge_escapes_what_it_is_given() -> None:
    html = badge("<b>sources</b>", State.STALE, 'said "no"')
    assert "&lt;b&gt;" in html
    assert "&quot;no&quot;" in html
    assert 'data-state="stale"' in html


def test_freshness_is_by_stage_with_the_reason(store: ProductStore) -> None:
    html = freshness_pane(store, [SOURCES, ProductKey("events", {"kind": "mc", "season": "IC86_2011"})]).object
    assert 'data-state="missing"' in html
    assert "sources: " in html
    assert "<ul>" in html


def test_provenance_is_that_of_the_file_or_why_there_is_none(store: ProductStore) -> None:
    missing = ProductKey("response")
    (pane,) = provenance_pane(store, [SOURCES, missing]).select(pn.pane.JSON)
    assert pane.object["sources"]["stage"] == "sources"
    assert "columns" not in pane.object["sources"]
    assert list(pane.object["response"]) == ["nothing"]


def test_a_notice_is_of_its_kind() -> None:
    assert notice("No products yet.", "warning").alert_type == "warning"
    assert notice("Read on.").alert_type == "info"
