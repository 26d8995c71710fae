"""A certificate of skies whose J factors, and whose detector, are not quite what the analysis takes them for.

Each sky has J factors drawn about the catalogue's within the errors of each value, log-normal, and where the sample has
hyperplanes the detector's parameters; the analysis keeps to the nominal ones. Limits with the detector marginalised
average its draws as `detector_limit` does; behind those with J factors marginalised are trials of the skies' own draws:
a sky's expected counts with Poisson errors, fitted with the background that is expected of it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from core.inference.certificate import Row, TrialsOfPair, exceeding, judged_rows, of_fits
from core.inference.certified_pair import CertifiedPair, SkyFits
from core.likelihood.closed_form import CONFIDENCE
from core.likelihood.fit import fit_n_s
from core.likelihood.j_profile import FactorErrors, profiled_strength
from core.pdfs.source_skies import SourceSky

Reals = NDArray[np.float64]

OVER_SENSITIVITY = (0.5, 1.0, 2.0, 5.0)
N_TRIALS = 8  # of each sky's own draw
# Of so many skies one is fitted with J factors profiled: that takes as long as a hundred other fits.
SKIES_PER_PROFILED = 8


@dataclass(frozen=True)
class DrawnTruths:
    """What is true of each sky: J over its nominal value (n_skies, n_sources), and factors of the signal of each class
    and energy (n_skies, n_parts)."""

    j_factors: Reals
    parts: Reals

    @classmethod
    def of(cls, errors: FactorErrors | None, n_sources: int, parts: Reals, seed: int) -> "DrawnTruths":
        """Return one a draw of the detector (n_skies, n_parts); without errors J factors are nominal."""
        n_skies = len(parts)
        if errors is None:
            return cls(np.ones((n_skies, n_sources)), parts)
        normal = np.random.default_rng([seed, n_skies]).normal(size=(n_skies, n_sources))
        return cls(np.exp(errors.shifts(normal)), parts)


@dataclass(frozen=True)
class DrawnFits:
    """Fits of skies with drawn truths, their true mean n_s, and the signed roots of trials, (n_skies, n_trials)."""

    fits: SkyFits
    n_s_true: Reals
    trials: Reals

    @property
    def exceeding(self) -> Reals:
        """The share of all trials above each sky's root, (n_skies,)."""
        return share_above(self.trials.ravel(), self.fits.root)


def drawn_fits(
    pair: CertifiedPair,
    strength: float,
    truths: DrawnTruths,
    generator: np.random.Generator,
    confidence: float,
    n_trials: int = N_TRIALS,
) -> DrawnFits:
    """Return the fits of a sky and its trials a truth, at a strength."""
    drop, rows, n_s, trials = float(ndtri(confidence)) ** 2, [], [], []
    for j_factors, parts in zip(truths.j_factors, truths.parts, strict=True):
        expected = pair.skies.expected(strength * j_factors, parts)
        sky = pair.skies.sky_of(generator.poisson(expected).astype(np.float64))
        rows.append((*pair.fit(sky, drop), np.nan))
        n_s.append(expected.sum() - pair.skies.background.sum())
        trials.append(_trial_roots(pair, pair.skies.sky_of(expected), generator, n_trials))
    fits = SkyFits(*np.array(rows, dtype=np.float64).reshape(len(rows), 6).T)
    return DrawnFits(fits, np.array(n_s), np.array(trials))


def profiled_covers(
    pair: CertifiedPair,
    strength: float,
    truths: DrawnTruths,
    errors: FactorErrors,
    drop: float,
    generator: np.random.Generator,
) -> NDArray[np.bool_]:
    """Return whether limits with J factors profiled cover a strength, a sky a truth, (n_skies,).

    `pair`: in cells that tell sources apart; `drop`: of 2 ln L at the limit, as calibrated.
    """
    covers = []
    for j_factors, parts in zip(truths.j_factors, truths.parts, strict=True):
        expected = pair.skies.expected(strength * j_factors, parts)
        sky = pair.skies.sky_of(generator.poisson(expected).astype(np.float64))
        found = profiled_strength(sky.likelihood(pair.cells.excess), errors, drop)
        covers.append(found.upper_limit >= strength)
    return np.array(covers, dtype=bool)


