"""The Upgrade's simulation, drawn from our own response: built, held against its events, run to a sensitivity."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.configuration.config import read_config
from core.errors import InputError
from core.events.atmosphere import atmospheric_rates
from core.events.upgrade_release import read_upgrade
from core.response.release_build import COUNTS_NAME, RESPONSE_NAME
from core.response.shipping import read_response
from core.response.upgrade_build import UPGRADE_BINS, binned_neutrinos, write_upgrade
from core.signal.acceptance import source_acceptance
from core.simulation.sample import simulated_events
from tests.core.events.test_upgrade_release import rows
from tests.core.response.simulated_cases import default_sources, spectra
from tests.core.response.test_release_build import LIVETIME, STAGES, summed_over_events
from tests.drawn_release import write_drawn_upgrade
from tests.made_analysis import made_analysis

NAMES = (RESPONSE_NAME, COUNTS_NAME)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pa.Table]:
    """The folder of a drawn release, built in its folder `built`, and those of its events that lie in the bins."""
    folder = tmp_path_factory.mktemp("upgrade")
    simulation = simulated_events("mc", "IC86_2011", n_simulated=700_000)
    write_drawn_upgrade(folder, simulation)
    built = write_upgrade(folder, folder / "built", NAMES, LIVETIME)
    inside = simulation.filter(pa.array(simulation["reco_energy"].to_numpy() < 100.0))
    assert built.n_outside == simulation.num_rows - inside.num_rows
    assert built.azimuth_over_zenith == pytest.approx(1.0, abs=0.1)
    return folder, inside


@pytest.mark.slow
@pytest.mark.parametrize(("channel", "mass"), [("tautau", 20.0), ("bb", 100.0), ("mumu", 50.0)])
def test_expected_events_are_the_direct_sum_over_the_drawn_ones(
    channel: str, mass: float, drawn: tuple[Path, pa.Table]
) -> None:
    response = read_response(drawn[0] / "built" / RESPONSE_NAME)
    at_earth = spectra(channel, mass)  # type: ignore[arg-type]
    binned = source_acceptance(response, at_earth, default_sources(), mass).total.n_s_per_strength
    assert binned == pytest.approx(summed_over_events(at_earth, mass, drawn[1], response), rel=0.01)


@pytest.mark.slow
def test_counts_are_those_that_the_atmosphere_is_expected_to_give(drawn: tuple[Path, pa.Table]) -> None:
    counts = pq.read_table(drawn[0] / "built" / COUNTS_NAME, partitioning=None)
    expected = LIVETIME * atmospheric_rates(drawn[1])
    assert counts["n_events"].to_numpy().sum() == pytest.approx(expected.sum(), rel=1e-3)
    is_track = np.array(counts["event_class"].to_pylist()) == "track"
    tracks = drawn[1]["event_class"].to_numpy() == "track"
    assert counts["n_events"].to_numpy()[is_track].sum() == pytest.approx(expected[tracks].sum(), rel=1e-3)
    assert b"not measured" in counts.schema.metadata[b"counts"]


@pytest.mark.slow
def test_a_run_reaches_its_sensitivity(drawn: tuple[Path, pa.Table], tmp_path: Path) -> None:
    config = read_config(
        None,
        products=str(tmp_path),
        analysis="upgrade",
        sample="binned",
        binned={name: str(drawn[0] / "built" / f"{name}.parquet") for name in ("response", "event_counts")},
        pairs={"tautau": [20.0]},
        statistic={"name": "joint", "nside": 8, "n_cells": 64},
        trials={"n_background": 2000, "n_signal": 500, "n_tail": 10_000},
    )
    store = made_analysis(config, STAGES)
    (row,) = store.read("sensitivity", seed=config.seed).to_pylist()
    response = read_response(drawn[0] / "built" / RESPONSE_NAME)
    direct = summed_over_events(spectra("tautau", 20.0), 20.0, drawn[1], response)
    assert row["n_s_per_sigma_v"] == pytest.approx(direct, rel=0.01)
    assert row["n_s_sensitivity"] > 0.0
    assert "effective_area" in store.read("systematics")["cause"].to_pylist()


def test_events_stand_in_their_bins_and_those_outside_are_left_out(tmp_path: Path) -> None:
    frame = pd.concat([rows(reco_azimuth=0.1), rows(reco_azimuth=0.1, reco_energy=200.0)])
    frame.to_csv(tmp_path / "neutrino_mc.csv", index=False)
    events = binned_neutrinos(read_upgrade(tmp_path))
    assert len(events) == 3
    low = UPGRADE_BINS.reco_energy_edges[events.reco_energy_bin]
    assert np.all((low <= [6.0, 18.0, 60.0]) & (low * 10**0.125 > [6.0, 18.0, 60.0]))
    np.testing.assert_allclose(events.true_cos_zenith, np.cos([0.5 * np.pi, 3.0, 1.0]))
    band = UPGRADE_BINS.reco_cos_zenith_edges[events.reco_cos_zenith_bin]
    cosine = np.cos([0.5 * np.pi + 0.1, 2.9, 1.1])
    assert np.all((band <= cosine) & (cosine < band + 0.125))


def test_without_livetime_or_with_nothing_inside_nothing_is_written(tmp_path: Path) -> None:
    path = tmp_path / "neutrino_mc.csv"
    rows(reco_azimuth=0.1).to_csv(path, index=False)
    with pytest.raises(InputError, match="simulation has no livetime: give --livetime-days"):
        write_upgrade(tmp_path, tmp_path / "built", NAMES, None)
    with pytest.raises(InputError, match="no event is expected in 1e-09 s"):
        write_upgrade(tmp_path, tmp_path / "built", NAMES, 1e-9)
    rows(reco_azimuth=0.1, reco_energy=0.5).to_csv(path, index=False)
    with pytest.raises(InputError, match="no neutrino is reconstructed at 1 to 100 GeV with a weight above 0"):
        write_upgrade(tmp_path, tmp_path / "built", NAMES, LIVETIME)
    assert not (tmp_path / "built").exists()
