"""Sources: places in degrees, errors on their own sides, shares beside the galaxies that they are of."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from core.products.recipe import ProductKey
from core.products.store import ProductStore
from dashboards import plots
from tests.dashboards.pages.conftest import Shown, shown_of
from tests.small_analysis import write

pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword in DataFrame.reset_index")
PAIR: dict[str, Any] = {"channel": "bb", "mass": 10.0}
HOSTILE = "<img src=x onerror=alert(1)>"


def galaxies(factor: str, process: str) -> pa.Table:
    """Three galaxies, the faintest first; one is contested, and one has a hostile name."""
    return pa.table(
        {
            "source": ["Faint", HOSTILE, "Bright"],
            "ra": [0.0, np.pi / 2, np.pi],
            "dec": [-np.pi / 2, 0.0, np.pi / 6],
            f"log10_{factor}": [17.0, 18.0, 19.0],
            f"log10_{factor}_error_low": [0.5, 0.25, None],
            f"log10_{factor}_error_high": [1.0, 0.75, None],
            "contested_by": ["", "a paper", ""],
            "reference": ["one", "two", "three"],
            "process": [process] * 3,
        }
    )


def page_of(root: Any, factor: str, process: str, strength: str) -> Shown:
    """Shares of 0.25 and 0.01 of two galaxies, named in another order than they are listed."""
    store = ProductStore(root)
    write(store, ProductKey("sources"), galaxies(factor, process))
    shares = {"source": [HOSTILE, "Faint"], "source_weight": [0.01, 0.25], f"n_s_per_{strength}": [1e22, 25e22]}
    write(store, ProductKey("acceptance", PAIR), pa.table(shares))
    variants = {"variant": ["nominal", "other"], f"{strength}_sensitivity": [1e-22, 2e-22], "ratio": [1.0, 2.0]}
    write(store, ProductKey("robustness", PAIR), pa.table(variants))
    return shown_of(store, "?page=sources")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    return page_of(tmp_path_factory.mktemp("annihilation"), "j_factor", "annihilation", "sigma_v")


@pytest.fixture(scope="module")
def of_decay(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    return page_of(tmp_path_factory.mktemp("decay"), "d_factor", "decay", "decay_rate")


def test_dots_stand_in_degrees_as_large_as_their_shares(page: Shown) -> None:
    dots = page.source("sources-sky")
    assert dots["source"] == ["Faint", HOSTILE, "Bright"]
    np.testing.assert_allclose(dots["ra"], [0.0, 90.0, 180.0])
    np.testing.assert_allclose(dots["dec"], [-90.0, 0.0, 30.0], atol=1e-12)
    np.testing.assert_allclose(dots["share"], [0.25, 0.01, np.nan])
    np.testing.assert_allclose(dots["size"], [26.0, 10.0, 6.0])  # the area of a dot grows with its share
    assert dots["colour"] == [plots.BLUE, plots.ORANGE, plots.BLUE]


def test_factors_have_their_errors_below_and_above_the_brightest_on_top(page: Shown) -> None:
    dots = page.source("sources-factors")
    np.testing.assert_allclose(dots["low"], [16.5, 17.75, np.nan])
    np.testing.assert_allclose(dots["high"], [18.0, 18.75, np.nan])
    assert page.plots["sources-factors"].y_range.factors == ["Faint", HOSTILE, "Bright"]
    assert page.plots["sources-factors"].xaxis[0].axis_label == "log₁₀ of the J factor [GeV² cm⁻⁵]"


def test_the_table_has_each_galaxy_with_its_own_numbers(page: Shown) -> None:
    table = page.tables["sources-bb-10"].set_index("source")
    assert sorted(table.index) == sorted(["Faint", HOSTILE, "Bright"])
    assert table.loc["Faint", "n_s_per_sigma_v"] == 25e22
    assert table.loc[HOSTILE, "source_weight"] == 0.01
    assert table.loc["Bright", "dec"] == pytest.approx(30.0)
    assert np.isnan(table.loc["Bright", "source_weight"])
    assert "<img" not in page.words


def test_of_decay_factors_and_variants_are_those_of_decay(of_decay: Shown) -> None:
    assert of_decay.plots["sources-factors"].xaxis[0].axis_label == "log₁₀ of the D factor [GeV cm⁻²]"
    assert of_decay.tables["robustness-bb-10"]["decay_rate_sensitivity"].tolist() == [1e-22, 2e-22]
    assert of_decay.tables["sources-bb-10"]["n_s_per_decay_rate"].max() == 25e22
    assert "D factors with their errors" in of_decay.words
