"""Every page in a real browser, of analyses unlike the default: decay, the published statistic, an opened sky."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.configuration.config import Config
from core.products.store import ProductStore
from core.stages.direct import made_products
from core.stages.registry import stages_of
from dashboards.pages import PAGES
from tests.browser.conftest import serving
from tests.browser.test_pages import columns, expect, wait_until_drawn
from tests.made_analysis import unblinded

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
Store = dict[str, ProductStore]

CATALOGUE = """source,ra_deg,dec_deg,distance_kpc,half_light_radius_arcmin,log10_j_factor_0.5deg,log10_d_factor_0.5deg
A,10,20,30,1,19,18
B,50,-30,80,2,18.5,17.5
"""
FEW = {"n_background": 2000, "n_signal": 500, "n_tail": 10_000}
COARSE = (5.623413251903491, 10.0, 17.78, 31.62, 56.23, 178.0, 1000.0)
# With what they need; the others take most of a run's time and have no page of their own.
WANTED = ("sensitivity", "discovery_potential", "source_information", "source_counts", "energy_range", "event_summary")


def configurations(folder: Path) -> list[Config]:
    """One pair each, on a coarse sky, with few trials."""
    (folder / "two.csv").write_text(CATALOGUE, encoding="utf-8")
    products, pairs = str(folder / "products"), {"tautau": (20.0,)}
    return [
        Config(
            analysis="decaying",
            process="decay",
            products=products,
            sources={"catalogue": str(folder / "two.csv")},
            pairs={"tautau": (40.0,)},
            statistic={"nside": 8, "n_cells": 64},
            trials=FEW,
        ),
        Config(
            analysis="published-statistic",
            products=products,
            pairs=pairs,
            statistic={"name": "j_weighted", "skies": "one", "nside": 32},
            trials=FEW,
        ),
        Config(
            analysis="with-signal",
            sample="simulated-7y",
            products=products,
            pairs=pairs,
            simulated={
                "n_simulated": 350_000,
                "injected": ({"channel": "tautau", "mass": 20.0, "sigma_v": 1e-20},),
            },
            bins={"reco_energy_edges": COARSE},
            statistic={"nside": 16, "n_cells": 64},
            trials=FEW,
            limits={"n_common_skies": 100},
        ),
    ]


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The products of the three analyses, each made by its own stages; the sky of the last one is opened."""
    found: Store = {}
    for config in configurations(tmp_path_factory.mktemp("analyses")):
        wanted = [name for name in WANTED if name in stages_of(config)]
        found[config.analysis] = made_products(config, *wanted)
        if config.sample == "simulated-7y":
            unblinded(config, found[config.analysis])
    return found


@pytest.fixture(scope="module")
def three_analyses(stores: Store) -> Iterator[str]:
    with serving(Path(stores["decaying"].root)) as address:
        yield address


@contextmanager
def at(page: "Page", dashboard: str, analysis: str, name: str) -> Iterator[None]:
    """A page of an analysis, drawn."""
    mass = 40 if analysis == "decaying" else 20
    page.goto(f"{dashboard}/?analysis={analysis}&page={name}&channel=tautau&mass={mass}")
    wait_until_drawn(page, name)
    yield


@pytest.mark.parametrize("analysis", ["decaying", "published-statistic", "with-signal"])
def test_every_page_of_it_is_drawn(
    page: "Page", three_analyses: str, screenshot: Callable[[str], Path], analysis: str
) -> None:
    for name in PAGES:
        with at(page, three_analyses, analysis, name):
            expect(page.get_by_text("This page failed")).to_have_count(0)
            expect(page.locator(".bk-Figure, .tabulator, .notice").first).to_be_visible()
            screenshot(f"{analysis}-{name}")


def test_of_decay_the_limits_are_lifetimes(page: "Page", three_analyses: str, stores: Store) -> None:
    (row,) = stores["decaying"].read("sensitivity").to_pylist()
    with at(page, three_analyses, "decaying", "limits"):
        curve = columns(page, "sensitivity")
        assert curve["value"] == pytest.approx([1.0 / row["decay_rate_sensitivity"]], rel=1e-12)
        expect(page.get_by_text("lifetime").first).to_be_visible()


def test_the_published_statistic_shows_its_own_trials(page: "Page", three_analyses: str, stores: Store) -> None:
    store = stores["published-statistic"]
    (row,) = store.read("sensitivity").to_pylist()
    with at(page, three_analyses, "published-statistic", "limits"):
        assert columns(page, "sensitivity")["value"] == [row["sigma_v_sensitivity"]]
    bounded = store.read("background_trials")["test_statistic"].to_numpy()
    with at(page, three_analyses, "published-statistic", "test-statistic"):
        assert sum(columns(page, "background")["n"]) == (bounded > 0.0).sum()


def test_a_signal_that_was_put_in_stands_where_it_was_found(page: "Page", three_analyses: str, stores: Store) -> None:
    """1e-20 cm³/s in the simulated data: the observed limit is above it, and the page says which sky it is of."""
    (limit,) = stores["with-signal"].read("upper_limit").to_pylist()
    (observed,) = stores["with-signal"].read("observed").to_pylist()
    with at(page, three_analyses, "with-signal", "limits"):
        assert columns(page, "observed-0.9")["value"] == [limit["sigma_v_upper_limit"]]
    with at(page, three_analyses, "with-signal", "test-statistic"):
        expect(page.get_by_text(f"TS = {observed['test_statistic']:.2f}").first).to_be_visible()
