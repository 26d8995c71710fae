"""All pages: each is drawn from a product, says what is missing, and shows nothing of a product as HTML."""

from collections.abc import Callable
from html import escape
from typing import Any

import healpy
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from core.errors import DwarfnuError
from core.products.recipe import ProductKey
from core.products.store import ProductStore
from core.spectra import spectra_table
from core.spectra.shipped import SHIPPED_SPECTRA
from core.stages.given_files import file_digest
from dashboards.pages import PAGES, certificate, energy_ranges, events, pdfs
from dashboards.pages.overview import pair_rows, stage_table
from dashboards.pages.shards import way_back
from dashboards.pages.sources import joined_sources
from dashboards.pages.spectra import totals
from dashboards.sky_plots import on_pixels, sky_plot
from dashboards.states import NOT_JUDGED, judged, standings, unjudged
from dashboards.view import NotThereError
from dashboards.what_holds import caveats_of, is_simulated, sample_of
from tests.dashboards.conftest import Look
from tests.small_analysis import SEED, acceptance, signal_pdf, sources, write

DRAWN = (certificate, energy_ranges, events, pdfs)
pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword in DataFrame.reset_index")
PAIR: dict[str, Any] = {"channel": "tautau", "mass": 20.0}


def write_more(store: ProductStore) -> None:
    """Small products of stages that the small analysis is without."""
    spectrum = {
        "flavour": "numu",
        "energy": 1.0,
        "dn_de": 2.0,
        "dn_de_production": 1.0,
        "is_line": False,
        "line_weight": 0.0,
        "line_weight_production": 0.0,
    }
    line = {**spectrum, "energy": 20.0, "is_line": True, "line_weight": 0.5, "line_weight_production": 1.0}
    rows = [spectrum, {**spectrum, "energy": 3.0}, line]
    write(store, ProductKey("spectra", PAIR), pa.Table.from_pylist(rows))
    windows = [
        {
            "window_low": low,
            "window_high": high,
            "signal_over_sqrt_background": value,
            "is_optimal": value == 4.0,
            "is_plateau": value == 4.0,
        }
        for low, high, value in ((5.0, 10.0, 1.0), (5.0, 20.0, 4.0), (10.0, 20.0, 2.0))
    ]
    write(store, ProductKey("energy_range", PAIR), pa.Table.from_pylist(windows))
    bins = {"event_class": "track", "reco_cos_zenith_low": -1.0, "reco_cos_zenith_high": 1.0}
    counts = [
        {**bins, "reco_energy_low": low, "reco_energy_high": 2 * low, "n_events": n} for low, n in ((5.0, 7), (10.0, 3))
    ]
    write(store, ProductKey("event_counts"), pa.Table.from_pylist(counts))
    proof = [
        {
            "sigma_v_true": truth,
            "limit": "trials",
            "coverage": 0.9,
            "coverage_error": 0.01,
            "passed": truth < 1e-22,
            "reason": "<i>covers</i>",
        }
        for truth in (0.0, 1e-22)
    ]
    write(store, ProductKey("certificate", {**PAIR, "seed": SEED}), pa.Table.from_pylist(proof))


def test_every_page_is_drawn(show: Callable, store: ProductStore) -> None:
    write_more(store)
    assert {module.__name__.rpartition(".")[2].replace("_", "-") for module in DRAWN} <= set(PAGES)
    for name in PAGES:
        page = show(f"?page={name}")
        judged(page.view.library, page.view.snapshot).result()
        assert page.plots or page.tables, name


@pytest.mark.parametrize("name", [name for name in PAGES if name not in ("overview", "shards")])
def test_what_is_missing_is_named_with_its_command(name: str, look: Look, store: ProductStore) -> None:
    write(store, ProductKey("acceptance", {"channel": "WW", "mass": 90.0}), pa.table({"source": ["x"]}))
    for keys in [*store.keys("sensitivity"), *store.keys("sources")]:
        store.path("sensitivity" if keys else "sources", **keys).unlink()
    view = look(f"?page={name}&channel=WW&mass=90")
    with pytest.raises(NotThereError) as said:
        PAGES[name].content(view)
    assert said.value.command.startswith("dwarfnu ")


