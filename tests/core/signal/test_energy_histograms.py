"""Signal and background of single events by reconstructed energy, against closed forms and the binned response."""

from functools import cache

import numpy as np
import pyarrow as pa
import pytest

from core.dark_matter.channels import FLAVOURS
from core.errors import InputError, PhysicsError
from core.events.seasons import mean_detector
from core.signal.acceptance import source_acceptance
from core.signal.energy_histograms import (
    background_energy_histogram,
    energy_grid,
    signal_energy_histogram,
    simulated_background_energy_histogram,
    weight_of_declination,
)
from core.signal.energy_range import energy_range_of_histograms
from core.signal.windows import optimal_window, published_window
from core.simulation.injected import simulated_response
from core.simulation.sample import simulated_events
from core.simulation.seasons import SEASONS, simulated_livetime
from core.spectra import spectra_from_table, spectra_table
from core.spectra.spectrum import Spectrum
from tests.core.pdfs.test_source_signal import line, simulation
from tests.small_analysis import sources as dwarfs

WIDE = 1.2  # rad
LIVETIME = 1e8
EDGES = energy_grid(1.0, 50.0)


def sources(*dec: float) -> pa.Table:
    return pa.table({"j_factor": np.full(len(dec), 1e18), "dec": np.array(dec)})


def flat(mass: float, dn_de: float) -> dict[str, Spectrum]:
    """A spectrum E dN/dE linear in ln E between two nodes, and so about constant: dN/dE = dn_de m/E."""
    nodes = np.array([1.0, mass])
    return {flavour: Spectrum(nodes, dn_de * mass / nodes) for flavour in FLAVOURS}


def test_a_grid_of_steps() -> None:
    np.testing.assert_array_equal(energy_grid(0.5, 2.0), [0.0, 0.5, 1.0, 1.5, 2.0])
    assert len(energy_grid(1.0, 500.0)) == 501


@pytest.mark.parametrize("belt", [0.05, 0.4, 2.0])
def test_weights_of_declination_are_averages_over_belts(belt: float) -> None:
    dec, scale = np.array([-1.55, -0.2, -0.15, 1.3]), np.array([1.0, 10.0, 2.0, 4.0])
    sines = np.linspace(-1.0, 1.0, 400_001)
    weights = weight_of_declination(np.arcsin(sines), dec, scale, belt)
    assert 4.0 * np.pi * weights.mean() == pytest.approx(scale.sum(), rel=3e-4)
    near = np.abs(np.arcsin(sines)[:, None] - dec) <= belt
    assert np.all(weights[~near.any(axis=1)] == 0.0)
    solid_angle = 2.0 * np.pi * (np.sin(np.minimum(dec + belt, np.pi / 2)) - np.sin(np.maximum(dec - belt, -np.pi / 2)))
    np.testing.assert_allclose(weights, near @ (scale / solid_angle), rtol=1e-12)


def test_signal_of_a_continuum_is_its_integral_over_the_area() -> None:
    """Effective area E^1.5/(4 pi) of each species, dN/dE = k m/E: n_s = T J/(8 pi m^2) 6 k m int E^0.5 dE/(4 pi)."""
    mass, k = 40.0, 0.01
    found = signal_energy_histogram(simulation(200_000), flat(mass, k), sources(0.1), mass, LIVETIME, EDGES, WIDE)
    scale = LIVETIME * 1e18 / (8.0 * np.pi * mass**2) / (4.0 * np.pi)
    whole = np.clip(EDGES, 4.0, mass)
    expected = scale * 6.0 * k * mass * np.diff(whole**1.5) / 1.5
    np.testing.assert_allclose(found[5:39], expected[5:39], rtol=0.1)
    assert found.sum() == pytest.approx(expected.sum(), rel=0.01)
    assert found[:4].sum() == found[41:].sum() == 0.0


def test_signal_of_a_line_stands_at_its_energy() -> None:
    mass = 20.0
    found = signal_energy_histogram(simulation(200_000), line(mass), sources(0.1, -0.4), mass, LIVETIME, EDGES, WIDE)
    scale = 2.0 * LIVETIME * 1e18 / (8.0 * np.pi * mass**2) / (4.0 * np.pi)
    assert found.sum() == pytest.approx(scale * 6.0 * 2.0 * mass**1.5, rel=0.03)
    assert set(np.flatnonzero(found)) == {19, 20}


