"""The events of one sky, in its pixels and in the cells that the likelihood sees."""

import healpy
import numpy as np
import pyarrow as pa
import pytest

from core.events.classes import EVENT_CLASSES
from core.events.counts import event_counts
from core.likelihood.fit import fit_n_s
from core.pdfs.background import background_of_sky, background_on_sky, background_pdf, binned_background
from core.pdfs.observed_sky import fitted_sky, sky_cells_of_events, sky_of_events
from core.pdfs.ratio import merge_cells, sky_ratio
from core.pdfs.sky import right_ascension_average

NSIDE = 16
ENERGY_EDGES = np.array([5.0, 10.0, 30.0])
ZENITH_EDGES = np.linspace(-1.0, 1.0, 9)
SHAPE = (len(EVENT_CLASSES), 2, 12 * NSIDE**2)


def events(n_events: int = 5000, seed: int = 1) -> pa.Table:
    generator = np.random.default_rng(seed)
    return pa.table(
        {
            "reco_energy": generator.uniform(4.0, 31.0, n_events),
            "reco_ra": generator.uniform(0.0, 2.0 * np.pi, n_events),
            "reco_dec": np.arcsin(generator.uniform(-1.0, 1.0, n_events)),
            "event_class": np.array(EVENT_CLASSES)[generator.integers(0, 2, n_events)],
        }
    )


def signal() -> np.ndarray:
    """A spot of 20 deg in one class and energy, a wider one in the others."""
    x, y, _ = healpy.pix2vec(NSIDE, np.arange(SHAPE[2]))
    narrow, wide = (np.exp(kappa * (0.6 * x + 0.8 * y - 1.0)) for kappa in (8.0, 2.0))
    on_sky = np.stack([[wide, wide], [wide, narrow]])
    return on_sky / on_sky.sum()


def test_events_are_counted_at_their_place() -> None:
    """A single event at a known place, one below the energies, one at the south pole at the upper edge."""
    table = pa.table(
        {
            "reco_energy": [12.0, 4.0, 29.9],
            "reco_ra": [1.0, 1.0, 0.0],
            "reco_dec": [0.5, 0.5, -0.5 * np.pi],
            "event_class": [EVENT_CLASSES[1], EVENT_CLASSES[0], EVENT_CLASSES[0]],
        }
    )
    sky = sky_of_events(table, ENERGY_EDGES, NSIDE)
    assert sky.shape == SHAPE
    assert sky.sum() == 2
    assert sky[1, 1, healpy.ang2pix(NSIDE, 0.5 * np.pi - 0.5, 1.0)] == 1
    assert sky[0, 1, -4:].sum() == 1


def test_a_sky_and_its_bins_hold_the_same_events() -> None:
    table = events()
    sky = sky_of_events(table, ENERGY_EDGES, NSIDE)
    counts = event_counts(table, ENERGY_EDGES, ZENITH_EDGES)["n_events"].to_numpy().reshape(2, 2, 8)
    assert np.array_equal(sky.sum(axis=2), counts.sum(axis=2))
    assert sky.sum() == len(sky_cells_of_events(table, ENERGY_EDGES, NSIDE)[0])


def test_the_background_of_pixels_is_that_of_events_but_for_straddling_pixels() -> None:
    table = events(200_000)
    of_events = binned_background(background_pdf(event_counts(table, ENERGY_EDGES, ZENITH_EDGES)))
    of_pixels = background_of_sky(sky_of_events(table, ENERGY_EDGES, 32), 32, ENERGY_EDGES, ZENITH_EDGES)
    assert of_pixels.n_events == of_events.n_events
    assert of_pixels.probability == pytest.approx(of_events.probability, rel=0.05)


@pytest.mark.parametrize("treatment", ["data", "known"])
def test_merged_cells_hold_every_event_and_the_expectation_of_the_product(treatment: str) -> None:
    """The cells are those of merge_cells, in which the ratio is the exact mean."""
    sky = sky_of_events(events(), ENERGY_EDGES, NSIDE)
    background = background_of_sky(sky, NSIDE, ENERGY_EDGES, ZENITH_EDGES)
    average = right_ascension_average(signal(), NSIDE)
    fitted = fitted_sky(sky, signal(), average, background, treatment, 256)
    on_sky = background_on_sky(background, NSIDE)
    cells = merge_cells(sky_ratio(signal(), average, on_sky, treatment), on_sky, signal(), 256)
    assert fitted.counts.sum() == sky.sum()
    assert np.array_equal(fitted.ratio, cells.ratio)
    assert cells.background @ fitted.ratio == pytest.approx(1.0, abs=1e-12)


def test_merging_hardly_moves_a_fit() -> None:
    sky = sky_of_events(events(50_000), ENERGY_EDGES, NSIDE)
    background = background_of_sky(sky, NSIDE, ENERGY_EDGES, ZENITH_EDGES)
    average = right_ascension_average(signal(), NSIDE)
    fitted = fitted_sky(sky, signal(), average, background, "data", 512)
    unmerged = sky_ratio(signal(), average, background_on_sky(background, NSIDE), "data").ravel()
    found = fit_n_s(fitted.counts[None, :], fitted.ratio, allow_negative=True)
    exact = fit_n_s(sky.reshape(1, -1), unmerged, allow_negative=True)
    assert found.n_s[0] == pytest.approx(
        exact.n_s[0], abs=0.02 * abs(exact.n_s[0]) / np.sqrt(abs(exact.test_statistic[0]))
    )


def test_events_without_background_have_no_say() -> None:
    """The background of other events has none in one class, where this sky has 3: they stay, at R = 1."""
    sky = sky_of_events(events(), ENERGY_EDGES, NSIDE)
    sky[0] = 0
    background = background_of_sky(sky, NSIDE, ENERGY_EDGES, ZENITH_EDGES)
    only_tracks = signal()
    only_tracks[0] = 0.0
    only_tracks /= only_tracks.sum()
    sky[0, 0, :3] = 1
    average = right_ascension_average(only_tracks, NSIDE)
    fitted = fitted_sky(sky, only_tracks, average, background, "data", 100_000)
    assert fitted.counts.sum() == sky.sum()
    without = sky.copy()
    without[0] = 0
    fits = [fit_n_s(one.counts[None, :], one.ratio, allow_negative=True).test_statistic[0] for one in (
        fitted, fitted_sky(without, only_tracks, average, background, "data", 100_000))]  # fmt: skip
    assert fits[0] == pytest.approx(fits[1], rel=0.01)