def test_hostile_words_of_products_are_drawn_as_text(show: Callable, store: ProductStore) -> None:
    write_more(store)
    page = show("?page=certificate")
    assert escape("<i>covers</i>") in page.words
    assert "<i>" not in page.words


def test_the_densities_are_those_of_the_product(show: Callable) -> None:
    table = signal_pdf()
    page = show("?page=pdfs")
    for event_class in ("cascade", "track"):
        energy = page.source(f"energy-{event_class}-signal")
        own = np.asarray(table["event_class"].to_pylist()) == event_class
        assert energy["top"].sum() == pytest.approx(table["signal_probability"].to_numpy()[own].sum())
    density = on_pixels(table, "signal_probability")
    assert density.mean() * 4.0 * np.pi == pytest.approx(1.0)


def test_a_map_shows_each_pixel_at_its_place() -> None:
    values = np.arange(healpy.nside2npix(2), dtype=float)
    image = sky_plot("map", values, "value").renderers[0].data_source.data["image"][0]
    n_dec, n_ra = image.shape
    ra, dec = 200.0, 40.0
    row, column = int((dec + 90.0) / 180.0 * n_dec), int(ra / 360.0 * n_ra)
    assert image[row, column] == healpy.ang2pix(2, ra, dec, lonlat=True)


def test_sources_are_joined_by_name_the_largest_first(look: Look, store: ProductStore) -> None:
    view = look("?page=sources")
    joined = joined_sources(view, sources())
    weights = dict(
        zip(*(store.read("acceptance", **PAIR)[name].to_pylist() for name in ("source", "source_weight")), strict=True)
    )
    assert joined["source_weight"].to_pylist() == sorted(weights.values(), reverse=True)
    assert weights[joined["source"][0].as_py()] == max(weights.values())


def test_neutrinos_are_counted_with_their_lines(show: Callable, store: ProductStore) -> None:
    write_more(store)
    (row,) = totals(store.read("spectra", **PAIR)).to_pylist()
    assert row == {"flavour": "numu", "neutrinos, made": 3.0, "neutrinos, at Earth": 4.5}


def test_counts_are_summed_over_the_other_variable(show: Callable, store: ProductStore) -> None:
    write_more(store)
    page = show("?page=events")
    assert page.source("reco_energy-track")["n"].tolist() == [7, 3]
    assert page.source("reco_cos_zenith-track")["n"].tolist() == [10]


def test_the_best_window_is_pointed_out(show: Callable, store: ProductStore) -> None:
    write_more(store)
    page = show("?page=energy-ranges")
    assert (page.source("best")["low"], page.source("best")["high"]) == ([5.0], [20.0])
    assert page.source("windows")["relative"].max() == 1.0


def test_the_overview_has_the_state_and_number_of_each_pair(look: Look, store: ProductStore) -> None:
    store.path("sensitivity", channel="bb", mass=10.0, seed=SEED).write_bytes(b"PAR1 torn")
    view = look()
    found = standings(view.library, view.snapshot)
    rows = {(row["channel"], row["mass"]): row for row in pair_rows(view, found)}
    assert rows["bb", "10"]["state"] == "failed"
    assert rows["bb", "10"]["sensitivity"] == ""
    assert rows["tautau", "20"]["state"] == "fresh"
    value = store.read("sensitivity", **PAIR)["sigma_v_sensitivity"][0].as_py()
    assert rows["tautau", "20"]["sensitivity"] == f"{value:.2e} cm³ s⁻¹"
    stages = {row["stage"]: row for row in stage_table(found).to_pylist()}
    assert (stages["sensitivity"]["failed"], stages["sensitivity"]["fresh"]) == (1, 3)