def test_parts_are_the_whole() -> None:
    events, spectra = simulation(3_000), line(20.0)
    whole = signal_energy_histogram(events, spectra, sources(0.0), 20.0, LIVETIME, EDGES, WIDE)
    parts = iter([events.slice(0, 1_000), events.slice(1_000)])
    found = signal_energy_histogram(parts, spectra, sources(0.0), 20.0, LIVETIME, EDGES, WIDE)
    np.testing.assert_allclose(found, whole, rtol=1e-12)
    np.testing.assert_array_equal(
        background_energy_histogram([events.slice(0, 10), events.slice(10)], EDGES),
        background_energy_histogram(events, EDGES),
    )


def test_events_without_a_flavour_have_the_mean_spectrum() -> None:
    events = simulation(60_000)
    place = events.column_names.index("flavour")
    unknown = events.set_column(place, "flavour", pa.nulls(events.num_rows, pa.string()))
    spectra = flat(40.0, 0.01) | {"numu": flat(40.0, 0.07)["numu"]}
    ask = sources(0.1), 40.0, LIVETIME, EDGES, WIDE
    found = signal_energy_histogram(unknown, spectra, *ask)
    assert found.sum() == pytest.approx(signal_energy_histogram(events, flat(40.0, 0.02), *ask).sum(), rel=1e-9)
    some = pa.array([None if row % 2 else "nue" for row in range(events.num_rows)], pa.string())
    with pytest.raises(InputError, match="have no species"):
        signal_energy_histogram(events.set_column(place, "flavour", some), spectra, *ask)


def test_signal_without_events_is_refused() -> None:
    events = simulation(2_000)
    high = events.filter(pa.array(events["true_energy"].to_numpy() > 30.0))
    with pytest.raises(InputError, match=r"no simulated event below 20\.8 GeV lies within 5 deg of a source"):
        signal_energy_histogram(high, line(20.0), sources(0.0), 20.0, LIVETIME, EDGES)
    with pytest.raises(InputError, match="no simulated event"):
        signal_energy_histogram([], line(20.0), sources(0.0), 20.0, LIVETIME, EDGES)
    with pytest.raises(PhysicsError, match="mass -1"):
        signal_energy_histogram(events, line(20.0), sources(0.0), -1.0, LIVETIME, EDGES)


def test_background_of_round_numbers() -> None:
    energies, rates = [0.5, 1.5, 1.5, 70.0], [1.0, 2.0, 3.0, 4.0]
    found = background_energy_histogram(pa.table({"reco_energy": energies}), EDGES)
    assert found[:2].tolist() == [1.0, 2.0]
    assert found.sum() == 3.0
    simulated = pa.table({"reco_energy": energies, "atmospheric_rate": rates})
    assert simulated_background_energy_histogram(simulated, 10.0, EDGES)[:3].tolist() == [10.0, 50.0, 0.0]


@cache
def sample(kind: str) -> tuple[pa.Table, ...]:
    seasons = [simulated_events(kind, season, n_simulated=1_400_000) for season in SEASONS]
    return tuple(seasons if kind == "data" else mean_detector(seasons, simulated_livetime()))


@pytest.mark.slow
@pytest.mark.parametrize(("channel", "mass"), [("bb", 20.0), ("tautau", 100.0), ("mumu", 50.0), ("WW", 200.0)])
def test_windows_of_the_simulated_sample(channel: str, mass: float) -> None:
    """All events are those of the response they were drawn from; the published window is nearly the best."""
    spectra, livetime = spectra_from_table(spectra_table(channel, mass)), simulated_livetime()
    exact = source_acceptance(simulated_response(), spectra, dwarfs(), mass).total.n_s_per_strength
    ask = sample("mc"), spectra, dwarfs(), mass, livetime
    assert signal_energy_histogram(*ask, np.array([0.0, 1e6])).sum() == pytest.approx(exact, rel=0.02)
    edges = energy_grid(1.0, 500.0)
    background = background_energy_histogram(sample("data"), edges)
    expected = simulated_background_energy_histogram(sample("mc"), livetime, edges)
    assert expected.sum() == pytest.approx(background.sum(), rel=0.02)
    signal = signal_energy_histogram(*ask, edges)
    scanned = energy_range_of_histograms(edges, signal, background)
    assert scanned.num_rows == 125_250
    assert merit_of(scanned, published_window(channel, mass)) > 0.92
    assert merit_of(scanned, optimal_window(energy_range_of_histograms(edges, signal, expected))) > 0.97


def merit_of(scanned: pa.Table, window: tuple[float, float]) -> float:
    """S/√B of a window over that of the best one."""
    frame = scanned.to_pandas()
    (own,) = frame[(frame["window_low"] == window[0]) & (frame["window_high"] == window[1])].itertuples()
    return float(own.signal_over_sqrt_background / frame["signal_over_sqrt_background"].max())
