"""Rings of equal declination, seen from the South Pole."""

import healpy
import numpy as np
import pytest

from core.pdfs.sky import pixel_directions, right_ascension_average, ring_of_pixel, ring_sums, zone_shares

NSIDE = 16
EIGHT_BINS = np.linspace(-1.0, 1.0, 9)


def test_rings_run_from_north_to_south() -> None:
    rings, directions = ring_of_pixel(NSIDE), pixel_directions(NSIDE)
    assert rings[0] == 0
    assert rings[-1] == 4 * NSIDE - 2
    for ring in (0, 20, 62):
        assert np.ptp(directions[rings == ring, 2]) == pytest.approx(0.0, abs=1e-12)


def test_the_average_over_right_ascension_keeps_each_ring_and_forgets_its_shape() -> None:
    density = np.random.default_rng(1).random((2, 3, healpy.nside2npix(NSIDE)))
    average = right_ascension_average(density, NSIDE)
    rings = ring_of_pixel(NSIDE)
    for ring in (0, 5, 31, 62):
        assert np.allclose(average[:, :, rings == ring], density[:, :, rings == ring].mean(axis=2)[:, :, None])
    assert average.sum() == pytest.approx(density.sum())


def test_rings_keep_what_their_pixels_hold() -> None:
    events = np.random.default_rng(4).poisson(3.0, (2, healpy.nside2npix(NSIDE)))
    sums = ring_sums(events, NSIDE)
    assert sums.shape == (2, 4 * NSIDE - 1)
    for row, expected in zip(sums, events, strict=True):
        assert np.array_equal(row, np.bincount(ring_of_pixel(NSIDE), weights=expected))


def test_a_map_of_declination_alone_is_its_own_average() -> None:
    density = pixel_directions(NSIDE)[None, :, 2]
    assert np.allclose(right_ascension_average(density, NSIDE), density)


def test_zones_share_the_sky_among_bins_of_zenith() -> None:
    shares = zone_shares(NSIDE, EIGHT_BINS)
    assert np.allclose(shares.sum(axis=1), 1.0)
    in_bin = shares[ring_of_pixel(NSIDE)].sum(axis=0) / healpy.nside2npix(NSIDE)
    assert in_bin == pytest.approx(np.full(8, 1 / 8), abs=2e-3)


def test_the_north_pole_lies_under_the_detector() -> None:
    shares = zone_shares(NSIDE, EIGHT_BINS)
    assert shares[0, 0] == 1.0  # dec = +90 deg is cos zenith = -1
    assert shares[-1, -1] == 1.0


def test_a_ring_on_an_edge_belongs_to_both_bins() -> None:
    equator = 2 * NSIDE - 1
    assert zone_shares(NSIDE, EIGHT_BINS)[equator, 3:5] == pytest.approx([0.5, 0.5])
