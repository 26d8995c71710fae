"""Neutrinos drawn from the tables of the ten-year point-source release: as many, and as far off, as the tables say."""

from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import chi2

from core.coordinates import angular_separation
from core.errors import InputError
from core.events.columns import MC_SCHEMA
from core.events.point_source_release import AREA_COLUMNS, POINT_SOURCE_SEASONS, SMEARING_COLUMNS
from core.response.point_source_tables import Smearing, TabulatedArea, bin_index, read_effective_area, read_smearing
from core.simulation.point_source_draws import drawn_neutrinos, drawn_point_source_events, smeared
from core.units import DEGREE
from tests.drawn_point_source import (
    ERROR_EDGES,
    ERROR_SHARES,
    angle_shares,
    effective_area_rows,
    reco_shares,
    smearing_rows,
    write_table,
)

N_EVENTS = 60_000
SEASON = POINT_SOURCE_SEASONS[4]


@cache
def tables(folder: Path) -> tuple[TabulatedArea, Smearing]:
    """Area and smearing of the stated model, from files."""
    write_table(folder / "area.csv", AREA_COLUMNS, effective_area_rows())
    write_table(folder / "smearing.csv", SMEARING_COLUMNS, smearing_rows())
    return read_effective_area(folder / "area.csv"), read_smearing(folder / "smearing.csv")


@pytest.fixture(scope="module")
def response(tmp_path_factory: pytest.TempPathFactory) -> tuple[TabulatedArea, Smearing]:
    return tables(tmp_path_factory.mktemp("point-source"))


@pytest.fixture(scope="module")
def drawn(response: tuple[TabulatedArea, Smearing]) -> pa.Table:
    return drawn_point_source_events(*response, SEASON, N_EVENTS, seed=1)


def angles_of(events: pa.Table) -> np.ndarray:
    """Angle in deg between true and reconstructed direction of each event."""
    columns = ("true_ra", "true_dec", "reco_ra", "reco_dec")
    return np.asarray(angular_separation(*(events[name].to_numpy() for name in columns)) / DEGREE)


def chi_squared(counts: np.ndarray, shares: np.ndarray) -> float:
    """Probability of counts in bins that are at least as far from their shares."""
    expected = shares * counts.sum()
    few = expected < 5.0
    terms = (counts[~few] - expected[~few]) ** 2 / expected[~few]
    return float(chi2.sf(terms.sum(), len(terms) - 1))


def test_the_weights_of_each_species_sum_to_the_integral_of_the_area(
    response: tuple[TabulatedArea, Smearing], drawn: pa.Table
) -> None:
    area = response[0]
    energy_edges = 10.0 ** area.log10_energy_edges[area.log10_energy_edges <= 3.0 + 1e-9]
    by_declination = 2.0 * np.pi * np.diff(area.sin_dec_edges) * (area.area[:, :5] @ np.diff(energy_edges))
    weight, flavour = drawn["weight"].to_numpy(), drawn["flavour"].to_numpy()
    for name in ("numu", "numubar"):
        own = flavour == name
        assert own.sum() == N_EVENTS // 2
        dec = bin_index(np.sin(drawn["true_dec"].to_numpy()[own]), area.sin_dec_edges)
        found = np.bincount(dec, weight[own], len(by_declination))
        assert found.sum() == pytest.approx(by_declination.sum(), rel=1e-3)
        north = area.sin_dec_edges[:-1] > 0.0
        np.testing.assert_allclose(found[north], by_declination[north], rtol=0.02)


def test_true_energies_lie_where_the_release_has_an_area_and_spectra_reach(drawn: pa.Table) -> None:
    energy = drawn["true_energy"].to_numpy()
    assert 100.0 <= energy.min() < 101.0
    assert 999.0 < energy.max() <= 1000.0 * (1.0 + 1e-12)


