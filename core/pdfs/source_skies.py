"""Pseudo-skies in the merged cells of many sources, each with the background that its own events give.

A sky is drawn in the parts that merged cells and rings of equal declination cut each other into, for each class and
energy: all that merged counts and a background even in right ascension depend on. It is the same as a sky drawn pixel
by pixel, at a hundredth of the cost.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.likelihood.j_profile import SkyLikelihood
from core.pdfs.sky import ring_of_pixel, zone_shares
from core.pdfs.source_information import SourceCells, SourcePatterns, summed_by

Reals = NDArray[np.float64]


@dataclass(frozen=True)
class SourceSky:
    """Events of one sky in merged cells and the background that the sky itself gives there, (n_cells,) each."""

    counts: Reals
    background: Reals

    def likelihood(self, excess: Reals, factors: ArrayLike = 1.0) -> SkyLikelihood:
        """Return what the sky says of its sources; `excess` (n_sources, n_cells) per strength at nominal J factors.

        `factors`: (n_sources,), the J factors that the analysis takes, over the nominal ones.
        """
        return SkyLikelihood.of_counts(self.counts, self._relative(excess, factors))

    def gaussian_likelihood(self, excess: Reals, factors: ArrayLike = 1.0) -> SkyLikelihood:
        """Return the same for Gaussian fits: by the projections of the counts and the information of the background."""
        relative = self._relative(excess, factors)
        information = (relative.T * self.background) @ relative
        return SkyLikelihood.gaussian(self.counts @ relative, information)

    def _relative(self, excess: Reals, factors: ArrayLike) -> Reals:
        seen = self.background > 0.0
        inverse = np.divide(1.0, self.background, out=np.zeros_like(self.background), where=seen)
        return np.ascontiguousarray((excess * inverse).T * np.broadcast_to(np.asarray(factors), excess.shape[:1]))


@dataclass(frozen=True)
class SourceSkies:
    """What pseudo-skies are drawn from: expected events in the parts of a sky.

    `background`: (n_parts,) expected events, `signal`: (n_sources, n_parts) per strength at nominal J factors. `cell`,
    `zone`: (n_parts,), the merged cell and the ring (of a class and energy) of each part; `share`: (n_parts,), the
    part's share of its ring's pixels. `spread`: (n_rings, n_rings), by which the counts of rings become expected events
    of rings through the bands of zenith in which the background is estimated.
    """

    background: Reals
    signal: Reals
    cell: NDArray[np.int64]
    zone: NDArray[np.int64]
    share: Reals
    spread: Reals
    n_cells: int

    @classmethod
    def of(cls, patterns: SourcePatterns, cells: SourceCells, reco_cos_zenith_edges: Reals) -> "SourceSkies":
        """Return them for a sky and its merged cells; the background is estimated in these bands of cos zenith."""
        from healpy import npix2nside

        n_classes, n_energies, n_pixels = patterns.shape
        nside = npix2nside(n_pixels)
        rings = ring_of_pixel(nside)
        n_rings = int(rings[-1]) + 1
        outer = np.repeat(np.arange(n_classes * n_energies), n_pixels)
        zone_of = outer * n_rings + np.tile(rings, n_classes * n_energies)
        n_zones = n_classes * n_energies * n_rings
        parts, part_of = np.unique(cells.cell_of * n_zones + zone_of, return_inverse=True)
        n_parts = parts.size
        zone = parts % n_zones
        pixels = np.bincount(rings)
        shares = zone_shares(nside, reco_cos_zenith_edges)
        in_bin = shares / (pixels @ shares)
        return cls(
            background=summed_by(part_of, patterns.background, n_parts),
            signal=np.array([summed_by(part_of, row, n_parts) for row in patterns.signal]),
            cell=parts // n_zones,
            zone=zone,
            share=np.bincount(part_of, minlength=n_parts) / pixels[zone % n_rings],
            spread=(shares @ in_bin.T) * pixels,
            n_cells=len(cells.background),
        )

    def draw(self, strengths: ArrayLike, generator: np.random.Generator) -> SourceSky:
        """Return a sky with Poisson numbers of events; `strengths` (n_sources,): of each source at its nominal J."""
        mean = self.background + np.asarray(strengths, dtype=np.float64) @ self.signal
        counts = generator.poisson(mean).astype(np.float64)
        n_rings = len(self.spread)
        n_zones = (int(self.zone.max()) // n_rings + 1) * n_rings
        of_rings = summed_by(self.zone, counts, n_zones).reshape(-1, n_rings)
        expected = (of_rings @ self.spread).ravel()
        background = summed_by(self.cell, self.share * expected[self.zone], self.n_cells)
        return SourceSky(summed_by(self.cell, counts, self.n_cells), background)
