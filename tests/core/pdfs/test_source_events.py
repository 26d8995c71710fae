"""Histograms about single sources from single events: against the response, against each other, and thin ones told."""

from functools import cache

import numpy as np
import pyarrow as pa
import pytest

from core.configuration.config import Config
from core.dark_matter.sources import catalogue_path, read_catalogue, select_sources
from core.errors import InputError
from core.pdfs.source_background import angle_bins, event_background
from core.pdfs.source_events import (
    background_of_events,
    events_in_window,
    published_signal_of_events,
    signal_of_events,
)
from core.response.build import ResponseBins
from core.response.from_events import response_from_events
from core.signal.acceptance import source_acceptance
from core.signal.expected_signal import ExpectedSignal
from core.simulation.sample import simulated_events
from core.simulation.seasons import SEASONS, simulated_good_runs
from core.spectra import spectra_from_table, spectra_table
from core.units import DEGREE

N_BINS = 36
MASS = 40.0
TWO_SEASONS = SEASONS[:2]
BINS = ResponseBins(
    true_energy_edges=10.0 ** np.linspace(0.0, 3.0, 61),
    true_cos_zenith_edges=np.linspace(-1.0, 1.0, 9),
    reco_energy_edges=np.array([5.0, 10.0, 20.0, 40.0, 1001.0]),
    reco_cos_zenith_edges=np.linspace(-1.0, 1.0, 5),
    angular_energy_edges=10.0 ** np.array([0.0, 1.0, 1.5, 3.0]),
)


@cache
def simulation() -> tuple[pa.Table, ...]:
    return tuple(simulated_events("mc", season, n_simulated=280_000) for season in TWO_SEASONS)


@cache
def measured() -> tuple[pa.Table, ...]:
    return tuple(simulated_events("data", season) for season in TWO_SEASONS)


@cache
def good_runs() -> pa.Table:
    return pa.concat_tables([simulated_good_runs(season) for season in TWO_SEASONS])


@cache
def sources() -> pa.Table:
    settings = Config().sources
    return select_sources(read_catalogue(catalogue_path(settings)), settings)


@cache
def spectra() -> pa.Table:
    return spectra_table("tautau", MASS)


@cache
def expected() -> ExpectedSignal:
    livetime = sum(good_runs()["livetime"].to_pylist())
    response = response_from_events(simulation(), livetime, BINS)
    return ExpectedSignal(
        response, source_acceptance(response, spectra_from_table(spectra()), sources(), MASS), sources()
    )


def by_source(table: pa.Table, column: str = "entries") -> np.ndarray:
    return np.asarray(table[column].to_numpy()).reshape(sources().num_rows, N_BINS)


@pytest.mark.slow
def test_background_is_the_average_over_right_ascension_of_all_parts() -> None:
    together = np.concatenate([part["reco_dec"].to_numpy() for part in measured()])
    exact = event_background(together, sources()["dec"].to_numpy(), angle_bins(N_BINS))
    found = background_of_events(measured(), sources(), N_BINS)
    np.testing.assert_allclose(by_source(found), exact, rtol=1e-9, atol=1e-6)
    assert by_source(found, "background_probability").sum(axis=1) == pytest.approx(1.0, abs=1e-9)
    smoothed = background_of_events(measured(), sources(), N_BINS, declination_smoothing_deg=5.0)
    wide = event_background(together, sources()["dec"].to_numpy(), angle_bins(N_BINS), bandwidth=5.0 * DEGREE)
    np.testing.assert_allclose(by_source(smoothed), wide, rtol=1e-9, atol=1e-6)
    assert np.abs(by_source(smoothed) - exact).max() > 10.0


def test_windows_take_events_by_their_own_energies() -> None:
    events = measured()[0]
    energy = events["reco_energy"].to_numpy()
    kept = events_in_window(events, (9.5, 21.25))
    assert kept.num_rows == np.count_nonzero((energy >= 9.5) & (energy < 21.25))
    found = background_of_events([events], sources(), N_BINS, (9.5, 21.25))
    assert by_source(found).sum(axis=1) == pytest.approx(kept.num_rows)
    banded = background_of_events([events], sources(), N_BINS, (9.5, 21.25), 10.0)
    dec = kept["reco_dec"].to_numpy()
    near = [np.count_nonzero(np.abs(dec - source) <= 10.0 * DEGREE) for source in sources()["dec"].to_numpy()]
    assert by_source(banded).sum(axis=1) == pytest.approx(near)


@pytest.mark.slow
def test_simulated_events_expect_what_the_response_expects() -> None:
    """n_s of all sources from events near them and from the response, whose zenith bins are as wide as the belt."""
    made = signal_of_events(simulation(), good_runs(), spectra(), sources(), MASS, N_BINS, signal_band_deg=15.0)
    total = by_source(made.table).sum()
    assert total == pytest.approx(expected().acceptance.total.n_s_per_strength, rel=0.03)
    assert by_source(made.table, "signal_probability").sum(axis=1) == pytest.approx(1.0, abs=1e-9)
    assert made.remarks["warnings"] == []
    assert by_source(made.table, "effective_events").min() > 400.0


def test_few_events_are_told_by_the_name_of_the_source() -> None:
    made = signal_of_events(simulation(), good_runs(), spectra(), sources(), MASS, N_BINS, signal_band_deg=0.5)
    names = {warning.split(":")[0] for warning in made.remarks["warnings"]}
    thin = by_source(made.table, "effective_events")[:, 0] < 400.0
    assert names == set(np.array(sources()["source"].to_pylist())[thin])
    assert names
    assert all("bins empty" in warning for warning in made.remarks["warnings"])


@pytest.mark.slow
def test_the_published_histogram_is_one_for_all_sources_and_expects_what_the_response_does() -> None:
    made = published_signal_of_events(simulation(), good_runs(), spectra(), expected(), N_BINS)
    shares = by_source(made, "signal_probability")
    np.testing.assert_allclose(shares, np.broadcast_to(shares[0], shares.shape), rtol=1e-12)
    assert by_source(made).sum(axis=1) == pytest.approx(expected().acceptance.n_s_per_strength, rel=1e-3)
    with pytest.raises(InputError, match="lies in the window"):
        published_signal_of_events(simulation(), good_runs(), spectra(), expected(), N_BINS, (900.0, 901.0))


def test_without_livetime_nothing_is_expected() -> None:
    with pytest.raises(InputError, match="0 good runs hold no livetime"):
        signal_of_events(simulation(), good_runs().slice(0, 0), spectra(), sources(), MASS, N_BINS)
