"""The configuration that comes with the files of the ten-year point-source release."""

from pathlib import Path

import numpy as np
import pytest

from core.configuration.config import read_config
from core.simulation.point_source_settings import LOG10_INNER, point_source_configuration, reco_log10_energies
from core.stages.samples import sample_bins
from tests.core.simulation.test_point_source_draws import tables


def test_the_settings_are_read_and_give_the_bins_of_the_release(tmp_path: Path) -> None:
    area, smearing = tables(tmp_path)
    path = tmp_path / "analysis.toml"
    path.write_text(point_source_configuration(area, [smearing]), encoding="utf-8")
    config = read_config(path)
    assert (config.sample, config.events.format) == ("own", "parquet")
    bins = sample_bins(config)
    np.testing.assert_allclose(bins.true_cos_zenith_edges, -area.sin_dec_edges[::-1], atol=1e-7)
    assert bins.reco_energy_edges[[0, -1]].tolist() == [10.0, 10_000.0]
    assert min(mass for _, mass in config.channel_masses) >= 300.0


def test_reconstructed_energies_hold_every_neutrino_below_a_tev(tmp_path: Path) -> None:
    smearing = tables(tmp_path)[1]
    edges = reco_log10_energies([smearing, smearing])
    low, high = smearing.reco_log10_energies(3.0)
    assert edges[0] == pytest.approx(np.floor(low))
    assert edges[-1] == pytest.approx(np.ceil(high))
    assert np.isin(edges[1:-1], LOG10_INNER).all()
    assert np.all(np.diff(edges) > 0.0)
