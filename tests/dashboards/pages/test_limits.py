"""Limits: curves and table hold the products' numbers; of decay they are lifetimes."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from core.products.recipe import ProductKey
from core.products.store import ProductStore
from core.published.limits import published_limits
from dashboards.limit_curves import strengths
from dashboards.view import NotThereError
from tests.dashboards.conftest import Look
from tests.small_analysis import SEED, sensitivity, write

pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword in DataFrame.reset_index")
PAIR: dict[str, Any] = {"channel": "bb", "mass": 10.0}


def test_curves_and_table_are_the_product(show: Callable, store: ProductStore) -> None:
    page = show("?page=limits&channel=bb&mass=50")
    product = store.read("sensitivity", channel="bb").sort_by("mass").to_pandas()
    line, band = page.source("sensitivity"), page.source("band-lo68-hi68")
    np.testing.assert_array_equal(line["mass"], product["mass"])
    np.testing.assert_array_equal(line["value"], product["sigma_v_sensitivity"])
    np.testing.assert_allclose(line["error"], product["sigma_v_sensitivity_error"])
    np.testing.assert_array_equal(band["low"], product["sigma_v_band_lo68"])
    np.testing.assert_array_equal(band["high"], product["sigma_v_band_hi68"])
    assert (
        page.tables["sensitivity"]["sigma_v_sensitivity"].tolist()
        == store.read("sensitivity")["sigma_v_sensitivity"].to_pylist()
    )
    assert "relic" in page.sources


def test_comparisons_are_those_of_the_channel_with_their_papers(show: Callable) -> None:
    page = show("?page=limits&channel=bb")
    limits = [limit for limit in published_limits() if limit.channel == "bb"]
    assert len([name for name in page.sources if name.startswith("other-")]) == len(limits)
    assert page.source("other-0")["note"][0].startswith(limits[0].reference)


def test_observed_limits_stand_once_there_are_any(show: Callable, store: ProductStore) -> None:
    assert "observed-0.9" not in show("?page=limits&channel=bb").sources
    keys = {**PAIR, "confidence_level": 0.9, "seed": SEED}
    row = {
        **PAIR,
        "confidence_level": 0.9,
        "seed": SEED,
        "sigma_v_upper_limit": 3e-22,
        "sigma_v_upper_limit_cls": 4e-22,
    }
    write(store, ProductKey("upper_limit", keys), pa.Table.from_pylist([row]))
    page = show("?page=limits&channel=bb")
    assert page.source("observed-0.9")["value"].tolist() == [3e-22]
    assert page.source("observed_cls-0.9")["value"].tolist() == [4e-22]


def test_a_click_on_a_row_goes_to_its_pair(show: Callable) -> None:
    page = show("?page=limits&channel=bb")
    (table,) = [item for item in page.column.select() if getattr(item, "css_classes", None) == ["table-sensitivity"]]
    table._on_click_callbacks[None][0](type("Click", (), {"row": 3}))
    assert (page.went[0].channel, page.went[0].mass) == ("tautau", 20.0)


def test_of_decay_curves_are_lifetimes() -> None:
    rates = pa.table(
        {
            "process": ["decay"],
            "decay_rate_sensitivity": [2e-25],
            "decay_rate_band_lo68": pa.array([None], pa.float64()),
        }
    )
    assert strengths(rates, "{}_sensitivity")[0] == pytest.approx(5e24)
    assert np.isnan(strengths(rates, "{}_band_lo68")).all()
    assert np.isnan(strengths(rates, "{}_discovery_3sigma")).all()


def test_without_a_sensitivity_the_command_is_named(look: Look, store: ProductStore) -> None:
    from dashboards.pages.limits import content

    for keys in store.keys("sensitivity"):
        store.path("sensitivity", **keys).unlink()
    with pytest.raises(NotThereError, match="Not made yet: sensitivity") as said:
        content(look("?page=limits"))
    assert said.value.command.startswith("dwarfnu run")


def test_figures_for_papers_can_be_taken_away(show: Callable) -> None:
    downloads = show("?page=limits&channel=bb").downloads
    assert {"limits-bb.pdf", "limits.png", "sensitivity.csv", "sensitivity.tex"} <= set(downloads)
    assert "tabular" in downloads["sensitivity.tex"]().read()


def test_one_more_mass_is_one_more_place(show: Callable, store: ProductStore) -> None:
    new = ProductKey("sensitivity", {"channel": "bb", "mass": 30.0, "seed": SEED})
    write(store, new, sensitivity((("bb", 30.0),)))
    assert show("?page=limits&channel=bb").source("sensitivity")["mass"].tolist() == [10.0, 30.0, 50.0]
