"""The pixels of the sky as rings of equal declination, seen from a detector at the South Pole.

There the zenith angle of a source is its declination + 90 deg, so cos zenith = -sin(dec), and a density that is
uniform in azimuth and time is constant along a ring of pixels.
"""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray


@cache
def ring_of_pixel(nside: int) -> NDArray[np.int64]:
    """Return the index (0 at the north pole) of each pixel's ring of equal declination, (n_pixels,)."""
    import healpy

    pixels = np.arange(healpy.nside2npix(nside))
    return np.asarray(healpy.pix2ring(nside, pixels), dtype=np.int64) - 1


@cache
def pixel_directions(nside: int) -> NDArray[np.float64]:
    """Return the unit vectors of the pixel centres, (n_pixels, 3)."""
    import healpy

    pixels = np.arange(healpy.nside2npix(nside))
    return np.stack(healpy.pix2vec(nside, pixels), axis=-1)


def ring_sums(on_sky: NDArray[Any], nside: int) -> NDArray[Any]:
    """Return the sums of a map (..., n_pixels) over each ring, (..., n_rings)."""
    first = np.searchsorted(ring_of_pixel(nside), np.arange(4 * nside - 1))
    return np.asarray(np.add.reduceat(on_sky, first, axis=-1))


def right_ascension_average(density: NDArray[np.float64], nside: int) -> NDArray[np.float64]:
    """Return a map averaged along each ring, (..., n_pixels) like the map."""
    rings = ring_of_pixel(nside)
    return np.asarray((ring_sums(density, nside) / np.bincount(rings))[..., rings])


def zone_shares(nside: int, cos_zenith_edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how each ring lies in bins of cos zenith, (n_rings, n_bins), each row summing to 1.

    A ring stands for the zone between the midpoints to its neighbours. `cos_zenith_edges` is (n_bins + 1,), -1 to 1.
    """
    rings = ring_of_pixel(nside)
    first_pixels = np.searchsorted(rings, np.arange(rings[-1] + 1))
    cos_zenith = -pixel_directions(nside)[first_pixels, 2]
    borders = np.concatenate([[-1.0], 0.5 * (cos_zenith[1:] + cos_zenith[:-1]), [1.0]])
    overlap = np.minimum(borders[1:, None], cos_zenith_edges[None, 1:]) - np.maximum(
        borders[:-1, None], cos_zenith_edges[None, :-1]
    )
    overlap = np.clip(overlap, 0.0, None)
    shares: NDArray[np.float64] = overlap / overlap.sum(axis=1, keepdims=True)
    return shares