def detector_rows(
    pair: CertifiedPair,
    sensitivity: float,
    n_s_uncertainty: float,
    detectors: Reals,
    nodes: Reals,
    seed: int,
    confidence: float = CONFIDENCE,
) -> list[Row]:
    """Return rows of skies with drawn detectors, (n_skies, n_parts) factors of the signal, and nominal J factors.

    Of limits whose trials keep the detector nominal, and of those that average over `nodes` of drawn detectors, as of
    `detector_limit.quantile_nodes`.
    """
    truths = DrawnTruths.of(None, len(pair.cells.signal), detectors, seed)
    rows: list[Row] = []
    for number, strength in enumerate(_strengths(pair, sensitivity)):
        generator = np.random.default_rng([seed, 1, number])
        found = drawn_fits(pair, strength, truths, generator, confidence, n_trials=0)
        truth = strength * pair.n_s_per_strength
        trials = TrialsOfPair.drawn(pair.expected_model(strength), n_s_uncertainty, truth, seed)
        fixed, averaged = (exceeding(found.fits, trials, truth, each) for each in (np.ones(1), nodes))
        kinds = {
            "upper_limit_unfloored_detector_drawn": fixed <= confidence,
            "upper_limit_marginalised_detector": averaged <= confidence,
        }
        common = {**of_fits(found.fits, found.n_s_true, averaged), "strength_true": strength}
        rows += judged_rows(common, kinds, n_s_uncertainty, confidence)
    return rows


def j_drawn_rows(
    pair: CertifiedPair,
    by_source: CertifiedPair,
    errors: FactorErrors,
    profiled_drop: float,
    sensitivity: float,
    n_s_uncertainty: float,
    detectors: Reals,
    seed: int,
    confidence: float = CONFIDENCE,
) -> list[Row]:
    """Return rows of skies with drawn J factors and detectors: limits with J factors fixed, marginalised and profiled.

    `by_source`: the pair in cells that tell its sources apart; `profiled_drop`: of 2 ln L, as calibrated.
    """
    truths = DrawnTruths.of(errors, len(pair.cells.signal), detectors, seed)
    few = DrawnTruths(truths.j_factors[::SKIES_PER_PROFILED], truths.parts[::SKIES_PER_PROFILED])
    rows: list[Row] = []
    for number, strength in enumerate(_strengths(pair, sensitivity)):
        generator = np.random.default_rng([seed, 2, number])
        found = drawn_fits(pair, strength, truths, generator, confidence)
        fixed = nominal_roots(pair, strength, found.trials.size, generator)
        kinds = {
            "upper_limit_unfloored_j_drawn": share_above(fixed, found.fits.root) <= confidence,
            "upper_limit_marginalised_j": found.exceeding <= confidence,
            "upper_limit_profiled_j": profiled_covers(by_source, strength, few, errors, profiled_drop, generator),
        }
        common = {**of_fits(found.fits, found.n_s_true, found.exceeding), "strength_true": strength}
        rows += judged_rows(common, kinds, n_s_uncertainty, confidence)
    return rows


def nominal_roots(pair: CertifiedPair, strength: float, n_trials: int, generator: np.random.Generator) -> Reals:
    """Return signed roots of trials of what the analysis takes for true at a strength, (n_trials,)."""
    mean = pair.skies.sky_of(pair.skies.expected(np.full(len(pair.cells.signal), strength)))
    return _trial_roots(pair, mean, generator, n_trials)


def share_above(trials: Reals, root: Reals) -> Reals:
    """Return the ranks of roots among trials, each one more of them, as shares of those above, (n,)."""
    ordered = np.sort(trials)
    above = ordered.size - np.searchsorted(ordered, root, side="right")
    return np.asarray((above + 0.5) / (ordered.size + 1.0))


def _strengths(pair: CertifiedPair, sensitivity: float) -> list[float]:
    return [factor * sensitivity / pair.n_s_per_strength for factor in OVER_SENSITIVITY]


def _trial_roots(pair: CertifiedPair, mean: SourceSky, generator: np.random.Generator, n: int) -> Reals:
    """Return signed roots of trials of the sky that is expected, (n,)."""
    counts = generator.poisson(mean.counts, size=(n, mean.counts.size))
    found = fit_n_s(counts, pair.ratio(mean), allow_negative=True).test_statistic
    return np.asarray(np.sign(found) * np.sqrt(np.abs(found)))
