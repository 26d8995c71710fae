"""Each page shows the numbers of the products, or says what is missing and how to make it."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import panel as pn
import pyarrow as pa
import pytest

from core.pdfs.source_background import angle_bins, angle_table
from core.products.recipe import ProductKey, Recipe
from core.products.store import ProductStore
from dashboards.app import _caveats
from dashboards.limits_view import limits_view
from dashboards.pdf_view import pdf_view
from dashboards.state import Selection
from dashboards.trials_view import discovery_summary, trials_summary, trials_view
from tests.small_analysis import (
    PAIRS,
    SEED,
    injected_counts,
    ratio_cells,
    sensitivity,
    signal_trials,
    source_counts,
    sources,
    trials,
    write,
    write_products,
)

# Panel's own table calls pandas in a way that pandas is to give up.
pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword in DataFrame.reset_index")

View = Callable[[Selection], pn.Column]
VIEWS = pytest.mark.parametrize("view", [pdf_view, trials_view, limits_view])


def of_kind(page: pn.Column, kind: type) -> list[object]:
    return list(page.select(kind))


def written(page: pn.Column) -> str:
    kinds = (pn.pane.Markdown, pn.pane.HTML, pn.pane.Alert)
    return "\n".join(str(pane.object) for kind in kinds for pane in of_kind(page, kind))


def tables(page: pn.Column) -> dict[str, pd.DataFrame]:
    return {table.css_classes[0].removeprefix("table-"): table.value for table in of_kind(page, pn.widgets.Tabulator)}


def downloads(page: pn.Column) -> dict[str, pn.widgets.FileDownload]:
    return {button.filename: button for button in of_kind(page, pn.widgets.FileDownload)}


@VIEWS
def test_before_anything_has_been_run_a_page_says_how_to_begin(view: View, tmp_path: Path) -> None:
    said = written(view(Selection(ProductStore(tmp_path))))
    assert "Nothing to show yet" in said
    assert "dwarfnu run" in said
    assert str(tmp_path) in said


@VIEWS
def test_a_page_has_a_figure_a_table_and_both_to_take_away(view: View, store: ProductStore) -> None:
    page = view(Selection(store))
    assert of_kind(page, pn.pane.PNG)[0].object.startswith(b"\x89PNG")
    assert "fresh" in written(page)
    names = downloads(page)
    assert {Path(name).suffix for name in names} == {".png", ".pdf", ".csv"}
    for name, button in names.items():
        content = button.callback().read()
        beginning = {".png": b"\x89PNG", ".pdf": b"%PDF"}.get(Path(name).suffix)
        assert content.startswith(beginning) if beginning else "," in content


@VIEWS
def test_a_product_that_is_missing_is_named(view: View, store: ProductStore) -> None:
    selection = Selection(store)
    for stage in ("ratio_cells", "sensitivity"):
        for keys in store.keys(stage, channel="bb"):
            Path(store.path(stage, **keys)).unlink()
    page = view(selection)
    assert "Not made yet" in written(page)
    assert "missing" in written(page)
    assert not of_kind(page, pn.pane.PNG)


@VIEWS
def test_a_damaged_product_is_told_and_the_page_stands(view: View, store: ProductStore) -> None:
    selection = Selection(store)
    for stage in ("ratio_cells", "sensitivity"):
        for keys in store.keys(stage, channel="bb"):
            Path(store.path(stage, **keys)).write_bytes(b"PAR1 nonsense")
    said = written(view(selection))
    assert "Cannot show this" in said
    assert "damaged" in said
    assert "failed" in said


def test_a_failure_is_told_with_its_reason(store: ProductStore) -> None:
    product = ProductKey("sensitivity", {"channel": "bb", "mass": 10.0, "seed": SEED})
    Path(store.path("sensitivity", **product.keys)).unlink()
    store.write_failure(Recipe(product, "core.units"), "no <space> left & none to come")
    said = written(trials_view(Selection(store)))
    assert "sensitivity: no &lt;space&gt; left &amp; none to come" in said


@VIEWS
def test_provenance_is_shown_on_demand(view: View, store: ProductStore) -> None:
    selection = Selection(store)
    assert not of_kind(view(selection), pn.pane.JSON)
    selection.provenance = True
    (told,) = of_kind(view(selection), pn.pane.JSON)
    for said in told.object.values():
        assert {"recipe", "versions", "seed", "code", "created"} <= set(said)


def test_the_table_of_limits_is_the_product(store: ProductStore) -> None:
    shown = tables(limits_view(Selection(store)))["sensitivity"]
    product = store.read("sensitivity").to_pandas()
    for column in ("channel", "mass", "sigma_v_sensitivity", "sigma_v_band_hi95", "n_s_sensitivity", "limitation"):
        assert shown[column].tolist() == product[column].tolist()
    assert set(shown["state"]) == {"fresh"}


def test_limits_on_decay_are_lifetimes(tmp_path: Path) -> None:
    store = ProductStore(tmp_path)
    for channel, mass in PAIRS:
        rows = sensitivity(((channel, mass),))
        rows = rows.rename_columns([name.replace("sigma_v", "decay_rate") for name in rows.column_names])
        rows = rows.append_column("process", pa.array(["decay"]))
        write(store, ProductKey("sensitivity", {"channel": channel, "mass": mass, "seed": SEED}), rows)
    page = limits_view(Selection(store))
    assert "Lifetime limits" in written(page)
    assert of_kind(page, pn.pane.PNG)
    shown = tables(page)["sensitivity"]
    assert shown["decay_rate_sensitivity"].tolist() == store.read("sensitivity")["decay_rate_sensitivity"].to_pylist()
    assert not [name for name in shown if "sigma_v" in name]


def test_a_saved_table_has_every_digit(store: ProductStore) -> None:
    button = downloads(limits_view(Selection(store)))["sensitivity.csv"]
    saved = [float(row["sigma_v_sensitivity"]) for row in csv.DictReader(button.callback())]
    assert saved == store.read("sensitivity")["sigma_v_sensitivity"].to_pylist()


@pytest.mark.parametrize("figure", ["channel", "channels", "frame"])
def test_every_figure_of_limits_can_be_chosen(store: ProductStore, figure: str) -> None:
    selection = Selection(store)
    selection.limits = figure
    names = {"channel": "limits-bb.png", "channels": "limits.png", "frame": "sensitivities.png"}
    assert names[figure] in downloads(limits_view(selection))


def test_the_fit_and_the_sources_of_a_pair(store: ProductStore) -> None:
    selection = Selection(store)
    selection.adopt({"channel": "tautau", "mass": 20})
    shown = tables(pdf_view(selection))
    assert shown["pdf-tautau-20-fit"]["n_s_uncertainty"].tolist() == [ratio_cells()["n_s_uncertainty"][0].as_py()]
    by_source = shown["pdf-tautau-20-sources"]
    assert sorted(by_source["source"]) == sorted(sources()["source"].to_pylist())
    assert by_source["source_weight"].is_monotonic_decreasing
    assert by_source["source_weight"].sum() == pytest.approx(1.0)
    counts = source_counts().to_pandas().set_index("source").loc[by_source["source"]]
    assert by_source["n_background_in_angle"].tolist() == counts["n_background_in_angle"].tolist()


def test_densities_are_shown_on_the_sky_even_without_counts_by_source(store: ProductStore) -> None:
    selection = Selection(store)
    for keys in store.keys("source_counts"):
        Path(store.path("source_counts", **keys)).unlink()
    page = pdf_view(selection)
    assert {"pdf-bb-10.png", "sky-bb-10.png"} <= set(downloads(page))
    assert "n_background_in_angle" not in tables(page)["pdf-bb-10-sources"]


def test_how_the_background_was_treated(store: ProductStore) -> None:
    selection = Selection(store)
    assert selection.background() == "data"
    product = selection.of_seed("sensitivity")
    row = store.read_product(product)
    known = row.set_column(row.column_names.index("background"), "background", [["known"]])
    store.write(Recipe(product, "core.units"), known)
    assert selection.background() == "known"
    Path(store.path(product.stage, **product.keys)).unlink()
    assert selection.background() == "data"


def test_the_summary_of_trials() -> None:
    background, signal = trials(), signal_trials()
    summary = trials_summary(background, signal).to_pandas().set_index("n_injected")
    assert summary.index.tolist() == [0, *injected_counts()]
    assert summary["n_trials"].tolist() == [2000, 400, 400, 400, 400]
    assert summary.loc[0, "share above background median"] == pytest.approx(0.5, abs=1e-3)
    assert summary["mean of n_s_signed"].is_monotonic_increasing
    assert trials_summary(background, None)["n_injected"].to_pylist() == [0]


def test_trials_without_signal_can_be_shown(store: ProductStore) -> None:
    for keys in store.keys("signal_trials"):
        Path(store.path("signal_trials", **keys)).unlink()
    assert of_kind(trials_view(Selection(store)), pn.pane.PNG)


def test_densities_by_source_take_the_place_of_the_sky(store: ProductStore, tmp_path: Path) -> None:
    own, pair = ProductStore(tmp_path / "by-source"), {"channel": "tautau", "mass": 20.0}
    names, edges = sources()["source"].to_pylist(), angle_bins(12)
    for stage, column, slope in (
        ("source_background_pdf", "background_probability", 0.1),
        ("source_signal_pdf", "signal_probability", 0.6),
    ):
        entries = np.exp(-slope * np.arange(12)) * np.ones((len(names), 1))
        own.write(Recipe(ProductKey(stage, pair), "core.signal.flux"), angle_table(names, edges, entries, column))
    own.write(Recipe(ProductKey("sources"), "core.signal.flux"), store.read("sources"))
    acceptance = store.read("acceptance", **pair).drop_columns(["channel", "mass"])
    own.write(Recipe(ProductKey("acceptance", pair), "core.signal.flux"), acceptance)
    selection = Selection(own)
    page = pdf_view(selection)
    assert selection.statistic() == "j_weighted"
    assert of_kind(page, pn.pane.PNG)[0].object.startswith(b"\x89PNG")
    assert set(tables(page)) == {"pdf-tautau-20-sources"}
    assert not selection.shares_one_sky()
    own.write(Recipe(ProductKey("sky_patterns", pair), "core.signal.flux"), pa.table({"pattern": [0], "nside": [32]}))
    assert Selection(own).shares_one_sky()
    assert Selection(store).statistic() == "joint"
    assert Selection(store).shares_one_sky()


def test_discovery_potential_has_a_row_a_significance() -> None:
    row = {
        f"{name}{level}{error}": value
        for level, value in (("3sigma", 9.0), ("5sigma", 25.0))
        for name, error in (
            ("threshold_", ""),
            ("threshold_", "_error"),
            ("threshold_", "_n_effective"),
            ("n_s_discovery_", ""),
            ("n_s_discovery_", "_error"),
            ("sigma_v_discovery_", ""),
        )
    }
    three, five = discovery_summary(pa.Table.from_pylist([row])).to_pylist()
    assert (three["one-sided significance"], five["one-sided significance"]) == ("3 σ", "5 σ")
    assert three["threshold"] == 9.0
    assert five["n_s"] == five["sigma_v"] == 25.0


def test_every_page_of_a_simulated_sample_says_so(tmp_path: Path) -> None:
    store = ProductStore(tmp_path, sample="simulated-7y")
    write_products(store, (("tautau", 20.0),))
    selection = Selection(store)
    for view in (pdf_view, trials_view, limits_view):
        page = view(selection)
        assert any("**Simulated events**" in str(getattr(part, "object", "")) for part in page)
    assert "SIMULATED" in _caveats(selection).object
    assert "2.5 years public data" in _caveats(Selection(ProductStore(tmp_path / "empty"))).object