def test_before_products_are_read_nobody_says_how_they_stand(look: Look) -> None:
    view = look()
    rows = pair_rows(view, unjudged(view.snapshot))
    assert {row["state"] for row in rows} == {row["behind"] for row in rows} == {NOT_JUDGED}


def test_a_click_on_a_pair_leads_to_its_limits(show: Callable) -> None:
    page = show("?page=overview")
    (held,) = [r.data_source for r in page.plots["pairs"].renderers[:1]]
    held.selected.indices = [1]
    assert page.went[0].page == "limits"
    assert page.went[0].channel == held.data["channel"][1]


def test_the_way_back_leads_over_all_inputs(look: Look, store: ProductStore) -> None:
    from core.products.recipe import Recipe

    last = ProductKey("discovery_potential", {**PAIR, "seed": SEED})
    middle = ProductKey("ratio_cells", PAIR)
    store.write(Recipe(middle, "core.units", {}, (ProductKey("sources"),)), store.read("ratio_cells", **PAIR))
    store.write(Recipe(last, "core.units", {}, (middle, ProductKey("sources"))), pa.table({"n_tail_trials": [1]}))
    nodes = way_back(look("?page=shards"), last)
    assert {name: depth for name, (depth, _, _) in nodes.items()} == {str(last): 0, str(middle): 1, "sources": 2}


@pytest.mark.parametrize("product", ["../../etc/passwd", "sources/../..", "<script>", "sources channel=bb"])
def test_a_product_that_is_not_there_is_said(product: str, look: Look) -> None:
    view = look()
    with pytest.raises((NotThereError, DwarfnuError), match="no such product"):
        PAGES["shards"].content(look(view.address.at(page="shards", product=product).query))


def test_what_holds_is_that_of_the_sample(look: Look, tmp_path: Any) -> None:
    view = look()
    assert sample_of(view) == "public-3y"
    assert not is_simulated(view)
    assert any("public data" in line for line in caveats_of(view))


def test_spectra_of_others_are_held_against_the_shipped(show: Callable[..., Any], store: ProductStore) -> None:
    """Twice as many electron neutrinos as shipped, and as many of the others."""
    shipped, column = spectra_table("tautau", 20.0), "dn_de_production"
    factor = pc.if_else(pc.equal(shipped["flavour"], "nue"), 2.0, 1.0)
    place = shipped.schema.get_field_index(column)
    table = shipped.set_column(place, column, pc.multiply(shipped[column], factor))
    product = ProductKey("spectra", PAIR)
    write(store, product, table, spectrum_mass=20.0, source_digest=file_digest(SHIPPED_SPECTRA))
    assert not [name for name in show("?page=spectra&channel=tautau&mass=20").sources if name.startswith("ratio-")]
    write(store, product, table, spectrum_mass=20.0, source_digest="others")
    page = show("?page=spectra&channel=tautau&mass=20")
    for flavour, ratio in (("nue", 2.0), ("numu", 1.0)):
        held = page.source(f"ratio-{flavour}")
        assert len(held["value"]) > 20
        np.testing.assert_allclose(held["value"], ratio, rtol=1e-9)


def test_without_a_shipped_spectrum_there_is_no_ratio(show: Callable[..., Any], store: ProductStore) -> None:
    row = {"flavour": "nue", "energy": 1.0, "dn_de": 1.0, "dn_de_production": 1.0, "is_line": False}
    row |= {"line_weight": 0.0, "line_weight_production": 0.0}
    rows = pa.Table.from_pylist([{**row, "flavour": name} for name in ("nue", "numu", "nutau")])
    keys: dict[str, Any] = {"channel": "mine", "mass": 20.0}
    write(store, ProductKey("spectra", keys), rows, spectrum_mass=20.0, source_digest="others")
    write(store, ProductKey("acceptance", keys), acceptance("mine", 20.0))
    assert "There is no ratio to the shipped spectra" in show("?page=spectra&channel=mine&mass=20").words
