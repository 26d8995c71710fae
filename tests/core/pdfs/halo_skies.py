"""Pseudo-skies with galaxies and halo, and what each treatment finds in them with the background of that sky."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.likelihood.interval import LikelihoodInterval
from core.likelihood.two_templates import fit_two_templates, profiled_drop
from core.pdfs.background import background_on_sky
from core.pdfs.joint_cells import merge_events_jointly
from core.pdfs.ratio import sky_ratio
from core.pdfs.sky import ring_sums
from tests.core.pdfs.halo_pairs import HaloPair, on_cells
from tests.core.pdfs.pseudo_skies import Analysis, Truth, fits_of_skies
from tests.core.pdfs.public_pairs import STATISTIC

N_POOL = 1_000_000


@dataclass(frozen=True)
class FreeFits:
    """Fits of skies with a free halo, each (n_skies,): galaxies, halo, and the drop of 2 ln L to the true number."""

    n_signal: np.ndarray
    n_beside: np.ndarray
    drop: np.ndarray


@dataclass(frozen=True, eq=False)
class HaloSkies:
    """Skies of one pair whose background is the public sample's."""

    both: HaloPair

    @cached_property
    def background(self) -> np.ndarray:
        """Expected events of the background in rings, (n_classes, n_energies, n_rings)."""
        return ring_sums(self.both.pair.sky()[2], STATISTIC.nside) * self.both.n_events

    def galaxies_alone(self, n_halo: float, n_skies: int, seed: int) -> LikelihoodInterval:
        """Fits of galaxies alone in skies that hold a Poisson number of halo events and none of galaxies."""
        signal, average, _ = self.both.pair.sky()
        truth = Truth(self.background, pool(on_cells(self.both.halo)[0], seed))
        return fits_of_skies(self._analysis(signal, average), truth, n_halo, n_skies, seed)

    def at_one_cross_section(self, mean_events: float, n_skies: int, seed: int) -> LikelihoodInterval:
        """Fits of galaxies and halo at one cross section in skies that hold both so."""
        signal, average = on_cells(self.both.together())
        truth = Truth(self.background, pool(signal, seed))
        return fits_of_skies(self._analysis(signal, average), truth, mean_events, n_skies, seed)

    def beside_a_free_halo(self, n_signal: float, n_halo: float, n_skies: int, seed: int) -> FreeFits:
        """Fits of galaxies beside a free halo in skies that hold Poisson numbers of both."""
        signal, average, _ = self.both.pair.sky()
        halo, halo_average = on_cells(self.both.halo)
        analysis = self._analysis(signal, average)
        generator = np.random.default_rng(seed)
        galaxies, smooth = (Truth(self.background, pool(each, seed)) for each in (signal, halo))
        found = np.zeros((n_skies, 3))
        for fit in found:
            sky = galaxies.poisson_sky(n_signal, generator) + smooth.sky(0, int(generator.poisson(n_halo)), generator)
            on_sky = background_on_sky(analysis.background(sky), STATISTIC.nside)
            ratios = (
                sky_ratio(each, mean, on_sky, STATISTIC.background)
                for each, mean in ((signal, average), (halo, halo_average))
            )
            counts, *merged = merge_events_jointly(sky, *ratios, on_sky)
            best = fit_two_templates(counts[None, :], *merged)
            drop = profiled_drop(counts[None, :], *merged, n_signal)
            fit[:] = best.n_signal[0], best.n_beside[0], drop[0]
        return FreeFits(*found.T)

    def _analysis(self, signal: np.ndarray, average: np.ndarray) -> Analysis:
        return Analysis(signal, average, self.both.pair.binned_background)


def pool(signal: np.ndarray, seed: int) -> np.ndarray:
    """Cells of many events of a signal, (N_POOL,)."""
    return np.searchsorted(np.cumsum(signal), np.random.default_rng(seed).random(N_POOL) * signal.sum())
