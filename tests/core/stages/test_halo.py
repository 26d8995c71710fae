"""The Galactic halo through every stage: what it does to each pair, and a search of each treatment."""

import math
from pathlib import Path

import pyarrow as pa
import pytest

from core.configuration.config import Config
from core.dark_matter.halo import PROFILES
from core.glossary import GLOSSARY
from core.products.store import ProductStore
from core.stages.figures import all_figure_recipes
from core.stages.registry import stages_of
from core.stages.statistics import hypothesis_of, statistic_of
from core.stages.statistics.joint_beside_free_halo import JOINT_BESIDE_FREE_HALO
from core.stages.statistics.joint_with_halo import JOINT_WITH_HALO
from tests.made_analysis import made_analysis

SAID = {
    "none": "dwarfs only",
    "same_cross_section": "dwarfs and burkert halo at one cross section",
    "free": "dwarfs beside a free burkert halo",
}
CATALOGUE = """source,ra_deg,dec_deg,distance_kpc,half_light_radius_arcmin,log10_d_factor_0.5deg
A,10,20,30,1,18
B,50,-30,80,2,17.5
"""


def config(root: Path, treatment: str, **more: object) -> Config:
    profile = {} if treatment == "none" else {"profile": "burkert"}
    given = {
        "analysis": treatment,
        "products": str(root),
        "pairs": {"tautau": (20.0,)},
        "halo": {"treatment": treatment, **profile},
        "statistic": {"nside": 8, "n_cells": 128},
        "trials": {"n_background": 4000, "n_signal": 1000, "n_tail": 10_000},
    }
    return Config(**(given | more))


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("halo")


@pytest.fixture(scope="module")
def stores(root: Path) -> dict[str, ProductStore]:
    return {treatment: made_analysis(config(root, treatment)) for treatment in SAID}


def row_of(store: ProductStore, stage: str) -> dict[str, float]:
    (row,) = store.read(stage).to_pylist()
    return row


def halo_row(store: ProductStore, profile: str = "burkert") -> dict[str, float]:
    (row,) = [row for row in store.read("halo").to_pylist() if row["profile"] == profile]
    return row


def test_the_configuration_picks_an_object() -> None:
    with_halo, beside = (Config(halo={"treatment": name}) for name in ("same_cross_section", "free"))
    assert statistic_of(with_halo) is JOINT_WITH_HALO
    assert statistic_of(beside) is JOINT_BESIDE_FREE_HALO
    assert "halo_pdf" in stages_of(beside)
    assert "halo_pdf" not in stages_of(Config())
    assert "halo" in stages_of(Config())
    assert "halo" not in stages_of(Config(statistic={"name": "j_weighted"}))
    assert hypothesis_of(with_halo) == "dwarfs and nfw halo at one cross section"


@pytest.mark.slow
@pytest.mark.parametrize("treatment", SAID)
def test_every_result_says_its_hypothesis(stores: dict[str, ProductStore], treatment: str) -> None:
    for stage in ("sensitivity", "asimov", "discovery_potential"):
        assert row_of(stores[treatment], stage)["hypothesis"] == SAID[treatment]


@pytest.mark.slow
@pytest.mark.parametrize("treatment", SAID)
def test_trials_come_where_the_closed_forms_are(stores: dict[str, ProductStore], treatment: str) -> None:
    store = stores[treatment]
    column = "sigma_v_sensitivity_asimov" + ("" if treatment == "none" else f"_{treatment}")
    expected = halo_row(store)[column]
    row, asimov = row_of(store, "sensitivity"), row_of(store, "asimov")
    assert row["sigma_v_sensitivity"] == pytest.approx(expected, rel=0.1)
    assert asimov["sigma_v_sensitivity"] == pytest.approx(expected, rel=0.03)
    assert row["sigma_v_sensitivity"] * row["n_s_per_sigma_v"] == pytest.approx(row["n_s_sensitivity"])
    found = row_of(store, "discovery_potential")
    for level in ("3sigma", "5sigma"):
        by_law = asimov[f"sigma_v_discovery_{level}"]
        assert found[f"sigma_v_discovery_{level}"] == pytest.approx(by_law, rel=0.1)


@pytest.mark.slow
def test_at_one_cross_section_events_of_both_count(stores: dict[str, ProductStore]) -> None:
    alone, both, beside = (row_of(stores[name], "sensitivity")["n_s_per_sigma_v"] for name in SAID)
    halo = halo_row(stores["none"])["n_events_per_sigma_v"]
    assert both == pytest.approx(alone + halo, rel=1e-9)
    assert beside == pytest.approx(alone, rel=1e-12)


@pytest.mark.slow
def test_the_halo_has_a_row_a_profile_whatever_the_treatment(stores: dict[str, ProductStore]) -> None:
    tables = [store.read("halo") for store in stores.values()]
    assert tables[0]["profile"].to_pylist() == list(PROFILES)
    assert {"channel", "mass", "j_all_sky", "n_events_per_sigma_v", "information_share"} <= set(tables[0].column_names)
    assert all(table.equals(tables[0]) for table in tables)
    assert isinstance(tables[0], pa.Table)


@pytest.mark.slow
@pytest.mark.parametrize("treatment", SAID)
def test_every_figure_is_drawn_and_says_what_the_signal_is(
    stores: dict[str, ProductStore], root: Path, treatment: str
) -> None:
    for recipe in all_figure_recipes(config(root, treatment), stores[treatment]):
        figure = recipe.draw(stores[treatment])
        text = " ".join(item.get_text() for item in figure.findobj(lambda item: hasattr(item, "get_text")))
        if recipe.name.startswith(("limits", "pdf", "sky", "test-statistic")):
            assert ("dwarfs only" in text) == (treatment == "none")
            assert SAID[treatment] in text


@pytest.mark.slow
def test_of_decay_it_tells_d_factors_and_rates(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text(CATALOGUE, encoding="utf-8")
    decay = config(
        tmp_path,
        "same_cross_section",
        process="decay",
        pairs={"tautau": (40.0,)},
        sources={"catalogue": str(tmp_path / "mine.csv")},
    )
    store = made_analysis(decay)
    row, found = row_of(store, "sensitivity"), halo_row(store)
    assert row["hypothesis"] == "dwarfs and burkert halo at one decay rate"
    assert found["d_all_sky"] / found["halo_over_sources"] == pytest.approx(10.0**18 + 10.0**17.5)
    assert row["lifetime_sensitivity"] * row["decay_rate_sensitivity"] == pytest.approx(1.0)
    closed_form = found["decay_rate_sensitivity_asimov_same_cross_section"]
    assert row["decay_rate_sensitivity"] == pytest.approx(closed_form, rel=0.1)
    assert all(GLOSSARY[name] for name in found)
    assert math.isfinite(found["n_s_pull_per_decay_rate"])
