"""The ten-year point-source release as files of a sample: whole or absent, blind, and of the right size."""

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from core.configuration.config import Config, read_config
from core.errors import InputError
from core.events.point_source_release import POINT_SOURCE_SEASONS
from core.products.seal import Leave
from core.products.store import ProductStore
from core.response.point_source_tables import read_effective_area
from core.simulation.point_source_sample import PointSourceSample, write_point_source_sample
from core.stages.pairs import served_pairs
from core.units import DAY
from tests.core.response.simulated_cases import default_sources, spectra
from tests.drawn_point_source import N_RUNS, RUN_DAYS, event_rows, write_drawn_point_source
from tests.made_analysis import made_analysis

N_EVENTS, N_SIMULATED = 250, 20_000
PAIRS = {"tautau": [500.0], "mumu": [1000.0]}
EVENT_STAGES = ("good_runs", "sealed_events", "events")
STAGES = ("sources", "spectra", *EVENT_STAGES, "response", "acceptance")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[PointSourceSample]]:
    """The folder of a drawn release with the sample made of it in `sample`, and what was made."""
    folder = write_drawn_point_source(tmp_path_factory.mktemp("point-source"), N_EVENTS)
    return folder, write_point_source_sample(folder, folder / "sample", POINT_SOURCE_SEASONS, N_SIMULATED, 7)[1]


@pytest.fixture(scope="module")
def made(written: tuple[Path, list[PointSourceSample]]) -> tuple[Config, ProductStore]:
    """An analysis of it up to the acceptances."""
    folder, _ = written
    config = read_config(folder / "sample" / "analysis.toml", products=str(folder / "products"), pairs=PAIRS)
    return config, made_analysis(config, STAGES)


def integral_of_the_area(folder: Path, channel: str, mass: float) -> float:
    """n_s per <σv>: T J / (8π m²) ∫ A dN/dE dE over the table, A at a source's declination linear between its bins."""
    area, sources = read_effective_area(POINT_SOURCE_SEASONS[0].area_file(folder)), default_sources()
    centres = 0.5 * (area.sin_dec_edges[1:] + area.sin_dec_edges[:-1])
    sin_dec = np.sin(sources["dec"].to_numpy())
    edges, at_earth = 10.0**area.log10_energy_edges, spectra(channel, mass)  # type: ignore[arg-type]
    muons = sum(at_earth[name].counts_in_bins(edges) for name in ("numu", "numubar"))
    at_sources = np.stack([np.interp(sin_dec, centres, of_energy) for of_energy in area.area.T], axis=1)
    livetime = len(POINT_SOURCE_SEASONS) * N_RUNS * RUN_DAYS * DAY
    return float(livetime / (8.0 * np.pi * mass**2) * (sources["j_factor"].to_numpy() @ at_sources @ muons))


@pytest.mark.slow
@pytest.mark.parametrize(("channel", "mass"), [("tautau", 500.0), ("mumu", 1000.0)])
def test_expected_events_are_the_integral_of_the_tabulated_area(
    channel: str, mass: float, written: tuple[Path, list[PointSourceSample]], made: tuple[Config, ProductStore]
) -> None:
    config, store = made
    assert served_pairs(config, store)[channel, mass] == ""
    expected = sum(store.read("acceptance", channel=channel, mass=mass)["n_s_per_sigma_v"].to_pylist())
    assert expected == pytest.approx(integral_of_the_area(written[0], channel, mass), rel=0.01)


@pytest.mark.slow
def test_measured_events_are_sealed_as_any_others(made: tuple[Config, ProductStore]) -> None:
    config, store = made
    blind = store.read("events", kind="data")
    assert blind.num_rows == len(POINT_SOURCE_SEASONS) * N_EVENTS
    assert not {"mjd", "reco_azimuth"} & set(blind.column_names)
    true_ra = np.deg2rad(np.concatenate([event_rows(season, N_EVENTS)[:, 3] for season in POINT_SOURCE_SEASONS]))
    scrambled = blind["reco_ra"].to_numpy()
    assert not np.isin(np.round(scrambled, 9), np.round(true_ra, 9)).any()
    sealed = store.read("sealed_events", leave=Leave("test"))
    np.testing.assert_allclose(np.sort(sealed["reco_ra"].to_numpy()), np.sort(true_ra), atol=1e-12)
    assert config.sample == "own"


def test_files_say_what_they_are_from(written: tuple[Path, list[PointSourceSample]]) -> None:
    folder, samples = written
    assert len(list((folder / "sample").iterdir())) == 3 * len(POINT_SOURCE_SEASONS) + 1
    metadata = pq.read_schema(folder / "sample" / "IC86_2017_simulation.parquet").metadata
    assert {b"source", b"IC86_VII_exp.csv", b"IC86_II_smearing.csv"} <= set(metadata)
    assert (
        samples[0].summary == "IC40_2008: 240.00 days, 250 events, 20,000 simulated, 1 cells of smearing without events"
    )
    assert samples[-1].summary == "IC86_2017: 240.00 days, 250 events, 20,000 simulated"


def test_what_is_wrong_with_one_file_leaves_nothing(tmp_path: Path) -> None:
    season = POINT_SOURCE_SEASONS[4]
    folder = write_drawn_point_source(tmp_path, 30, (season,))
    events = folder / "events" / "IC86_II_exp.csv"
    events.write_text(events.read_text().replace("Dec[deg]", "Declination[deg]"))
    with pytest.raises(InputError, match=r"IC86_II_exp\.csv lacks the columns Dec\[deg\] .*; it has "):
        write_point_source_sample(folder, tmp_path / "out", (season,), 1000, 0)
    with pytest.raises(InputError, match=r"events: lacks IC40_exp\.csv"):
        write_point_source_sample(folder, tmp_path / "out", POINT_SOURCE_SEASONS, 1000, 0)
    assert not (tmp_path / "out").exists()


def test_seasons_that_overlap_are_refused(tmp_path: Path) -> None:
    seasons = POINT_SOURCE_SEASONS[3:5]
    folder = write_drawn_point_source(tmp_path, 30, seasons)
    runs = (folder / "uptime" / "IC86_I_exp.csv").read_text()
    (folder / "uptime" / "IC86_II_exp.csv").write_text(runs)
    with pytest.raises(InputError, match=r"live for 480 days within 240 days: run .* of IC86_201. starts before"):
        write_point_source_sample(folder, tmp_path / "out", seasons, 1000, 0)
    assert not (tmp_path / "out").exists()


def test_a_sample_without_an_event_in_a_good_run_is_refused(tmp_path: Path) -> None:
    season = POINT_SOURCE_SEASONS[4]
    folder = write_drawn_point_source(tmp_path, 30, (season,))
    (folder / "uptime" / "IC86_II_exp.csv").write_text("# MJD_start[days] MJD_stop[days]\n60000 60001\n")
    with pytest.raises(InputError, match="no measured event lies in a good run"):
        write_point_source_sample(folder, tmp_path / "out", (season,), 1000, 0)
