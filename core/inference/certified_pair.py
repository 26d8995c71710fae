"""Pseudo-skies of a pair of channel and mass, fitted as its observed sky is: each with the background that it gives.

Skies are drawn (`core.pdfs.source_skies`) with given strengths of their sources; the background, and with it the ratio
of signal to background, is estimated from each anew. The trials behind its limit are of that background: a sky that
holds more signal gives more background, and its trials have less to show for the same signal.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from core.likelihood.closed_form import CONFIDENCE
from core.likelihood.fit import fit_n_s
from core.likelihood.interval import interval_about
from core.likelihood.model import TrialModel
from core.pdfs.sky_model import SkyModel
from core.pdfs.source_information import SourceCells, SourcePatterns, pair_information, summed_by
from core.pdfs.source_skies import SourceSkies, SourceSky
from core.trials.run import run_trials

Reals = NDArray[np.float64]


@dataclass(frozen=True)
class SkyFits:
    """Fits of pseudo-skies of one truth, (n_skies,) each: n_s, its signed root of TS, 68 % interval and limit.

    `exceeding`: the share of trials of the sky's own background at the true n_s whose root is above the sky's own; nan
    where no such trials were drawn.
    """

    n_s: Reals
    root: Reals
    low: Reals
    high: Reals
    limit: Reals
    exceeding: Reals


@dataclass(frozen=True)
class CertifiedPair:
    """What pseudo-skies of a pair are drawn from and fitted with.

    `skies`: draws of background and of the signal of each source. `cells`: the merged cells that are fitted.
    `takes_background`: whether the analysis takes its background from the sky; else it is known.
    """

    skies: SourceSkies
    cells: SourceCells
    takes_background: bool

    @classmethod
    def of(
        cls, patterns: SourcePatterns, cells: SourceCells, treatment: str, reco_cos_zenith_edges: Reals
    ) -> "CertifiedPair":
        """Return it from the patterns of a pair's sources and the cells that these are merged into."""
        return cls(SourceSkies.of(patterns, cells, reco_cos_zenith_edges), cells, treatment == "data")

    @property
    def n_s_per_strength(self) -> float:
        """The expected signal events of nominal J factors per strength."""
        return float(self.cells.signal.sum())

    def signal_sky(self, strengths: ArrayLike = 1.0, factors: ArrayLike = 1.0) -> SourceSky:
        """Return the expected events of signal alone in the cells, and what they add to the background's estimate."""
        sources = np.broadcast_to(np.asarray(strengths, dtype=np.float64), (len(self.cells.signal),))
        return self.skies.sky_of(self.skies.expected(sources, factors) - self.skies.background)

    def expected_model(self, strengths: ArrayLike, factors: ArrayLike = 1.0) -> TrialModel:
        """Return the model of trials of the sky that is expected at strengths and factors as of `SourceSkies`.

        Its ratio is that of nominal J factors, its signal that of the strengths; of strengths 0 the nominal one.
        """
        bare, added = self.skies.sky_of(self.skies.background), self.signal_sky(strengths, factors)
        sky = SourceSky(bare.counts + added.counts, bare.background + added.background)
        return self.model_of(sky, added if added.counts.any() else self.signal_sky())

    def model_of(self, sky: SourceSky, signal: SourceSky) -> TrialModel:
        """Return the model of trials of a sky with its own background, and with signal as of `signal_sky`."""
        background = sky.background if self.takes_background else self.cells.background
        return TrialModel.joint(
            background / background.sum(),
            signal.counts / signal.counts.sum(),
            self.ratio(sky),
            round(float(sky.counts.sum())),
            signal.background / signal.background.sum() if self.takes_background else None,
        )

    def ratio(self, sky: SourceSky) -> Reals:
        """Return R of the merged cells to the background that the analysis of a sky takes, (n_cells,)."""
        background = sky.background if self.takes_background else self.cells.background
        per_event = self.cells.excess.sum(axis=0) / self.n_s_per_strength
        seen = background > 0.0
        relative = np.divide(per_event * background.sum(), background, out=np.zeros_like(per_event), where=seen)
        return np.asarray(1.0 + relative)

    def fit(self, sky: SourceSky, drop: float) -> tuple[float, float, float, float, float]:
        """Return n_s, root, interval and limit of one sky, `drop` that of 2 ln L at its limit."""
        counts, ratio = sky.counts[np.newaxis].astype(np.int64), self.ratio(sky)
        found = fit_n_s(counts, ratio, allow_negative=True)
        signed = float(found.test_statistic[0])
        interval = interval_about(counts, ratio, found.n_s)
        limit = interval_about(counts, ratio, found.n_s, drop + max(-signed, 0.0)).high[0]
        root = np.sign(signed) * np.sqrt(abs(signed))
        return float(found.n_s[0]), float(root), float(interval.low[0]), float(interval.high[0]), float(limit)


