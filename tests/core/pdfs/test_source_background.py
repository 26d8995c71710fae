"""Background by source: the right-ascension average in closed form, against scrambles and the published formula."""

from time import process_time

import numpy as np
import pytest

from core.errors import InputError, PhysicsError
from core.pdfs.source_background import (
    angle_bins,
    binned_background_entries,
    event_background,
    probabilities,
    scrambled_background,
    source_background_pdf,
)
from core.units import DEGREE
from tests.core.pdfs.public_pairs import public_pair

EDGES = angle_bins(36)
SOURCE_RA = np.array([0.3, 2.0, 5.1])
SOURCE_DEC = np.array([-0.65, 0.1, 1.2])


def declinations(n_events: int, seed: int = 1) -> np.ndarray:
    """More events from below than from above, as the atmosphere makes them."""
    return np.arcsin(1.0 - 2.0 * np.random.default_rng(seed).beta(1.6, 1.1, n_events))


def expected_chi_square(dec: np.ndarray, source_dec: float, n_events: np.ndarray) -> float:
    """The mean of Pearson's sum over scrambles: bins less the share of their events that no scramble can move."""
    each = np.stack([event_background(dec[[i]], np.array([source_dec]), EDGES)[0] for i in range(len(dec))])
    return float(np.sum((each * (1.0 - each)).sum(axis=0)[n_events > 0] / n_events[n_events > 0]))


@pytest.mark.parametrize("band", [None, 15.0 * DEGREE])
def test_probabilities_sum_to_one_at_any_declination(band: float | None) -> None:
    source_dec = np.array([-0.5 * np.pi, -1.3, -0.2, 0.0, 1e-9, 0.8, 0.5 * np.pi])
    entries = event_background(declinations(2000), source_dec, EDGES, band=band)
    shares = probabilities(entries, ["source"] * len(source_dec))
    assert shares.sum(axis=1) == pytest.approx(1.0, abs=1e-9)
    assert (shares >= 0.0).all()


@pytest.mark.parametrize("band", [None, 20.0 * DEGREE])
def test_scrambling_converges_to_the_closed_form(band: float | None) -> None:
    """3,000 scrambles at chi^2/ndf = 1, and 30 at the same: they differ from the closed form by their noise alone."""
    dec = declinations(150)
    exact = event_background(dec, SOURCE_DEC, EDGES, band=band)
    for n_scrambles in (30, 3000):
        counts = scrambled_background(
            dec, SOURCE_RA, SOURCE_DEC, EDGES, n_scrambles, np.random.default_rng(7), band=band
        )
        for source, source_dec in enumerate(SOURCE_DEC):
            near = dec if band is None else dec[np.abs(dec - source_dec) <= band]
            mean = n_scrambles * exact[source]
            assert counts[source].sum() == n_scrambles * len(near)
            assert not counts[source][mean == 0.0].any()
            seen = mean > 0.0
            chi_square = np.sum((counts[source] - mean)[seen] ** 2 / mean[seen])
            n_free = expected_chi_square(near, float(source_dec), exact[source])
            assert chi_square / n_free == pytest.approx(1.0, abs=4.0 * np.sqrt(2.0 / n_free))


def test_the_scramble_is_the_published_one() -> None:
    """Counts as by the published formula, arccos of the dot product in degrees, on the same random numbers."""
    dec = declinations(5000)
    counts = scrambled_background(dec, SOURCE_RA, SOURCE_DEC, EDGES, 3, np.random.default_rng(11))
    generator, again = np.random.default_rng(11), np.zeros_like(counts)
    for _ in range(3):
        ra = generator.uniform(0.0, 2.0 * np.pi, len(dec))
        for source in range(3):
            cosine = np.sin(dec) * np.sin(SOURCE_DEC[source])
            cosine += np.cos(dec) * np.cos(SOURCE_DEC[source]) * np.cos(ra - SOURCE_RA[source])
            again[source] += np.histogram(np.degrees(np.arccos(cosine)), bins=36, range=(0.0, 180.0))[0]
    assert np.array_equal(counts, again)


@pytest.mark.parametrize("band", [None, 12.0 * DEGREE])
def test_binned_events_are_spread_evenly_over_their_zone(band: float | None) -> None:
    """The area where cap and zone meet, against many single events."""
    n_events, edges = np.array([300.0, 50.0, 0.0, 120.0]), np.array([-1.0, -0.6, 0.1, 0.4, 1.0])
    source_dec = np.array([-0.5 * np.pi, -0.9, 0.0, 0.4, 0.5 * np.pi])
    steps = (np.arange(4000) + 0.5) / 4000
    cos_zenith = edges[:-1, None] + np.diff(edges)[:, None] * steps
    many = event_background(
        np.arcsin(-cos_zenith.ravel()), source_dec, EDGES, np.repeat(n_events / 4000, 4000), band=band
    )
    binned = binned_background_entries(n_events, edges, source_dec, EDGES, band)
    assert binned == pytest.approx(many, abs=0.1)
    assert binned_background_entries(n_events, edges, source_dec, EDGES).sum(axis=1) == pytest.approx(470.0, rel=1e-9)


def test_smoothing_in_declination_keeps_events_and_moves_them_by_the_bandwidth() -> None:
    one, bandwidth = np.array([0.4]), 3.0 * DEGREE
    fine = angle_bins(1800)
    smooth = event_background(one, np.array([0.5 * np.pi]), fine, bandwidth=bandwidth)[0]
    centres = 0.5 * (fine[1:] + fine[:-1])
    mean = centres @ smooth
    assert smooth.sum() == pytest.approx(1.0, abs=1e-9)
    assert mean == pytest.approx(0.5 * np.pi - 0.4, abs=1e-3)
    assert np.sqrt((centres - mean) ** 2 @ smooth) == pytest.approx(bandwidth, rel=0.01)
    at_pole = event_background(np.array([0.5 * np.pi - 0.01]), np.array([0.0]), EDGES, bandwidth=bandwidth)
    assert at_pole.sum() == pytest.approx(1.0, abs=1e-9)


def test_the_product_holds_every_event_of_the_window_for_each_source() -> None:
    pair = public_pair("tautau", 20.0)
    sources = pair.expected.sources
    whole = source_background_pdf(pair.background, sources, 36).to_pandas().groupby("source", sort=False)
    assert whole["entries"].sum().to_numpy() == pytest.approx(40_902)
    assert whole["background_probability"].sum().to_numpy() == pytest.approx(1.0, abs=1e-9)
    assert list(whole.groups) == sources["source"].to_pylist()
    narrow = source_background_pdf(pair.background, sources, 36, (5.0, 10.0), 20.0).to_pandas()
    assert (narrow.groupby("source")["entries"].sum() < 10_000).all()


def test_a_band_without_events_is_refused() -> None:
    with pytest.raises(InputError, match="no event lies in the declination band of Draco: widen"):
        probabilities(event_background(np.array([-1.0]), np.array([1.0]), EDGES, band=0.1), ["Draco"])
    with pytest.raises(PhysicsError, match="declinations"):
        event_background(np.array([90.0]), np.array([1.0]), EDGES)


def test_thirty_sources_of_a_hundred_thousand_events_are_quick() -> None:
    dec, source_dec = declinations(100_000), np.linspace(-1.2, 1.3, 30)
    event_background(dec[:1], source_dec, EDGES)
    begin = process_time()
    entries = event_background(dec, source_dec, EDGES)
    assert process_time() - begin < 2.0
    assert entries.sum(axis=1) == pytest.approx(100_000)
