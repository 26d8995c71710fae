"""The simulated sample: its sizes, its weights, and that it does not matter how it is split."""

from functools import cache

import numpy as np
import pyarrow as pa
import pytest

from core.errors import InputError
from core.events.atmosphere import atmospheric_rate
from core.events.columns import DATA_SCHEMA, MC_SCHEMA, count_duplicates
from core.events.livetime import in_good_runs, total_livetime
from core.response import public_response
from core.response.continued import continued_response
from core.simulation import sample
from core.simulation.sample import RECO_ENERGY_EDGES, simulated_events
from core.simulation.seasons import SEASONS, simulated_good_runs, simulated_livetime

N_SIMULATED = 140_000


@cache
def season_of_data(season: str = SEASONS[0]) -> pa.Table:
    return simulated_events("data", season)


@cache
def simulation() -> pa.Table:
    return pa.concat_tables([simulated_events("mc", season, n_simulated=N_SIMULATED) for season in SEASONS])


@pytest.mark.slow
def test_seven_seasons_hold_as_many_events_as_the_flux_makes() -> None:
    n_events = sum(season_of_data(season).num_rows for season in SEASONS)
    weight, rate = simulation()["weight"].to_numpy(), simulation()["atmospheric_rate"].to_numpy() / len(SEASONS)
    expected = simulated_livetime() * rate.sum()
    error = np.hypot(np.sqrt(n_events), simulated_livetime() * np.sqrt((rate**2).sum()))
    assert abs(n_events - expected) < 4.0 * error
    assert expected == pytest.approx(115_000, rel=0.03)
    assert expected == pytest.approx(simulated_livetime() * atmospheric_rate(simulation()) / len(SEASONS), rel=1e-9)
    assert (weight > 0.0).all()
    assert simulation().num_rows == N_SIMULATED


def test_spectrum_of_reconstructed_energies_runs_on_beyond_the_public_range() -> None:
    data = pa.concat_tables([season_of_data(season) for season in SEASONS])
    counts, _ = np.histogram(data["reco_energy"].to_numpy(), RECO_ENERGY_EDGES)
    assert counts.sum() == data.num_rows
    curvature = np.diff(np.log(counts), 2)[2:10]  # 13-180 GeV, the public range ends at 56 GeV
    assert np.abs(curvature).max() < 0.35


@pytest.mark.parametrize("kind", ["data", "mc"])
def test_parts_are_the_season_whatever_their_number(kind: str) -> None:
    whole = simulated_events(kind, SEASONS[3], n_simulated=N_SIMULATED)
    parts = [simulated_events(kind, SEASONS[3], part, 3, n_simulated=N_SIMULATED) for part in (2, 0, 1)]
    assert pa.concat_tables([parts[1], parts[2], parts[0]]).equals(whole)
    assert simulated_events(kind, SEASONS[3], 99, 100, n_simulated=N_SIMULATED).num_rows in (0, sample.BLOCK)


def test_seeds_and_seasons_have_their_own_numbers() -> None:
    zeniths = [
        simulated_events("data", season, 0, 2, seed)["reco_zenith"][0].as_py()
        for season in SEASONS[:2]
        for seed in (0, 1)
    ]
    assert len(set(zeniths)) == 4


def test_events_are_canonical_distinct_and_inside_good_runs() -> None:
    data, runs = season_of_data(), simulated_good_runs(SEASONS[0], season_of_data())
    assert data.schema.equals(DATA_SCHEMA)
    assert simulation().schema.equals(MC_SCHEMA)
    assert count_duplicates(data) == count_duplicates(simulation()) == 0
    assert in_good_runs(data, runs).num_rows == data.num_rows == sum(runs["n_events"].to_pylist())
    place = np.searchsorted(runs["run"].to_numpy(), data["run"].to_numpy())
    mjd = data["mjd"].to_numpy()
    assert (mjd >= runs["mjd_start"].to_numpy()[place]).all()
    assert (mjd <= runs["mjd_stop"].to_numpy()[place]).all()
    assert total_livetime(runs) == pytest.approx(simulated_livetime((SEASONS[0],)))
    assert not set(runs["run"].to_pylist()) & set(simulated_good_runs(SEASONS[1])["run"].to_pylist())


def test_azimuth_and_right_ascension_are_even() -> None:
    for name in ("reco_azimuth", "reco_ra"):
        counts, _ = np.histogram(simulation()[name].to_numpy(), 40, (0.0, 2.0 * np.pi))
        mean = N_SIMULATED / 40
        assert ((counts - mean) ** 2 / mean).sum() < 80.0  # chi-square of 39 degrees of freedom: 1e-4


def test_declination_is_that_of_the_zenith() -> None:
    events = simulation()
    from_zenith = events["reco_zenith"].to_numpy() - 0.5 * np.pi
    assert np.abs(events["reco_dec"].to_numpy() - from_zenith).max() < np.deg2rad(0.2)


def test_weights_give_back_the_effective_area() -> None:
    response, events = continued_response().inside, simulation()
    energy, weight = events["true_energy"].to_numpy(), events["weight"].to_numpy() / len(SEASONS)
    edges = response.true_energy_edges
    exact = (continued_response().effective_area.mean(axis=-1) * np.diff(edges)).sum(axis=(0, 1, 2)) * 4.0 * np.pi
    found, _ = np.histogram(energy, edges[::4], weights=weight)
    variance, _ = np.histogram(energy, edges[::4], weights=weight**2)
    wanted = exact.reshape(-1, 4).sum(axis=1)
    filled = variance > 0.02**2 * wanted**2 * 1e-4
    pull = (found - wanted)[filled] / np.sqrt(variance[filled])
    assert np.abs(pull).max() < 4.0
    assert np.count_nonzero(filled) > 25


def test_no_flux_exceeds_the_bound_from_which_events_are_thinned() -> None:
    generator = np.random.default_rng(1)
    edges = public_response().true_energy_edges
    energy_bin = generator.integers(0, len(edges) - 1, 20_000)
    energy = edges[energy_bin] + generator.random(20_000) * np.diff(edges)[energy_bin]
    flavour = generator.integers(0, 6, 20_000)
    flux = sample._flux_at_detector(flavour, energy, generator.uniform(-1.0, 1.0, 20_000))
    assert (flux <= sample._highest_flux()[flavour, energy_bin] * (1.0 + 1e-12)).all()


def test_unknown_seasons_and_parts_are_refused() -> None:
    with pytest.raises(InputError, match=r"IC86_2010.*known are IC86_2011"):
        simulated_events("data", "IC86_2010")
    with pytest.raises(InputError, match="part 2 of 2"):
        simulated_events("mc", SEASONS[0], 2, 2)
    with pytest.raises(InputError, match="3 simulated events"):
        simulated_events("mc", SEASONS[0], n_simulated=3)
