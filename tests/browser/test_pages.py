"""The pages in a real browser, on products of a real run: what is behind a plot is what stands in the products."""

import csv
import re
import urllib.request
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from shutil import copytree
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import numpy as np
import pytest

from core.inference.robustness import sensitivity_ratio, weights_without
from core.pdfs.source_information import information_of_table
from core.products.store import ProductStore
from dashboards.pages import PAGES

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
expect = pytest.importorskip("playwright.sync_api", reason="playwright comes with the group browser").expect

Screenshot = Callable[[str], Path]
# The columns behind a curve, from the model that the browser draws.
COLUMNS = """name => {
  for (const shown of Bokeh.documents) for (const model of shown._all_models.values())
    if (model.type === "ColumnDataSource" && model.name === name)
      return Object.fromEntries(Object.entries(model.data).map(([k, v]) => [k, Array.from(v)]))
  return null
}"""
COLUMNS_FILLED = f"name => ((({COLUMNS})(name) || {{}}).mass || []).length > 0"
HIDDEN = "() => Bokeh.documents[0].get_model_by_name('limits-tautau').renderers.filter(r => !r.visible).length"
WIDTH_BEYOND = (
    "() => Math.max(document.body.scrollWidth, document.querySelector('#main').scrollWidth) - window.innerWidth"
)


def columns(page: "Page", name: str) -> dict[str, Any]:
    """The columns behind a curve, once it is drawn."""
    page.wait_for_function(COLUMNS, arg=name)
    return dict(page.evaluate(COLUMNS, name))


def cells(page: "Page", table: str, column: str) -> list[str]:
    """What a column of a table shows, row by row, once it is in view."""
    page.locator(f".table-{table}").scroll_into_view_if_needed()
    found = page.locator(f".table-{table} .tabulator-row .tabulator-cell[tabulator-field='{column}']")
    found.first.wait_for()
    return [text.strip() for text in found.all_inner_texts()]


def numbers(page: "Page", table: str, column: str) -> list[float]:
    return [float(text) for text in cells(page, table, column)]


def wait_until_drawn(page: "Page", name: str) -> None:
    """Wait for the question of a page to stand above it, and for its busy mark to be gone."""
    expect(page.get_by_text(PAGES[name].question, exact=True)).to_be_visible()
    expect(page.locator(".pn-loading")).to_have_count(0)


