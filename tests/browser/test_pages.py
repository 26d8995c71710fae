"""The three pages in a real browser, on products of a real run: what stands on the page stands in the products."""

import csv
import re
import urllib.request
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from shutil import copytree
from typing import TYPE_CHECKING

import numpy as np
import pytest

from core.products.store import ProductStore

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.browser
expect = pytest.importorskip("playwright.sync_api", reason="playwright comes with the group browser").expect

Screenshot = Callable[[str], Path]


def cells(page: "Page", table: str, column: str) -> list[str]:
    """What a column of a table shows, row by row."""
    found = page.locator(f".table-{table} .tabulator-row .tabulator-cell[tabulator-field='{column}']")
    found.first.wait_for()
    return [text.strip() for text in found.all_inner_texts()]


def numbers(page: "Page", table: str, column: str) -> list[float]:
    return [float(text) for text in cells(page, table, column)]


def figure(page: "Page") -> "Locator":
    """The figure of the page, loaded."""
    image = page.locator(".figure img").first
    expect(image).to_be_visible()
    page.wait_for_function("image => image.complete && image.naturalWidth > 500", arg=image.element_handle())
    return image


def test_the_limits_of_every_pair(
    page: "Page", dashboard: str, run_store: ProductStore, screenshot: Screenshot
) -> None:
    page.goto(f"{dashboard}/?page=limits&channel=tautau")
    product = run_store.read("sensitivity").to_pandas()
    assert cells(page, "sensitivity", "channel") == product["channel"].tolist()
    assert numbers(page, "sensitivity", "mass") == product["mass"].tolist()
    for column in ("sigma_v_sensitivity", "sigma_v_band_lo68", "sigma_v_band_hi68", "flux_sensitivity"):
        assert numbers(page, "sensitivity", column) == [float(f"{value:.3e}") for value in product[column]]
    assert numbers(page, "sensitivity", "n_s_sensitivity") == pytest.approx(product["n_s_sensitivity"], abs=5e-5)
    assert cells(page, "sensitivity", "state") == ["fresh"] * len(product)
    assert figure(page).get_attribute("alt") == "Sensitivity and limits of tautau"
    assert screenshot("limits").stat().st_size > 50_000


def test_all_channels_beside_each_other(page: "Page", dashboard: str, screenshot: Screenshot) -> None:
    page.goto(f"{dashboard}/?page=limits")
    figure(page)
    page.get_by_text("all channels", exact=True).click()
    expect(page.locator("img[alt='Sensitivities of all channels beside published limits']")).to_be_visible()
    page.wait_for_url("**limits=channels**")
    screenshot("limits-all-channels")


def test_the_test_statistic_of_a_pair(
    page: "Page", dashboard: str, run_store: ProductStore, screenshot: Screenshot
) -> None:
    page.goto(f"{dashboard}/?page=test-statistic&channel=tautau&mass=20")
    background = run_store.read("background_trials", channel="tautau", mass=20.0)
    median = np.median(background["test_statistic_signed"].to_numpy())
    table = "test-statistic-tautau-20"
    injected = [keys["n_injected"] for keys in run_store.keys("signal_trials", channel="tautau", mass=20.0)]
    assert numbers(page, table, "n_injected") == [0, *sorted(injected)]
    assert numbers(page, table, "n_trials")[0] == background.num_rows
    shown = dict(
        zip(numbers(page, table, "n_injected"), numbers(page, table, "share above background median"), strict=True)
    )
    for number in injected:
        trials = run_store.read("signal_trials", channel="tautau", mass=20.0, n_injected=number)
        share = np.mean(trials["test_statistic_signed"].to_numpy() > median)
        assert shown[number] == pytest.approx(share, abs=5e-5)
    figure(page)
    screenshot("test-statistic")


