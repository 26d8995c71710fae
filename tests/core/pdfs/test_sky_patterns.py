"""One sky for the published statistic: the closed histograms of the sources, and what they share."""

from functools import cache

import numpy as np
import pyarrow as pa
import pytest

from core.coordinates import angular_separation
from core.errors import PhysicsError, ProductError
from core.likelihood.model import TrialModel
from core.likelihood.one_sky_law import OneSkyLaw
from core.likelihood.stacked_model import separate_skies, source_trial_model
from core.pdfs.background import background_on_sky
from core.pdfs.one_sky import source_signals_on_sky
from core.pdfs.sky_patterns import adjusted_background, bins_of_pixels, scaled_to_histogram, sky_patterns
from core.pdfs.source_background import angle_bins, source_background_pdf
from core.pdfs.source_signal import response_signal, source_signal_pdf
from tests.core.pdfs.public_pairs import public_pair

PAIR = public_pair("tautau", 20.0)
SOURCES = PAIR.expected.sources
N_BINS = 36
EDGES = angle_bins(N_BINS)


@cache
def by_source(window: tuple[float, float] | None = None) -> tuple[pa.Table, pa.Table]:
    background = source_background_pdf(PAIR.background, SOURCES, N_BINS, window)
    return background, source_signal_pdf(PAIR.expected, N_BINS, window)


@cache
def patterns(nside: int = 32, window: tuple[float, float] | None = None) -> pa.Table:
    return sky_patterns(PAIR.expected, PAIR.binned_background, *by_source(window), nside, window)


def one_sky(nside: int = 32) -> TrialModel:
    return source_trial_model(*by_source(), SOURCES, False, patterns(nside))


@cache
def on_pixels(nside: int) -> tuple[np.ndarray, np.ndarray]:
    """The data's background of pixels, and the bins of pixels."""
    background = background_on_sky(PAIR.binned_background, nside).sum(axis=(0, 1))
    return background / background.sum(), bins_of_pixels(SOURCES, EDGES[:-1], nside)


def summed(values: np.ndarray, bins: np.ndarray) -> np.ndarray:
    """Values of pixels, (n_pixels,) or (n_sources, n_pixels), in each source's bins of angle."""
    rows = np.broadcast_to(values, bins.shape)
    return np.array([np.bincount(own, row, N_BINS) for own, row in zip(bins, rows, strict=True)])


@pytest.mark.slow
def test_sums_over_pixels_come_to_the_closed_histograms_as_pixels_shrink() -> None:
    closed = response_signal(PAIR.expected, EDGES)
    background = by_source()[0]["background_probability"].to_numpy().reshape(closed.shape)
    off: dict[str, list[float]] = {"background": [], "signal": []}
    for nside in (16, 32, 64):
        pixels, bins = on_pixels(nside)
        off["background"].append(np.sqrt(np.mean((summed(pixels, bins) / background - 1.0) ** 2)))
        signal = np.array([on_sky.sum(axis=(0, 1)) for on_sky in source_signals_on_sky(PAIR.expected, nside)])
        assert signal.sum(axis=1) == pytest.approx(closed.sum(axis=1), rel=1e-9)
        share = summed(signal, bins) / closed.sum(axis=1, keepdims=True)
        off["signal"].append(np.abs(share - closed / closed.sum(axis=1, keepdims=True)).max())
    assert off["background"][1] < 0.02
    for widths in off.values():
        assert widths[2] < 0.6 * widths[1] < 0.36 * widths[0]


def test_the_adjusted_background_has_the_moments_of_the_closed_histograms() -> None:
    apart = separate_skies(*by_source(), SOURCES)
    excess = apart.ratio - 1.0
    changes = []
    for nside in (16, 32, 64):
        pixels, bins = on_pixels(nside)
        adjusted = adjusted_background(pixels, bins, apart)
        assert adjusted.min() > 0.0
        changes.append(np.sqrt(np.sum(pixels * (adjusted / pixels - 1.0) ** 2)))
        on_sky = np.take_along_axis(excess, bins, axis=1)
        for order in (1, 2):
            wanted = (apart.background * excess**order).sum(axis=1)
            assert on_sky**order @ adjusted == pytest.approx(wanted, rel=1e-9, abs=1e-12)
    assert changes[0] > 2.0 * changes[1] > 2.0 * changes[2]
    assert changes[1] < 0.02


