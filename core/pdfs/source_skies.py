"""Pseudo-skies in the merged cells of many sources, each with the background that its own events give.

A sky is drawn in the parts that merged cells and zones cut each other into, for each class and energy, a zone being all
rings of equal declination that lie alike in the bands of zenith of the background: all that merged counts and the
background's estimate depend on. It is the same as a sky drawn pixel by pixel, at a hundredth of the cost.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_matrix

from core.likelihood.j_profile import SkyLikelihood
from core.pdfs.sky import ring_of_pixel, zone_shares
from core.pdfs.source_information import SourceCells, SourcePatterns, summed_by
from core.random.alias_tables import CountTables, count_tables
from core.random.draws import Stream, draw_categories

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
    `zone`: (n_parts,), the merged cell and the zone (of a class and energy) of each part; `share`: (n_parts,), the
    part's share of its zone's pixels. `spread`: (n_zones, n_zones) of one class and energy, by which counts become
    expected events through the bands in which the background is estimated. `zone_of_ring`: (n_rings,).
    """

    background: Reals
    signal: Reals
    cell: NDArray[np.int64]
    zone: NDArray[np.int64]
    share: Reals
    spread: Reals
    n_cells: int
    zone_of_ring: NDArray[np.int64]

    @classmethod
    def of(cls, patterns: SourcePatterns, cells: SourceCells, reco_cos_zenith_edges: Reals) -> "SourceSkies":
        """Return them for a sky and its merged cells; the background is estimated in these bands of cos zenith."""
        from healpy import npix2nside

        n_classes, n_energies, n_pixels = patterns.shape
        nside = npix2nside(n_pixels)
        shares, zone_of_ring = np.unique(zone_shares(nside, reco_cos_zenith_edges), axis=0, return_inverse=True)
        own_zone, n_own = zone_of_ring.ravel()[ring_of_pixel(nside)], len(shares)
        outer = np.repeat(np.arange(n_classes * n_energies), n_pixels)
        zone_of = outer * n_own + np.tile(own_zone, n_classes * n_energies)
        n_zones = n_classes * n_energies * n_own
        parts, part_of = np.unique(cells.cell_of * n_zones + zone_of, return_inverse=True)
        n_parts = parts.size
        zone = parts % n_zones
        pixels = np.bincount(own_zone)
        in_bin = shares / (pixels @ shares)
        return cls(
            background=summed_by(part_of, patterns.background, n_parts),
            signal=np.array([summed_by(part_of, row, n_parts) for row in patterns.signal]),
            cell=parts // n_zones,
            zone=zone,
            share=np.bincount(part_of, minlength=n_parts) / pixels[zone % n_own],
            spread=(shares @ in_bin.T) * pixels,
            n_cells=len(cells.background),
            zone_of_ring=zone_of_ring.ravel(),
        )

    def expected(self, strengths: ArrayLike, factors: ArrayLike = 1.0) -> Reals:
        """Return the expected events of each part, (n_parts,).

        `strengths` (n_sources,): of each source at its nominal J factor. `factors`: by which the signal of each class
        and energy is more than nominal, (n_classes n_energies,), or one number.
        """
        signal = np.asarray(strengths, dtype=np.float64) @ self.signal
        more = np.asarray(factors, dtype=np.float64)
        return np.asarray(self.background + signal * (more if more.size == 1 else more[self.zone // len(self.spread)]))

    def sky_of(self, counts: Reals) -> SourceSky:
        """Return the sky with so many events in its parts, (n_parts,), and the background that they give."""
        n_zones = self._shares.shape[1]
        return self.sky_of_zones(summed_by(self.cell, counts, self.n_cells), summed_by(self.zone, counts, n_zones))

    def draws(self, expected: Reals) -> "SkyDraws":
        """Return what skies of expected events in parts, (n_parts,), are drawn from."""
        return SkyDraws(self, float(expected.sum()), count_tables(expected[np.newaxis], np.ones(1, dtype=np.int64)))

    def draw(self, strengths: ArrayLike, generator: np.random.Generator) -> SourceSky:
        """Return a sky with Poisson numbers of events; `strengths` (n_sources,): of each source at its nominal J."""
        return self.draws(self.expected(strengths)).sky(generator)

    def sky_of_events(self, part: NDArray[np.int64]) -> SourceSky:
        """Return the sky of events of which each lies in a part, (n_events,), and the background that they give."""
        cells = np.bincount(self.cell[part], minlength=self.n_cells)
        zones = np.bincount(self.zone[part], minlength=self._shares.shape[1])
        return self.sky_of_zones(cells.astype(np.float64), zones.astype(np.float64))

    def sky_of_zones(self, in_cells: Reals, in_zones: Reals) -> SourceSky:
        """Return the sky of events in merged cells, (n_cells,), and in the zones of each class and energy, flat."""
        expected = (in_zones.reshape(-1, len(self.spread)) @ self.spread).ravel()
        return SourceSky(in_cells, np.asarray(self._shares @ expected))

    @cached_property
    def _shares(self) -> csr_matrix:
        """The share of each zone's pixels that lies in each cell, (n_cells, n_zones)."""
        n_own = len(self.spread)
        n_zones = (int(self.zone.max()) // n_own + 1) * n_own
        return csr_matrix((self.share, (self.cell, self.zone)), shape=(self.n_cells, n_zones))


@dataclass(frozen=True)
class SkyDraws:
    """Skies with the same expected events in their parts: `mean` events in all, each in a part of the `tables`."""

    skies: SourceSkies
    mean: float
    tables: CountTables

    def sky(self, generator: np.random.Generator) -> SourceSky:
        """Return a sky with a Poisson number of events; its random numbers follow from one of the generator's."""
        stream = Stream(int(generator.integers(2**62)), 0, 0, 0)
        return self.skies.sky_of_events(draw_categories(self.tables, int(generator.poisson(self.mean)), stream))
