"""Decay, and annihilation of Dirac particles, through the tasks of every stage, held against annihilation."""

import math
from pathlib import Path

import numpy as np
import pytest

from core.configuration.config import Config
from core.products.store import ProductStore
from core.stages.figures import all_figure_recipes
from core.stages.registry import recipes, stages_of
from tests.made_analysis import made_analysis

pytestmark = pytest.mark.slow

J_FACTOR, D_FACTOR = 1e19, 1e18
# Both galaxies have the same J/D, so that decay sees the sky that annihilation at half the mass sees.
CATALOGUE = """source,ra_deg,dec_deg,distance_kpc,half_light_radius_arcmin,log10_j_factor_0.5deg,log10_d_factor_0.5deg
A,10,20,30,1,19,18
B,50,-30,80,2,18.5,17.5
"""
MASS = 20.0


def config(root: Path, process: str) -> Config:
    (root / "mine.csv").write_text(CATALOGUE, encoding="utf-8")
    return Config(
        analysis=process,
        process=process,
        products=str(root),
        sources={"catalogue": str(root / "mine.csv")},
        pairs={"tautau": (2.0 * MASS if process == "decay" else MASS,)},
        trials={"n_background": 100_000, "n_signal": 10_000, "n_tail": 10_000},
    )


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("processes")


@pytest.fixture(scope="module")
def stores(root: Path) -> dict[str, ProductStore]:
    return {name: made_analysis(config(root, name)) for name in ("annihilation", "dirac_annihilation", "decay")}


def row_of(store: ProductStore, stage: str) -> dict[str, float]:
    (row,) = store.read(stage).to_pylist()
    return row


def test_decay_sees_the_sky_of_annihilation_at_half_the_mass(stores: dict[str, ProductStore]) -> None:
    annihilation, decay = (stores[name].read("ratio_cells") for name in ("annihilation", "decay"))
    for column in ("ratio", "background_probability", "signal_probability"):
        np.testing.assert_allclose(decay[column], annihilation[column], rtol=1e-9, atol=1e-15)


def test_expected_events_scale_with_the_flux(stores: dict[str, ProductStore]) -> None:
    per_sigma_v = row_of(stores["annihilation"], "sensitivity")["n_s_per_sigma_v"]
    per_rate = row_of(stores["decay"], "sensitivity")["n_s_per_decay_rate"]
    flux_ratio = (D_FACTOR / (4.0 * math.pi * 2.0 * MASS)) / (J_FACTOR / (8.0 * math.pi * MASS**2))
    assert per_rate / per_sigma_v == pytest.approx(flux_ratio, rel=1e-9)
    dirac = row_of(stores["dirac_annihilation"], "sensitivity")["n_s_per_sigma_v"]
    assert dirac == pytest.approx(per_sigma_v / 2.0, rel=1e-12)


def test_a_row_of_decay_tells_rate_and_lifetime(stores: dict[str, ProductStore]) -> None:
    row = row_of(stores["decay"], "sensitivity")
    assert row["process"] == "decay"
    assert row["decay_rate_sensitivity"] * row["n_s_per_decay_rate"] == pytest.approx(row["n_s_sensitivity"])
    assert row["lifetime_sensitivity"] * row["decay_rate_sensitivity"] == pytest.approx(1.0)
    annihilation = row_of(stores["annihilation"], "sensitivity")
    assert row["n_s_sensitivity_closed_form"] == pytest.approx(annihilation["n_s_sensitivity_closed_form"], rel=1e-9)
    error = math.hypot(row["n_s_sensitivity_error"], annihilation["n_s_sensitivity_error"])
    assert abs(row["n_s_sensitivity"] - annihilation["n_s_sensitivity"]) < 4.0 * error < 0.06 * row["n_s_sensitivity"]
    assert not [name for name in row if "sigma_v" in name]
    found = row_of(stores["decay"], "discovery_potential")
    assert found["decay_rate_discovery_5sigma"] > found["decay_rate_discovery_3sigma"] > row["decay_rate_sensitivity"]


def test_dirac_particles_need_twice_the_cross_section(stores: dict[str, ProductStore]) -> None:
    ours, twice = (row_of(stores[name], "sensitivity") for name in ("annihilation", "dirac_annihilation"))
    assert twice["n_s_sensitivity"] == ours["n_s_sensitivity"]
    assert twice["sigma_v_sensitivity"] == pytest.approx(2.0 * ours["sigma_v_sensitivity"], rel=1e-9)


def test_every_figure_is_drawn_of_decay(stores: dict[str, ProductStore], root: Path) -> None:
    for recipe in all_figure_recipes(config(root, "decay"), stores["decay"]):
        figure = recipe.draw(stores["decay"])
        text = " ".join(item.get_text() for item in figure.findobj(lambda item: hasattr(item, "get_text")))
        assert "⟨σv⟩" not in text


def test_only_spectra_and_sources_know_that_the_mass_is_shared(root: Path) -> None:
    stages = {
        recipe.product.stage
        for stage in stages_of(config(root, "decay"))
        for recipe in recipes(config(root, "decay"), ProductStore(root, "decay"), stage)
        if {"spectrum_mass", "process"} & set(recipe.parameters)
    }
    assert stages == {"spectra", "sources"}
