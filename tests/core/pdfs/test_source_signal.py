"""Signal by source: from the response, from simulated events, and as published."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from core.coordinates import angular_separation
from core.dark_matter.channels import FLAVOURS
from core.errors import PhysicsError
from core.events.columns import event_table
from core.pdfs.one_sky import signal_on_sky
from core.pdfs.sky import pixel_directions
from core.pdfs.source_background import angle_bins, probabilities
from core.pdfs.source_signal import (
    published_signal,
    reconstruction_angles,
    response_signal,
    simulated_signal,
    source_signal_pdf,
)
from core.signal.energy_range import reconstructed_signal
from core.signal.spectrum_weights import spectrum_weights
from core.simulation.sample import simulated_events
from core.simulation.seasons import SEASONS
from core.spectra import spectra_from_table, spectra_table
from core.spectra.spectrum import Spectrum
from core.units import DEGREE
from tests.core.pdfs.public_pairs import public_pair

EDGES = angle_bins(36)
ERROR = 12.0 * DEGREE


def simulation(n_events: int, seed: int = 3, index: float = 1.5) -> pa.Table:
    """Isotropic events with a vMF error of about 12 deg, even in energy from 4 to 44 GeV, area E^index per species."""
    rng = np.random.default_rng(seed)
    true_ra, true_dec = rng.uniform(0.0, 2.0 * np.pi, n_events), np.arcsin(rng.uniform(-1.0, 1.0, n_events))
    kappa = 1.0 / ERROR**2
    cosine = 1.0 + np.log1p(-rng.uniform(size=n_events) * -np.expm1(-2.0 * kappa)) / kappa
    ra, dec = turned(true_ra, true_dec, np.arccos(cosine), rng.uniform(0.0, 2.0 * np.pi, n_events))
    energy = 4.0 + 40.0 * ((np.arange(n_events) + 0.5) / n_events)
    zero = np.zeros(n_events)
    columns = {
        "season": ["one"] * n_events, "run": zero.astype(int), "event": np.arange(n_events),
        "sub_event": zero.astype(int),
        "mjd": zero + 56000.0, "reco_zenith": zero, "reco_azimuth": zero, "reco_ra": ra, "reco_dec": dec,
        "reco_energy": energy, "angular_error": zero + ERROR, "true_ra": true_ra, "true_dec": true_dec,
        "true_energy": energy, "flavour": np.array(FLAVOURS)[np.arange(n_events) % len(FLAVOURS)],
        "weight": energy**index * 40.0 * len(FLAVOURS) / n_events,
    }  # fmt: skip
    return event_table("mc", columns)


def turned(ra: np.ndarray, dec: np.ndarray, angle: np.ndarray, bearing: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A direction an angle away at a bearing from north."""
    sine = np.sin(dec) * np.cos(angle) + np.cos(dec) * np.sin(angle) * np.cos(bearing)
    east = np.sin(angle) * np.sin(bearing)
    north = np.cos(dec) * np.cos(angle) - np.sin(dec) * np.sin(angle) * np.cos(bearing)
    return (ra + np.arctan2(east, north)) % (2.0 * np.pi), np.arcsin(np.clip(sine, -1.0, 1.0))


def line(energy: float, weight: float = 2.0) -> dict[str, Spectrum]:
    nodes = np.array([0.5 * energy, energy])
    return {flavour: Spectrum(nodes, np.zeros(2), ((energy, weight),)) for flavour in FLAVOURS}


def vmf_shares(kappa: float) -> np.ndarray:
    below = np.expm1(kappa * (np.cos(EDGES) - 1.0)) / np.expm1(-2.0 * kappa)
    return np.diff(below)


@pytest.mark.parametrize("window", [None, (7.0, 20.0)])
def test_every_expected_event_is_at_some_angle(window: tuple[float, float] | None) -> None:
    expected = public_pair("tautau", 20.0).expected
    entries = response_signal(expected, EDGES, window)
    if window is None:
        assert entries.sum(axis=1) == pytest.approx(expected.acceptance.n_s_per_strength, rel=1e-9)
    else:
        dec, extent = (expected.sources[name].to_numpy() for name in ("dec", "half_light_radius"))
        by_energy = reconstructed_signal(expected.response, expected.acceptance, dec, extent)
        assert entries.sum() < by_energy.sum()
    shares = source_signal_pdf(expected, 36, window).to_pandas().groupby("source")["signal_probability"].sum()
    assert shares.to_numpy() == pytest.approx(1.0, abs=1e-9)


