"""One sky of events with stacked sources: a problem that unbinned and counting contestants can both solve.

Sources are points of given weight, all events have one angular error sigma, and background is uniform over the sphere.
The signal density at an angle psi from a source is the Rayleigh law of psi on the sphere,

    S(psi) = psi/sin(psi) exp(-psi^2/(2 sigma^2)) / (2 pi sigma^2) per sr,

so that an event has R = 4 pi sum_k w_k S(psi_k).
"""

from dataclasses import dataclass

import healpy
import numpy as np
from numpy.typing import NDArray

from benchmarks.problems import N_BINS
from core.coordinates import angular_separation
from core.likelihood.model import TrialModel
from core.pdfs.ratio import RatioCells, merge_cells, merge_events

Reals = NDArray[np.float64]

NSIDE = 128  # pixels of half a degree


@dataclass(frozen=True)
class OneSky:
    """Sources at ra, dec (n_sources,) rad with weights (n_sources,) summing to 1; angular error in rad; events."""

    ra: Reals
    dec: Reals
    weights: Reals
    angular_error: float
    n_events: int


def one_sky_problem(n_sources: int, n_events: int, angular_error: float = np.pi / 18.0) -> OneSky:
    """Return sources anywhere on the sky, their weights spread over two decades."""
    rng = np.random.default_rng(20)
    weights = 10.0 ** rng.uniform(-2.0, 0.0, n_sources)
    ra, dec = _uniform_directions(n_sources, rng)
    return OneSky(ra, dec, weights / weights.sum(), angular_error, n_events)


def drawn_events(sky: OneSky, n_injected: int, rng: np.random.Generator) -> tuple[Reals, Reals]:
    """Return ra and dec (n_events,) rad of a sky's events, of which n_injected are signal."""
    ra, dec = _uniform_directions(sky.n_events, rng)
    source = rng.choice(sky.weights.size, size=n_injected, p=sky.weights)
    angle = np.full(n_injected, np.inf)
    while np.any(beyond := angle > np.pi):
        angle[beyond] = rng.rayleigh(sky.angular_error, np.count_nonzero(beyond))
    bearing = rng.uniform(0.0, 2.0 * np.pi, n_injected)
    sine, cosine = np.sin(sky.dec[source]), np.cos(sky.dec[source])
    sine_dec = sine * np.cos(angle) + cosine * np.sin(angle) * np.cos(bearing)
    east = np.sin(bearing) * np.sin(angle)
    north = cosine * np.cos(angle) - sine * np.sin(angle) * np.cos(bearing)
    ra[:n_injected] = (sky.ra[source] + np.arctan2(east, north)) % (2.0 * np.pi)
    dec[:n_injected] = np.arcsin(np.clip(sine_dec, -1.0, 1.0))
    return ra, dec


def ratio_of_directions(sky: OneSky, ra: Reals, dec: Reals) -> Reals:
    """Return R = S/B of directions (n,) rad."""
    ratio = np.zeros(ra.size)
    for source_ra, source_dec, weight in zip(sky.ra, sky.dec, sky.weights, strict=True):
        angle = angular_separation(source_ra, source_dec, ra, dec)
        ratio += weight * np.exp(-0.5 * (angle / sky.angular_error) ** 2) / np.sinc(angle / np.pi)
    return ratio * 2.0 / sky.angular_error**2


def pixel_ratio(sky: OneSky) -> Reals:
    """Return R at the centres of the sky's pixels, (n_pixels,)."""
    longitude, latitude = healpy.pix2ang(NSIDE, np.arange(healpy.nside2npix(NSIDE)), lonlat=True)
    return ratio_of_directions(sky, np.radians(longitude), np.radians(latitude))


def merged_sky(ratio: Reals, n_cells: int) -> RatioCells:
    """Return the sky's pixels, whose R is `ratio` (n_pixels,), merged into at most n_cells cells."""
    return merge_cells(ratio, np.full(ratio.size, 1.0 / ratio.size), ratio / ratio.sum(), n_cells)


def merged_model(sky: OneSky, cells: RatioCells) -> TrialModel:
    """Return the model of trials in merged cells."""
    return TrialModel.joint(cells.background, cells.signal, cells.ratio, sky.n_events)


def merged_counts(event_ratio: Reals, ratio: Reals, n_cells: int) -> tuple[NDArray[np.int64], Reals]:
    """Return events of R `event_ratio` (n_events,) counted in the merged cells of pixels' `ratio`, and the cells' R.

    An event counts by its own R, as a cell of the sky that holds it and no background.
    """
    counts = np.repeat([0, 1], [ratio.size, event_ratio.size])
    background = np.repeat([1.0 / ratio.size, 0.0], [ratio.size, event_ratio.size])
    return merge_events(counts, np.concatenate([ratio, event_ratio]), background, n_cells)


def pattern_problem(n_sources: int, nside: int, n_events: int = 40_902) -> TrialModel:
    """Return the published statistic on one sky: its pixels by the 36 bins of angle of all sources at once."""
    sky = one_sky_problem(n_sources, n_events, angular_error=0.35)
    n_pixels = healpy.nside2npix(nside)
    colatitude, longitude = healpy.pix2ang(nside, np.arange(n_pixels))
    places = zip(sky.ra, sky.dec, strict=True)
    angles = np.array([angular_separation(ra, dec, longitude, np.pi / 2.0 - colatitude) for ra, dec in places])
    signal = np.exp(-0.5 * (angles / sky.angular_error) ** 2)
    bins = np.minimum((angles / np.pi * N_BINS).astype(np.int64), N_BINS - 1)
    background = np.full(n_pixels, 1.0 / n_pixels)
    return TrialModel.one_sky(background, signal / signal.sum(axis=1, keepdims=True), bins, sky.weights, n_events)


def _uniform_directions(n_directions: int, rng: np.random.Generator) -> tuple[Reals, Reals]:
    return rng.uniform(0.0, 2.0 * np.pi, n_directions), np.arcsin(rng.uniform(-1.0, 1.0, n_directions))
