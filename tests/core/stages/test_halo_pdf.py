"""The stage `halo_pdf`: the halo's signal over the whole sky, on the cells of the sources' signal."""

from pathlib import Path

import healpy
import numpy as np
import pytest

from core.configuration.config import Config
from core.products.store import ProductStore
from core.stages.halo_pdf import STAGE
from core.stages.registry import STAGES, recipes, stages_before
from core.stages.stage import make_product
from tests.core.stages.analyses import Analysis, small_config

GALACTIC_CENTRE = (np.radians(266.4), np.radians(-28.9))


@pytest.fixture(scope="module")
def with_halo(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    """The densities of one pair with the halo at the galaxies' cross section."""
    folder: Path = tmp_path_factory.mktemp("halo")
    config = small_config(folder, halo={"profile": "nfw", "treatment": "same_cross_section"})
    store = ProductStore(folder)
    for stage in (*stages_before(config, "halo_pdf"), "halo_pdf"):
        for recipe in recipes(config, store, stage):
            make_product(STAGES[stage], store, recipe)
    return Analysis(config, store)


def grid(analysis: Analysis, name: str) -> np.ndarray:
    n_pixels = healpy.nside2npix(analysis.config.statistic.nside)
    return analysis.table("halo_pdf")[name].to_numpy().reshape(-1, n_pixels)


def test_it_has_the_cells_of_the_sources_signal(with_halo: Analysis) -> None:
    halo, signal = with_halo.table("halo_pdf"), with_halo.table("signal_pdf")
    for name in ("event_class", "reco_energy_low", "pixel", "nside"):
        assert halo[name].to_pylist() == signal[name].to_pylist()
    assert set(halo["profile"].to_pylist()) == {"nfw"}


def test_signal_and_average_are_whole_and_alike_on_each_ring(with_halo: Analysis) -> None:
    signal, average = grid(with_halo, "signal_probability"), grid(with_halo, "signal_average_probability")
    assert signal.sum() == pytest.approx(1.0, abs=1e-9)
    assert average.sum() == pytest.approx(1.0, abs=1e-9)
    nside = with_halo.config.statistic.nside
    ring = healpy.pix2ring(nside, np.arange(healpy.nside2npix(nside)))
    by_ring = [np.bincount(ring, values.sum(axis=0)) for values in (signal, average)]
    np.testing.assert_allclose(by_ring[0], by_ring[1], rtol=1e-9)


def test_the_galactic_centre_outshines_its_opposite(with_halo: Analysis) -> None:
    ratio = grid(with_halo, "signal_probability").sum(axis=0) / grid(with_halo, "signal_average_probability").sum(
        axis=0
    )
    nside, (ra, dec) = with_halo.config.statistic.nside, GALACTIC_CENTRE
    towards = healpy.ang2pix(nside, np.pi / 2.0 - dec, ra)
    away = healpy.ang2pix(nside, np.pi / 2.0 - dec, ra + np.pi)
    assert ratio[towards] > 1.2 > 1.0 > ratio[away]


def test_only_a_hypothesis_with_the_halo_has_the_stage(with_halo: Analysis) -> None:
    assert STAGE.applies(with_halo.config)
    assert not STAGE.applies(Config())
    (recipe,) = with_halo.recipes("halo_pdf")
    assert recipe.parameters == {"profile": "nfw"}