@pytest.mark.parametrize("theme", ["default", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_drawn(page: "Page", dashboard: str, screenshot: Screenshot, name: str, theme: str) -> None:
    page.goto(f"{dashboard}/?page={name}&channel=tautau&mass=20&theme={theme}")
    wait_until_drawn(page, name)
    if name == "certificate":
        expect(page.get_by_text("dwarfnu certify --products")).to_be_visible()
    else:
        expect(page.locator(".bk-Figure, .tabulator").first).to_be_visible()
        expect(page.get_by_text("This page failed")).to_have_count(0)
    assert screenshot(f"{name}-{theme}").stat().st_size > 20_000
    page.set_viewport_size({"width": 420, "height": 900})
    screenshot(f"{name}-{theme}-narrow")
    assert page.evaluate(WIDTH_BEYOND) <= 0


def test_the_limits_of_every_pair(page: "Page", dashboard: str, run_store: ProductStore) -> None:
    page.goto(f"{dashboard}/?page=limits&channel=tautau")
    product = run_store.read("sensitivity").to_pandas()
    own = product[product["channel"] == "tautau"]
    curve = columns(page, "sensitivity")
    assert curve["mass"] == own["mass"].tolist()
    assert curve["value"] == own["sigma_v_sensitivity"].tolist()
    assert columns(page, "band-lo68-hi68")["high"] == own["sigma_v_band_hi68"].tolist()
    assert cells(page, "sensitivity", "channel") == product["channel"].tolist()
    for column in ("sigma_v_sensitivity", "sigma_v_band_lo68", "flux_sensitivity"):
        assert numbers(page, "sensitivity", column) == [float(f"{value:.3e}") for value in product[column]]
    hidden = page.evaluate(HIDDEN)
    page.get_by_role("button", name="thermal relic").click()
    page.wait_for_function(f"before => ({HIDDEN})() === before + 2", arg=hidden)


def test_what_if_answers_at_once_and_its_address_can_be_mailed(
    page: "Page", dashboard: str, run_store: ProductStore, screenshot: Screenshot
) -> None:
    page.goto(f"{dashboard}/?page=limits&channel=tautau&mass=20")
    page.get_by_text("What if: other galaxies, J factors, livetime").click()
    table = run_store.read("source_information", channel="tautau", mass=20.0)
    information, names = information_of_table(table), table["source"].to_pylist()
    largest = names[int(np.argmax(table["slope_share"].to_numpy()))]
    page.get_by_label(largest, exact=True).uncheck()
    page.wait_for_url("**what_if=**")
    (before,) = run_store.read("sensitivity", channel="tautau", mass=20.0)["sigma_v_sensitivity"].to_pylist()
    wanted = before * sensitivity_ratio(information, weights_without(names, [largest]))
    page.wait_for_function(COLUMNS_FILLED, arg="what-if")
    assert columns(page, "what-if")["value"] == pytest.approx([wanted], rel=1e-9, abs=0.0)
    shares = dict(zip(cells(page, "what-if", "source"), cells(page, "what-if", "share"), strict=True))
    assert shares[largest] == "0.0 %"
    screenshot("what-if")
    page.set_viewport_size({"width": 420, "height": 1600})
    page.reload()
    page.wait_for_function(COLUMNS_FILLED, arg="what-if")
    assert columns(page, "what-if")["value"] == pytest.approx([wanted], rel=1e-9, abs=0.0)
    expect(page.get_by_label(largest, exact=True)).not_to_be_checked()
    assert cells(page, "what-if", "share") == list(shares.values())
    screenshot("what-if-narrow")
    assert page.evaluate(WIDTH_BEYOND) <= 0


def test_the_test_statistic_of_a_pair(page: "Page", dashboard: str, run_store: ProductStore) -> None:
    page.goto(f"{dashboard}/?page=test-statistic&channel=tautau&mass=20")
    background = run_store.read("background_trials", channel="tautau", mass=20.0)
    bounded = background["test_statistic"].to_numpy()
    assert sum(columns(page, "background")["n"]) == np.count_nonzero(bounded > 0.0)
    tail = columns(page, "survival")
    assert tail["p"][50] == pytest.approx(np.mean(bounded >= tail["ts"][50]))
    injected = [keys["n_injected"] for keys in run_store.keys("signal_trials", channel="tautau", mass=20.0)]
    assert numbers(page, "test-statistic-tautau-20", "n_injected") == [0, *sorted(injected)]


def test_the_densities_of_a_pair(page: "Page", dashboard: str, run_store: ProductStore) -> None:
    page.goto(f"{dashboard}/?page=pdfs&channel=bb&mass=50")
    cells_of_pair = run_store.read("ratio_cells", channel="bb", mass=50.0)
    assert columns(page, "cells-signal")["ratio"] == cells_of_pair["ratio"].to_pylist()
    assert numbers(page, "pdf-bb-50-fit", "n_events") == [cells_of_pair["n_events"][0].as_py()]


def test_a_person_goes_from_page_to_page_and_back(page: "Page", dashboard: str) -> None:
    page.goto(f"{dashboard}/?page=recovery&channel=bb&mass=50")
    wait_until_drawn(page, "recovery")
    page.get_by_role("button", name="Spectra", exact=True).click()
    wait_until_drawn(page, "spectra")
    page.get_by_label("Channel", exact=True).select_option("tautau")
    page.wait_for_url("**page=spectra**channel=tautau&mass=20**")
    expect(page.locator(".table-spectra-tautau-20-totals")).to_be_visible()
    page.go_back()
    expect(page.locator(".table-spectra-bb-50-totals")).to_be_visible()
    page.go_back()
    wait_until_drawn(page, "recovery")
    page.go_forward()
    page.go_forward()
    expect(page.locator(".table-spectra-tautau-20-totals")).to_be_visible()
    page.reload()
    expect(page.locator(".table-spectra-tautau-20-totals")).to_be_visible()


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("analysis=../../etc", "There is no such analysis as '../../etc'"),
        ("page=<script>alert(1)</script>", "There is no such page as '<script>alert(1)</script>'"),
        ("page=limits&channel=<img src=x onerror=alert(1)>", "There is no such channel as '<img"),
        ("page=shards&product=../../../etc/passwd", "There is no such product as '../../../etc/passwd'"),
    ],
)
def test_hostile_addresses_are_told_in_plain_words(page: "Page", dashboard: str, query: str, told: str) -> None:
    page.goto(f"{dashboard}/?{quote(query, safe='=&')}")
    expect(page.get_by_text(told)).to_be_visible()