def test_the_histogram_is_the_sky_map_about_the_source() -> None:
    """The mean angle from the brightest source is that of the same response spread over the pixels of a sky."""
    pair = public_pair("tautau", 20.0)
    one = pair.expected.sources["source"].to_pylist().index("Segue 1")
    acceptance = replace(pair.expected.acceptance, signal_counts=pair.expected.acceptance.signal_counts[[one]])
    alone = replace(pair.expected, acceptance=acceptance, sources=pair.expected.sources.slice(one, 1))
    on_sky = signal_on_sky(alone, 64).sum(axis=(0, 1))
    x, y, z = pixel_directions(64).T
    ra, dec = (alone.sources[name][0].as_py() for name in ("ra", "dec"))
    angle = angular_separation(ra, dec, np.arctan2(y, x), np.arcsin(z))
    from_map = np.histogram(angle, EDGES, weights=on_sky)[0] / on_sky.sum()
    histogram = response_signal(alone, EDGES)[0]
    assert histogram / histogram.sum() == pytest.approx(from_map, abs=2e-3)
    in_band = np.abs(np.arcsin(z) - dec) <= 20.0 * DEGREE
    kept = response_signal(alone, EDGES, band=20.0 * DEGREE)[0]
    assert kept.sum() / histogram.sum() == pytest.approx(on_sky[in_band].sum() / on_sky.sum(), rel=0.02)


def test_simulated_events_give_their_kernel_widened_by_the_extent() -> None:
    table = simulation(60_000)
    found = simulated_signal(table, line(20.0), np.array([0.3, 0.3]), np.array([0.0, 6.0 * DEGREE]), EDGES, 40 * DEGREE)
    assert not found.warnings(["round", "wide"])
    for entries, spread in zip(found.entries, (ERROR, np.hypot(ERROR, 6.0 * DEGREE)), strict=True):
        expected = vmf_shares(1.0 / spread**2)
        error = np.sqrt(expected / found.effective_events[0]) + 0.004
        assert np.all(np.abs(entries / entries.sum() - expected) < 4.0 * error)
    assert found.entries[0].sum() == pytest.approx(found.entries[1].sum(), rel=1e-9)
    shares = probabilities(found.entries, ["point", "wide"])
    assert shares.sum(axis=1) == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize("index", [-2.0, 0.0, 3.0])
def test_a_line_is_the_response_at_its_energy(index: float) -> None:
    table = simulation(240_000, index=index)
    expected = (table["weight"].to_numpy() * spectrum_weights(table, line(20.0))).sum()
    assert expected == pytest.approx(6 * 2.0 * 20.0**index, rel=3e-3)


def test_a_continuum_weighs_with_its_own_species() -> None:
    """The weighted sum over events is the integral of area times spectrum of each species."""
    spectra = spectra_from_table(spectra_table("tautau", 40.0))
    table = simulation(240_000)
    weighted = table["weight"].to_numpy() * spectrum_weights(table, spectra)
    grid = np.geomspace(4.0, 40.0, 20_001)
    for flavour in ("nue", "nutaubar"):
        spectrum = spectra[flavour]
        density = np.interp(np.log(grid), np.log(spectrum.energy), spectrum.dn_de * spectrum.energy)
        expected = np.trapezoid(density * grid**1.5, np.log(grid))
        own = np.array(table["flavour"].to_pylist()) == flavour
        assert weighted[own].sum() == pytest.approx(expected, rel=2e-3)


def test_thin_simulation_is_said_and_nothing_is_put_into_empty_bins() -> None:
    found = simulated_signal(simulation(1200), line(20.0), np.array([0.0]), np.array([0.0]), EDGES, 10.0 * DEGREE)
    assert found.effective_events[0] < 400
    (warning,) = found.warnings(["Draco"])
    assert warning.startswith("Draco: ")
    assert f"{found.n_empty_bins[0]} of 36 bins empty" in warning
    assert np.count_nonzero(found.entries[0] == 0.0) >= found.n_empty_bins[0] > 20
    with pytest.raises(PhysicsError, match="no simulated event lies within 4% of the line at 100 GeV"):
        spectrum_weights(simulation(600), line(100.0))


def sample_events() -> pa.Table:
    """10,000 simulated events of the sample simulated-7y."""
    return simulated_events("mc", SEASONS[0], n_simulated=70_000)


@pytest.mark.parametrize("events", [lambda: simulation(5000), sample_events], ids=["even", "simulated-7y"])
def test_the_published_histogram_is_the_published_formula(events: Callable[[], pa.Table]) -> None:
    """Integer counts as by arccos of the dot product; with weights the sum of dN/dE, whatever `weight` says."""
    table = events()
    columns = ("reco_ra", "reco_dec", "true_ra", "true_dec")
    ra, dec, true_ra, true_dec = (table[name].to_numpy() for name in columns)
    cosine = np.sin(dec) * np.sin(true_dec) + np.cos(dec) * np.cos(true_dec) * np.cos(ra - true_ra)
    angle = np.degrees(np.arccos(cosine))
    counts = np.histogram(angle, bins=36, range=(0.0, 180.0))[0]
    assert np.array_equal(published_signal(table, np.ones(table.num_rows), EDGES), counts)
    assert reconstruction_angles(table) / DEGREE == pytest.approx(angle, abs=1e-4)
    dn_de = table["true_energy"].to_numpy() ** -2.0
    weighted = np.histogram(angle, bins=36, range=(0.0, 180.0), weights=dn_de)[0]
    assert published_signal(table, dn_de, EDGES) == pytest.approx(weighted, rel=1e-12)
