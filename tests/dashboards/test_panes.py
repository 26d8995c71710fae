"""What pages are made of: tables to take away in words of the glossary, notices, and nothing that is drawn as HTML."""

import csv
from io import StringIO

import numpy as np
import panel as pn
import pyarrow as pa
import pytest
from matplotlib.figure import Figure

from core.products.recipe import ProductKey
from dashboards.panes import csv_text, in_degrees, listed, notice, paper_figure, recipe_of, table_pane, title, words
from tests.dashboards.conftest import Look

# Panel's own table calls pandas in a way that pandas is to give up.
pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword in DataFrame.reset_index")

TABLE = pa.table({"source": ["Draco", "<b>x</b>"], "j_factor": [1.23456789e19, None], "dec": [np.pi / 2, -np.pi / 6]})
HOSTILE = "<img src=x onerror=alert(1)>"


def test_a_figure_for_papers_is_drawn_when_it_is_asked_for() -> None:
    drawn = []

    def draw() -> Figure:
        drawn.append(Figure(figsize=(2.0, 1.0)))
        return drawn[-1]

    buttons = {button.filename: button for button in paper_figure("limits-bb", draw).select(pn.widgets.FileDownload)}
    assert drawn == []
    assert buttons["limits-bb.pdf"].callback().read(4) == b"%PDF"
    assert buttons["limits-bb.png"].callback().read(4) == b"\x89PNG"


def test_a_table_is_shown_in_degrees_and_saved_with_every_digit_as_it_stands() -> None:
    page = table_pane(TABLE, "sources", "public-3y sources recipe abc")
    (view,) = page.select(pn.widgets.Tabulator)
    assert view.disabled
    assert view.value["dec"].tolist() == pytest.approx([90.0, -30.0])
    assert view.titles["dec"] == "declination [deg]"
    (button,) = page.select(pn.widgets.FileDownload)
    first, *lines = button.callback().read().splitlines()
    assert first == "# public-3y sources recipe abc"
    rows = list(csv.DictReader(lines))
    assert float(rows[0]["j_factor"]) == 1.23456789e19
    assert float(rows[0]["dec"]) == np.pi / 2
    assert rows[1]["j_factor"] == ""


def test_columns_are_named_in_words_with_units() -> None:
    assert title("sigma_v_sensitivity") == "⟨σv⟩ sensitivity [cm³ s⁻¹]"
    assert title("sigma_v_band_hi68") == "⟨σv⟩ band 68 % high [cm³ s⁻¹]"
    assert title("n_s_sensitivity") == "n_s sensitivity"
    assert title("ra") == "right ascension [deg]"
    assert in_degrees(pa.table({"mass": [1.0]})) == pa.table({"mass": [1.0]})


def test_a_csv_has_a_line_for_each_product() -> None:
    text = csv_text(pa.table({"mass": [1.0]}), "one\ntwo")
    assert text.splitlines() == ["# one", "# two", "mass", "1.0"]
    assert next(csv.reader(StringIO(csv_text(pa.table({"mass": [1.0]}), "")))) == ["mass"]


def test_a_recipe_is_named_with_its_digest(look: Look) -> None:
    view = look()
    product = ProductKey("sources")
    digest = view.store.metadata("sources")["recipe_digest"]
    assert recipe_of(view, product) == f"public-3y sources recipe {digest}"
    assert recipe_of(view, ProductKey("response")) == "public-3y response recipe unknown"


@pytest.mark.parametrize("pane", [notice(HOSTILE, HOSTILE), words(HOSTILE), listed([HOSTILE])])
def test_no_text_is_drawn_as_html(pane: pn.pane.HTML) -> None:
    assert "<img" not in pane.object
    assert "&lt;img" in pane.object
