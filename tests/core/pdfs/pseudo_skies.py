"""Pseudo-skies: events drawn over one sky, and what the analysis finds in each with the background of that sky."""

from dataclasses import dataclass

import numpy as np

from core.likelihood.interval import LikelihoodInterval, likelihood_interval
from core.pdfs.background import BinnedBackground, background_of_sky
from core.pdfs.observed_sky import fitted_sky
from core.pdfs.sky import ring_of_pixel
from tests.core.pdfs.public_pairs import STATISTIC

N_RINGS = 4 * STATISTIC.nside - 1
FIRST_OF_RING = np.searchsorted(ring_of_pixel(STATISTIC.nside), np.arange(N_RINGS))
PIXELS_OF_RING = np.bincount(ring_of_pixel(STATISTIC.nside))


@dataclass(frozen=True, eq=False)
class Analysis:
    """What the analysis of a pair knows before it sees a sky: signal (n_classes, n_energies, n_pixels) and the bins."""

    signal: np.ndarray
    signal_average: np.ndarray
    bins: BinnedBackground

    def background(self, sky: np.ndarray) -> BinnedBackground:
        return background_of_sky(sky, STATISTIC.nside, self.bins.reco_energy_edges, self.bins.reco_cos_zenith_edges)

    def interval(self, sky: np.ndarray, background: BinnedBackground | None = None) -> LikelihoodInterval:
        """The fit of one sky in cells of its own ratio; its background, where not given, from the sky itself."""
        own = self.background(sky) if background is None else background
        treatment, n_cells = STATISTIC.background, STATISTIC.n_cells
        fitted = fitted_sky(sky, self.signal, self.signal_average, own, treatment, n_cells)
        assert fitted.counts.sum() == sky.sum()
        return likelihood_interval(fitted.counts[None, :], fitted.ratio)


@dataclass(frozen=True, eq=False)
class Truth:
    """What skies are drawn from: `background` (n_classes, n_energies, n_rings) expected events, even along a ring;
    `signal` (n_pool,) cells of many events of the signal, of which each sky gets some at random."""

    background: np.ndarray
    signal: np.ndarray

    def sky(self, n_background: int, n_signal: int, generator: np.random.Generator) -> np.ndarray:
        """Events in each cell, (n_classes, n_energies, n_pixels)."""
        shape = (*self.background.shape[:2], 12 * STATISTIC.nside**2)
        in_rings = generator.multinomial(n_background, self.background.ravel() / self.background.sum())
        outer, ring = np.divmod(np.repeat(np.arange(in_rings.size), in_rings), N_RINGS)
        pixel = FIRST_OF_RING[ring] + (generator.random(ring.size) * PIXELS_OF_RING[ring]).astype(np.int64)
        signal = self.signal[generator.integers(0, self.signal.size, n_signal)]
        cells = np.concatenate([outer * shape[2] + pixel, signal])
        return np.bincount(cells, minlength=int(np.prod(shape))).reshape(shape)

    def poisson_sky(self, mean_signal: float, generator: np.random.Generator) -> np.ndarray:
        """A sky of Poisson numbers of background and signal events: neither they nor their sum are fixed."""
        numbers = generator.poisson([self.background.sum(), mean_signal])
        return self.sky(*numbers, generator)


def fits_of_skies(analysis: Analysis, truth: Truth, mean_signal: float, n_skies: int, seed: int) -> LikelihoodInterval:
    """The intervals of n_s of so many Poisson skies."""
    generator = np.random.default_rng(seed)
    return together([analysis.interval(truth.poisson_sky(mean_signal, generator)) for _ in range(n_skies)])


def together(fits: list[LikelihoodInterval]) -> LikelihoodInterval:
    """The intervals of many skies as one."""
    low, best, high = (np.concatenate([getattr(fit, name) for fit in fits]) for name in ("low", "best", "high"))
    return LikelihoodInterval(low, best, high)
