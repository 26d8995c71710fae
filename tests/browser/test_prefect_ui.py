"""An analysis from the Prefect UI in a real browser: the form, a shard that fails, Retry, and where its links lead."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.dark_matter.channels import CHANNELS
from core.products.store import ProductStore
from tests.browser.conftest import PAGE_MILLISECONDS, is_elsewhere
from tests.deployments.test_operation import Project, served
from tests.runs import dwarfnu

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1800)]
playwright = pytest.importorskip("playwright.sync_api", reason="playwright comes with the group browser")
expect, TimeoutError_ = playwright.expect, playwright.TimeoutError
FROM_A_DEPLOYMENT = {"deployments": {"name": {"any_": ["one-pair"]}}}

SMALL = "[pairs]\ntautau = [20]\n[trials]\nn_background = 600\nn_signal = 200\nshard_size = 100\n"
BLOCKED = 3
KEYS = {"channel": "tautau", "mass": 20.0, "seed": 1}
END = 900_000  # ms, on a busy machine


@pytest.fixture
def page(browser: "Browser") -> Iterator["Page"]:
    """A page that asks nothing of another machine. Prefect's own may complain: it asks again where a server is busy."""
    opened = browser.new_page(viewport={"width": 1500, "height": 1350})
    opened.set_default_timeout(PAGE_MILLISECONDS)
    asked: list[str] = []
    opened.on("request", lambda request: asked.append(request.url))
    yield opened
    opened.close()
    assert [url for url in asked if is_elsewhere(url)] == []


def press(page: "Page", button: str) -> None:
    """Press a button of a form until the form is gone: a server whose database is busy refuses, and says so."""
    form = page.get_by_role("button", name=button, exact=True).last
    for _ in range(10):
        form.click()
        try:
            form.wait_for(state="hidden", timeout=15_000)
        except TimeoutError_:
            continue
        return
    pytest.fail(f"{button} does nothing: {page.url}")


def start_from_the_form(page: "Page", address: str) -> None:
    """Start tautau/20 from the form of the deployment one-pair."""
    page.goto(f"{address}/deployments?deployments.flowOrDeploymentNameLike=one-pair")
    page.get_by_role("link", name="one-pair").first.click()
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_text("Custom run").click()
    expect(page.get_by_text("Masses of dark matter (GeV)")).to_be_visible()
    page.locator(".p-select-button, .p-select").filter(has_text="tautau").first.click()
    page.keyboard.press("ArrowDown")
    page.get_by_role("option", name="nutaunutau", exact=True).wait_for()
    assert {"as configured", *CHANNELS} <= set(page.get_by_role("option").all_inner_texts())
    page.get_by_role("option", name="tautau", exact=True).click()
    press(page, "Submit")


def outcomes(project: Project, run: str) -> dict[str, str]:
    """The last outcome of each shard of background trials of a run, by its name."""
    of_run = {"flow_runs": {"parent_flow_run_id": {"any_": [run]}, "name": {"like_": "background trials"}}}
    (stage,) = project.api.post("/flow_runs/filter", json=of_run).raise_for_status().json()
    asked = {"flow_runs": {"id": {"any_": [stage["id"]]}}, "sort": "EXPECTED_START_TIME_ASC"}
    tasks = project.api.post("/task_runs/filter", json=asked).raise_for_status().json()
    return {task["name"]: task["state"]["name"] for task in tasks}


def latest(project: Project, key: str) -> dict[str, str]:
    """The latest artifact of a key."""
    asked = {"artifacts": {"key": {"any_": [key]}}, "sort": "CREATED_DESC", "limit": 1}
    (found,) = project.api.post("/artifacts/filter", json=asked).raise_for_status().json()
    return dict(found)


def rows_of(project: Project, key: str) -> list[dict[str, str]]:
    """The rows of the latest table of a key."""
    return list(json.loads(project.ask("GET", f"/artifacts/{key}/latest")["data"]))


def test_from_the_form_to_the_dashboard(page: "Page", serve: Callable[[Path], str], tmp_path: Path) -> None:
    products = tmp_path / "products"
    store = ProductStore(products)
    blocked = Path(store.path("background_trials", BLOCKED, **KEYS))
    blocked.mkdir(parents=True)
    others = [Path(store.path("background_trials", part, **KEYS)) for part in range(6) if part != BLOCKED]
    dashboard = serve(products)
    with served(tmp_path, SMALL, options=("--dashboard", dashboard)) as project:
        address = str(project.api.base_url).removesuffix("/api/")
        start_from_the_form(page, address)
        (begun,) = project.api.post("/flow_runs/filter", json=FROM_A_DEPLOYMENT).raise_for_status().json()
        run = begun["id"]
        page.goto(f"{address}/runs/flow-run/{run}")
        expect(page.get_by_text("Failed", exact=True).first).to_be_visible(timeout=END)
        assert sorted(outcomes(project, run).values()) == ["Computed"] * 5 + ["Failed"]
        (failed,) = rows_of(project, "public-3y-background-trials-failed")
        assert failed["product"] == f"background_trials channel=tautau mass=20 seed=1 part {BLOCKED}"
        stood = [path.stat().st_mtime_ns for path in others]

        blocked.rmdir()
        page.get_by_role("button", name="Retry").first.click()
        page.get_by_role("button", name="Retry").last.click()
        expect(page.get_by_text("Completed", exact=True).first).to_be_visible(timeout=END)
        assert [path.stat().st_mtime_ns for path in others] == stood
        assert blocked.is_file()

        again = dwarfnu(tmp_path, *failed["command"].split()[1:])
        assert again.returncode == 0, again.stderr
        assert "background_trials: 1 cached" in again.stdout

        page.goto(f"{address}/artifacts/artifact/{latest(project, 'public-3y-limits')['id']}")
        figure = page.locator("img[src^='data:image/png']").first
        page.wait_for_function("image => image.complete && image.naturalWidth > 500", arg=figure.element_handle())

        told = latest(project, "public-3y-dashboard")
        assert dashboard in told["data"]
        page.goto(f"{address}/artifacts/artifact/{told['id']}")
        with page.context.expect_page() as opened:
            page.locator(f"a[href^='{dashboard}']").first.click()
        there = opened.value
        cell = there.locator(".table-sensitivity .tabulator-cell[tabulator-field='channel']").first
        expect(cell).to_have_text("tautau", timeout=90_000)