def ratio_source_cells(sky: SkyModel, patterns: SourcePatterns) -> SourceCells:
    """Return the patterns of a pair's sources merged into the cells of its own fit.

    The sky has all energies of the sample, the patterns those of the pair's window.
    """
    n_classes, _, n_pixels = patterns.shape
    by_energy = sky.cell_of.reshape(n_classes, -1, n_pixels)
    inside = (by_energy >= 0).any(axis=(0, 2))
    cell_of, n_cells = by_energy[:, inside].ravel(), sky.model.n_cells
    # Where no background event has been seen the sky has no say: there R is 1.
    cell_of = np.where(cell_of < 0, int(np.argmin(np.abs(sky.model.ratio[0] - 1.0))), cell_of)
    background = summed_by(cell_of, patterns.background, n_cells)
    signal, excess = (
        np.array([summed_by(cell_of, row, n_cells) for row in rows]) for rows in (patterns.signal, patterns.excess)
    )
    own, before = np.diag(pair_information(excess, background)), np.diag(patterns.information)
    loss = 1.0 - np.divide(own, before, out=np.ones_like(own), where=before > 0.0)
    lost = 1.0 - float(pair_information(excess, background).sum() / patterns.information.sum())
    return SourceCells(patterns.sources, background, signal, excess, cell_of, lost, loss)


def fits_of_skies(
    pair: CertifiedPair,
    strength: float,
    n_skies: int,
    generator: np.random.Generator,
    confidence: float = CONFIDENCE,
    n_own_trials: int = 0,
) -> SkyFits:
    """Return the fits of skies drawn at a strength with nominal J factors, each with the background that it gives.

    n_own_trials: trials of each sky's own background at the true strength.
    """
    draws = pair.skies.draws(pair.skies.expected(np.full(len(pair.cells.signal), strength)))
    truth = strength * pair.n_s_per_strength
    drop, signal, rows = float(ndtri(confidence)) ** 2, pair.signal_sky(), []
    for _ in range(n_skies):
        sky = draws.sky(generator)
        found = pair.fit(sky, drop)
        exceeding = np.nan
        if n_own_trials:
            seed = int(generator.integers(2**62))
            exceeding = share_above(pair.model_of(sky, signal), found[1], truth, n_own_trials, seed)
        rows.append((*found, exceeding))
    return SkyFits(*np.array(rows, dtype=np.float64).reshape(n_skies, 6).T)


def share_above(model: TrialModel, root: float, n_s: float, n_trials: int, seed: int) -> float:
    """Return the rank of a sky's signed root among trials with a Poisson mean n_s, the sky itself one more, in (0, 1).

    If trials describe the sky the rank is as likely each of (j + 1/2)/(n_trials + 1).
    """
    found = run_trials(model, n_trials, n_s, seed, poisson=n_s > 0.0).test_statistic_signed
    above = np.count_nonzero(np.sign(found) * np.sqrt(np.abs(found)) > root)
    return (above + 0.5) / (n_trials + 1.0)