def test_angles_to_the_true_direction_are_those_of_the_smearing(drawn: pa.Table) -> None:
    angle, log10_energy = angles_of(drawn), np.log10(drawn["true_energy"].to_numpy())
    for low, high in ((2.0, 2.5), (2.5, 3.0)):
        edges, shares = angle_shares(0.5 * (low + high))
        counts = np.histogram(angle[(log10_energy >= low) & (log10_energy < high)], edges)[0]
        assert counts.sum() == np.count_nonzero((log10_energy >= low) & (log10_energy < high))
        assert chi_squared(counts, shares) > 1e-3


def test_energies_and_estimated_errors_are_those_of_the_smearing(drawn: pa.Table) -> None:
    log10_energy = np.log10(drawn["true_energy"].to_numpy())
    inside = (log10_energy >= 2.5) & (log10_energy < 3.0)
    edges, shares = reco_shares(2.75)
    reco = np.log10(drawn["reco_energy"].to_numpy()[inside])
    assert chi_squared(np.histogram(reco, edges)[0], shares) > 1e-3
    error = drawn["angular_error"].to_numpy()[inside] / DEGREE
    assert chi_squared(np.histogram(error, ERROR_EDGES)[0], np.array(ERROR_SHARES)) > 1e-3


def test_errors_are_no_less_than_the_floor(response: tuple[TabulatedArea, Smearing]) -> None:
    area, smearing = response
    low, high = smearing.low.copy(), smearing.high.copy()
    low[:, 2], high[:, 2] = 0.0, 0.3
    generator = np.random.default_rng(3)
    thin = Smearing(smearing.log10_energy_edges, smearing.sin_dec_edges, low, high, smearing.first, smearing.cumulative)
    _, _, error = smeared(thin, drawn_neutrinos(area, 2000, generator), generator)
    assert np.count_nonzero(error == 0.2 * DEGREE) == pytest.approx(2000 * 2 / 3, rel=0.1)
    assert error.min() == 0.2 * DEGREE


def test_reconstructed_directions_turn_evenly_about_the_true_ones(drawn: pa.Table) -> None:
    true_dec, reco_dec = drawn["true_dec"].to_numpy(), drawn["reco_dec"].to_numpy()
    near = (np.abs(true_dec) < 0.5) & (angles_of(drawn) < 3.0)
    assert np.count_nonzero((reco_dec > true_dec)[near]) / np.count_nonzero(near) == pytest.approx(0.5, abs=0.01)
    turned = (drawn["reco_ra"].to_numpy() - drawn["true_ra"].to_numpy() + np.pi) % (2.0 * np.pi) - np.pi
    assert np.mean(turned[near] > 0.0) == pytest.approx(0.5, abs=0.01)
    np.testing.assert_allclose(drawn["reco_zenith"].to_numpy() - reco_dec, 0.5 * np.pi, rtol=1e-12)


def test_events_are_muon_tracks_and_follow_from_seed_and_season(
    response: tuple[TabulatedArea, Smearing], drawn: pa.Table
) -> None:
    assert drawn.schema.names == MC_SCHEMA.names
    assert {*drawn["event_class"].to_pylist()} == {"track"}
    assert drawn_point_source_events(*response, SEASON, N_EVENTS, seed=1).equals(drawn)
    for season, seed in ((SEASON, 2), (POINT_SOURCE_SEASONS[5], 1)):
        other = drawn_point_source_events(*response, season, N_EVENTS, seed)
        assert not np.isin(other["true_ra"].to_numpy(), drawn["true_ra"].to_numpy()).any()


def test_an_area_that_begins_above_all_spectra_is_refused(response: tuple[TabulatedArea, Smearing]) -> None:
    area = response[0]
    high = TabulatedArea(area.log10_energy_edges + 2.0, area.sin_dec_edges, area.area)
    with pytest.raises(InputError, match="is 0 below 1000 GeV"):
        drawn_neutrinos(high, 1000, np.random.default_rng(1))