def test_a_number_leads_back_to_what_it_is_from(page: "Page", dashboard: str) -> None:
    page.goto(f"{dashboard}/?page=shards&channel=tautau&mass=20")
    boxes = columns(page, "way-back")
    assert {"sensitivity channel=tautau mass=20 seed=1", "sources", "response"} <= set(boxes["product"])
    assert set(boxes["state"]) == {"fresh"}
    page.evaluate(
        """place => { for (const model of Bokeh.documents[0]._all_models.values())
             if (model.type === "ColumnDataSource" && model.name === "way-back") model.selected.indices = [place] }""",
        boxes["product"].index("sources"),
    )
    expect(page.get_by_text("The way back of sources", exact=True)).to_be_visible()
    page.wait_for_url("**product=sources**")


def test_a_table_can_be_taken_away_with_every_digit(page: "Page", dashboard: str, run_store: ProductStore) -> None:
    page.goto(f"{dashboard}/?page=limits&channel=tautau")
    with page.expect_download() as download:
        page.get_by_text("Table (CSV)").first.click()
    lines = Path(download.value.path()).read_text(encoding="utf-8").splitlines()
    digests = [run_store.metadata("sensitivity", **keys)["recipe_digest"] for keys in run_store.keys("sensitivity")]
    assert [line.split()[-1] for line in lines if line.startswith("#")] == digests
    saved = [float(row["sigma_v_sensitivity"]) for row in csv.DictReader(x for x in lines if not x.startswith("#"))]
    assert saved == run_store.read("sensitivity")["sigma_v_sensitivity"].to_pylist()


def test_an_empty_page_fills_by_itself(
    page: "Page", serve: Callable[[Path], str], public_run: Path, tmp_path: Path, screenshot: Screenshot
) -> None:
    page.goto(f"{serve(tmp_path / 'products')}/")
    expect(page.get_by_text("There are no products under")).to_be_visible()
    expect(page.get_by_text(f"dwarfnu run --products {tmp_path / 'products'}")).to_be_visible()
    screenshot("nothing-yet")
    copytree(public_run / "products", tmp_path / "products")
    assert sorted(columns(page, "pairs")["channel"]) == ["bb", "tautau"]


def test_products_that_fail_or_are_torn_show_without_a_reload(
    page: "Page", serve: Callable[[Path], str], public_run: Path, tmp_path: Path
) -> None:
    copytree(public_run / "products", tmp_path / "products")
    store = ProductStore(tmp_path / "products")
    page.goto(f"{serve(tmp_path / 'products')}/?page=shards")
    expect(page.get_by_text("Every product; a click shows where it is from")).to_be_visible()
    path = Path(store.path("sensitivity", **store.keys("sensitivity", channel="bb")[0]))
    path.with_suffix(".failed.json").write_text('{"reason": "no <i>space</i> left"}', encoding="utf-8")
    path.unlink()
    torn = Path(store.path("spectra", channel="tautau", mass=20.0))
    torn.write_bytes(torn.read_bytes()[:500])
    expect(page.locator(".table-failed").get_by_text("no <i>space</i> left")).to_be_visible()
    expect(page.locator(".table-failed").get_by_text("is damaged").first).to_be_visible()
    page.get_by_role("button", name="Spectra", exact=True).click()
    expect(page.get_by_text("This cannot be shown")).to_be_visible()


@pytest.mark.parametrize(("origin", "status"), [("http://elsewhere.example", 403), ("{dashboard}", 101)])
def test_only_pages_of_our_own_may_open_a_connection(dashboard: str, origin: str, status: int) -> None:
    token = re.search(r'"token":"([^"]+)"', read(dashboard))
    assert token is not None
    headers = {
        "Origin": origin.format(dashboard=dashboard),
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
        "Sec-WebSocket-Protocol": f"bokeh, {token[1]}",
    }
    connection = HTTPConnection(dashboard.removeprefix("http://"), timeout=60)
    connection.request("GET", "/ws", headers=headers)
    assert connection.getresponse().status == status
    connection.close()


def read(address: str) -> str:
    with urllib.request.urlopen(address, timeout=60) as answer:
        return str(answer.read(), "utf-8")