def test_the_densities_of_a_pair(page: "Page", dashboard: str, run_store: ProductStore, screenshot: Screenshot) -> None:
    page.goto(f"{dashboard}/?page=pdfs&channel=bb&mass=50")
    product = run_store.read("ratio_cells", channel="bb", mass=50.0)
    assert numbers(page, "pdf-bb-50-fit", "n_events") == [product["n_events"][0].as_py()]
    expected = pytest.approx(product["n_s_uncertainty"][0].as_py(), abs=5e-5)
    assert numbers(page, "pdf-bb-50-fit", "n_s_uncertainty")[0] == expected
    acceptance = run_store.read("acceptance", channel="bb", mass=50.0).sort_by([("source_weight", "descending")])
    assert cells(page, "pdf-bb-50-sources", "source")[:5] == acceptance["source"].to_pylist()[:5]
    figure(page)
    screenshot("pdfs")


def test_a_person_can_go_from_page_to_page_and_pair_to_pair(page: "Page", dashboard: str) -> None:
    page.goto(f"{dashboard}/?page=limits&channel=bb")
    expect(page.get_by_role("heading", name="Cross-section limits: bb, 50 GeV", exact=True)).to_be_visible()
    page.get_by_text("Test statistic", exact=True).click()
    expect(page.get_by_role("heading", name="Test statistic: bb, 50 GeV", exact=True)).to_be_visible()
    page.get_by_label("Channel", exact=True).select_option("tautau")
    expect(page.get_by_role("heading", name="Test statistic: tautau, 20 GeV", exact=True)).to_be_visible()
    page.wait_for_url("**page=test-statistic**channel=tautau**")
    page.reload()
    expect(page.get_by_role("heading", name="Test statistic: tautau, 20 GeV", exact=True)).to_be_visible()


def test_provenance_is_shown_on_demand(page: "Page", dashboard: str) -> None:
    page.goto(f"{dashboard}/?page=limits&channel=tautau")
    figure(page)
    assert page.get_by_role("heading", name="Provenance", exact=True).count() == 0
    page.get_by_role("checkbox").check()
    expect(page.get_by_role("heading", name="Provenance", exact=True)).to_be_visible()
    expect(page.get_by_text("recipe_digest").first).to_be_visible()


def test_a_table_can_be_taken_away_with_every_digit(page: "Page", dashboard: str, run_store: ProductStore) -> None:
    page.goto(f"{dashboard}/?page=limits&channel=tautau")
    button = page.get_by_role("link", name="Table (CSV)").or_(page.get_by_text("Table (CSV)")).first
    with page.expect_download() as download:
        button.click()
    with Path(download.value.path()).open(encoding="utf-8") as lines:
        saved = [float(row["sigma_v_sensitivity"]) for row in csv.DictReader(lines)]
    assert saved == run_store.read("sensitivity")["sigma_v_sensitivity"].to_pylist()


def test_an_empty_page_fills_by_itself(
    page: "Page", serve: Callable[[Path], str], public_run: Path, tmp_path: Path, screenshot: Screenshot
) -> None:
    page.goto(f"{serve(tmp_path / 'products')}/")
    expect(page.get_by_text("Nothing to show yet")).to_be_visible()
    screenshot("nothing-yet")
    copytree(public_run / "products", tmp_path / "products")
    expect(page.get_by_role("heading", name="Cross-section limits: bb, 50 GeV", exact=True)).to_be_visible()
    assert len(cells(page, "sensitivity", "channel")) == 2


def test_a_product_that_is_replaced_shows_without_a_reload(
    page: "Page", serve: Callable[[Path], str], public_run: Path, tmp_path: Path
) -> None:
    copytree(public_run / "products", tmp_path / "products")
    store = ProductStore(tmp_path / "products")
    page.goto(f"{serve(tmp_path / 'products')}/?page=limits&channel=bb")
    assert "failed" not in cells(page, "sensitivity", "state")
    path = Path(store.path("sensitivity", **store.keys("sensitivity", channel="bb")[0]))
    path.with_suffix(".failed.json").write_text('{"reason": "no space left"}', encoding="utf-8")
    path.unlink()
    expect(page.get_by_text("no space left")).to_be_visible()


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