def test_a_sources_signal_has_its_closed_histogram_and_fills_where_the_sky_has_none() -> None:
    bins = np.array([0, 0, 1, 2])
    histogram = np.array([0.5, 0.25, 0.25, 0.0])
    scaled = scaled_to_histogram(np.array([3.0, 1.0, 5.0, 0.0]), np.full(4, 0.25), bins, histogram)
    assert scaled == pytest.approx([0.375, 0.125, 0.25, 0.25])


def test_the_product_is_one_sky_of_events_and_expected_signal() -> None:
    table = patterns()
    bins = np.array(table["angle_bins"].to_pylist())
    assert bins.shape == (table.num_rows, SOURCES.num_rows)
    assert len(np.unique(bins, axis=0)) == table.num_rows <= 12 * 32**2
    for column in ("background_probability", "signal_probability"):
        assert table[column].to_numpy().sum() == pytest.approx(1.0, abs=1e-12)
        assert table[column].to_numpy().min() >= 0.0
    assert set(table["n_events"].to_pylist()) == {40_902}
    model = one_sky()
    assert model.shares_one_sky
    assert table["n_s_uncertainty"][0].as_py() == pytest.approx(OneSkyLaw.of(model).n_s_uncertainty, rel=1e-12)
    apart = separate_skies(*by_source(), SOURCES)
    assert np.array_equal(model.ratio, apart.ratio)
    assert np.array_equal(model.weights, apart.weights)


@pytest.mark.slow
def test_a_window_takes_events_and_signal_of_its_energies_alone() -> None:
    low, whole = patterns(16, (5.0, 17.0)), patterns(16)
    assert low["n_events"][0].as_py() < whole["n_events"][0].as_py()
    assert not np.allclose(low["background_probability"].to_numpy(), whole["background_probability"].to_numpy())


def test_correlations_do_not_depend_on_the_pixels() -> None:
    coarse, fine = OneSkyLaw.of(one_sky(16)), OneSkyLaw.of(one_sky(32))
    assert np.abs(coarse.correlation - fine.correlation).max() < 0.02
    assert coarse.n_s_uncertainty == pytest.approx(fine.n_s_uncertainty, rel=3e-3)


def test_events_at_any_place_of_the_sky_have_the_correlations_of_the_patterns() -> None:
    """Directions drawn without pixels: zones of the data's background, even within each and in right ascension."""
    rng = np.random.default_rng(5)
    background, n_events = PAIR.binned_background, 100_000
    by_zenith = background.probability.sum(axis=(0, 1))
    zone = rng.choice(by_zenith.size, n_events, p=by_zenith)
    low, high = background.reco_cos_zenith_edges[:-1][zone], background.reco_cos_zenith_edges[1:][zone]
    ra, dec = rng.uniform(0.0, 2.0 * np.pi, n_events), -np.arcsin(rng.uniform(low, high))
    apart = separate_skies(*by_source(), SOURCES)
    scores = []
    for source, excess in zip(SOURCES.to_pylist(), apart.ratio - 1.0, strict=True):
        angle = angular_separation(source["ra"], source["dec"], ra, dec)
        scores.append(excess[np.searchsorted(EDGES[:-1], angle, side="right") - 1])
    law = OneSkyLaw.of(one_sky())
    assert np.corrcoef(scores) == pytest.approx(law.correlation, abs=0.03)
    assert np.std(scores, axis=1) == pytest.approx(
        np.sqrt((apart.background * (apart.ratio - 1) ** 2).sum(axis=1)), rel=0.02
    )


def test_pixels_wider_than_the_bins_of_angle_are_refused() -> None:
    with pytest.raises(PhysicsError, match="pixels are too wide for 36 bins of angle"):
        patterns(8)


def test_patterns_of_other_sources_are_refused() -> None:
    fewer = SOURCES.slice(1)
    histograms = (table.slice(N_BINS) for table in by_source())
    with pytest.raises(ProductError, match="sky_patterns is of other sources"):
        source_trial_model(*histograms, fewer, False, patterns())
