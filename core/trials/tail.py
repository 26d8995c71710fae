"""The far tail of the test statistic of background: p-values and thresholds to 5 sigma by importance sampling.

Each event set of a trial is drawn from a mixture of signal tilts, p_j ~ p [1 + mu_j/N (R - 1)], one of them no tilt,
and weighs p/sum_j a_j p_j, the likelihood ratio of its counts, in closed form. The mixture's mean strength is spread
over the sources so that all combinations are met that reach far: a source of weight w has a tilted z of about the
variance 1/(1 - q w/w_max). Answers are unbiased for any mixture and carry their error and effective sample size.
The asymptotic law stands beside them, never instead of them.
"""

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.compiled import compiled_fused
from core.errors import PhysicsError
from core.likelihood.fit import empty_counts, n_s_limits
from core.likelihood.model import TrialModel
from core.likelihood.series import LANES
from core.likelihood.two_templates import ratio_beside_free
from core.random.alias_tables import CountTables, count_tables
from core.random.draws import Stream, draw_categories, draw_counts
from core.random.streams import TILT_PART, check_stream
from core.trials.run import fitted_sources

THREE_SIGMA = 1.349898e-3
FIVE_SIGMA = 2.866516e-7

_STRENGTHS = np.arange(1.0, 8.0)  # standard deviations of n_s
_ONE_SKY_STRENGTHS = np.array([2.0, 4.0, 6.0])
_N_ONE_SKY_SOURCES = 6
_REACH = 0.9  # q above: how near the tilt comes to the heaviest source's own tail
_TILT_LABEL = 2**24 - 1
_CHUNK = 4096


class TailProbability(NamedTuple):
    """A p-value, its statistical error and the effective number of trials behind it."""

    p_value: float
    error: float
    n_effective: float


class TailThreshold(NamedTuple):
    """The test statistic that a p-value belongs to, its statistical error and the effective number of trials."""

    test_statistic: float
    error: float
    n_effective: float


@dataclass(frozen=True)
class TailSample:
    """Weighted background trials: bounded test_statistic and log_weight, each (n_trials,)."""

    test_statistic: NDArray[np.float64]
    log_weight: NDArray[np.float64]

    def p_value(self, threshold: float) -> TailProbability:
        """Return the probability of a background TS above a threshold."""
        weights = np.where(self.test_statistic > threshold, np.exp(self.log_weight), 0.0)
        n_trials = weights.size
        p_value = float(weights.sum()) / n_trials
        square = float(np.sum(weights**2))
        error = math.sqrt(max(square / n_trials - p_value**2, 0.0) / n_trials)
        return TailProbability(p_value, error, float(weights.sum()) ** 2 / square if square > 0.0 else 0.0)

    def threshold(self, p_value: float) -> TailThreshold:
        """Return the TS that background exceeds with a probability; PhysicsError if the trials do not reach it."""
        order = np.argsort(-self.test_statistic)
        above = np.cumsum(np.exp(self.log_weight[order])) / order.size
        if not above[0] <= p_value <= above[-1]:
            raise PhysicsError(
                f"p-value {p_value:.3g} is outside {above[0]:.3g} ... {above[-1]:.3g} of these trials: make more"
            )
        statistic = self.test_statistic[order]
        here = float(np.interp(p_value, above, statistic))
        _, error, n_effective = self.p_value(here)
        near = np.interp([p_value - error, p_value + error], above, statistic)
        return TailThreshold(here, float(abs(near[0] - near[1])) / 2.0, n_effective)


def tail_sample(
    model: TrialModel, n_trials: int, seed: int = 0, first_trial: int = 0, n_threads: int = 1
) -> TailSample:
    """Return weighted background trials of a model; numbers depend on seed and trial index alone, as in run_trials."""
    check_stream(int(seed), int(first_trial), int(n_trials))
    mixtures = [_Mixture.of(model, draw) for draw in range(model.n_draws)]
    statistic, log_weight = np.zeros(n_trials), np.zeros(n_trials)
    chunk = max(LANES, min(_CHUNK, 2**20 // (4 * model.n_cells) // LANES * LANES))

    def work(start: int) -> None:
        here = slice(start, min(start + chunk, n_trials))
        for draw, mixture in enumerate(mixtures):
            counts, weights = mixture.drawn(
                here.stop - start, seed, draw, first_trial + start, int(model.draw_events[draw])
            )
            log_weight[here] += weights
            for source, fit in fitted_sources(model, draw, counts, here.stop - start):
                statistic[here] += model.weights[source] * fit.bounded.test_statistic

    with ThreadPoolExecutor(max(1, n_threads)) as pool:
        list(pool.map(work, range(0, n_trials, chunk)))
    return TailSample(statistic, log_weight)


@dataclass(frozen=True)
class AsymptoticLaw:
    """The law of sum_k w_k max(0, Z_k)^2, Z_k independent normal, stretched by a scale fitted to trials.

    With one source it is half a chi-square of one degree of freedom, half an atom at 0. Holds for many events and
    sources that share none; weights: (n_sources,).
    """

    weights: NDArray[np.float64]
    scale: float = 1.0

    @classmethod
    def fitted(cls, weights: NDArray[np.float64], test_statistic: NDArray[np.float64]) -> "AsymptoticLaw":
        """Return the law whose mean is that of bounded background TS (n_trials,)."""
        return cls(weights, float(np.mean(test_statistic)) / (0.5 * float(weights.sum())))

    def p_value(self, threshold: float) -> float:
        """Return P(TS > threshold), by inversion of the generating function M along a parabola round its cut.

        P = 1/(2 pi i) int [M(s) - M(-inf)] exp(-s t)/s ds, M(s) = prod_k [1 + (1 - 2 s w_k)^(-1/2)]/2.
        """
        from scipy.optimize import brentq

        weights = self.weights[self.weights > 0.0]
        t = threshold / self.scale
        if t < 0.0:
            return 1.0
        if t == 0.0:
            return 1.0 - 0.5**weights.size
        cut = 0.5 / float(weights.max())

        def slope(s: float) -> float:
            root = np.sqrt(1.0 - 2.0 * s * weights)
            return float(np.sum(weights / (root**3 + root**2)) - t)

        low, high = 1e-3 * cut, cut * (1.0 - 1e-9)
        centre = low if slope(low) > 0.0 else (high if slope(high) < 0.0 else brentq(slope, low, high))
        centre = min(max(centre, 0.1 * cut), 0.999 * cut)
        bend = 0.5 / cut
        y = np.linspace(0.0, math.sqrt(45.0 / (bend * t)), 20_001)
        s = centre + bend * y**2 + 1j * y
        generating = np.prod(0.5 + 0.5 / np.sqrt(1.0 - 2.0 * s[:, np.newaxis] * weights), axis=1)
        integrand = (generating - 0.5**weights.size) * np.exp(-s * t) / s * (2.0 * bend * y + 1j)
        return float(np.trapezoid(integrand.imag, y)) / math.pi


@dataclass(frozen=True)
class _Mixture:
    """The tilts of one event set: tables to draw from, shares (n_tilts,), log(p_tilt/p) (n_tilts, n_cells)."""

    tables: CountTables
    choice: CountTables
    shares: NDArray[np.float64]
    log_ratio: NDArray[np.float64]

    @classmethod
    def of(cls, model: TrialModel, draw: int) -> "_Mixture":
        background = model.background[draw]
        tilts, shares = [np.ones(model.n_cells)], [1.0]
        for source, strengths in _tilted_sources(model, draw):
            ratio = _tilting_ratio(model, source)
            relative = float(model.weights[source] / model.weights.max())
            spread = _REACH * relative / (1.0 - _REACH * relative)
            information = float(np.sum(background * (ratio - 1.0) ** 2))
            for strength in strengths:
                if information <= 0.0 or spread <= 0.0 or strength**2 > 100.0 * spread:
                    continue
                fraction = min(strength / math.sqrt(model.draw_events[draw] * information), 0.9 * n_s_limits(ratio)[1])
                tilt = 1.0 + fraction * (ratio - 1.0)
                tilts.append(tilt / math.fsum(background * tilt))
                shares.append(math.exp(-0.5 * strength**2 / spread))
        normalised = np.array(shares) / math.fsum(shares)
        probabilities = np.array(tilts) * background
        totals = np.full(len(tilts), model.draw_events[draw])
        choice = count_tables(normalised[np.newaxis], np.ones(1, dtype=np.int64))
        return cls(count_tables(probabilities, totals), choice, normalised, np.log(np.array(tilts)))

    def drawn(
        self, n_trials: int, seed: int, draw: int, first_trial: int, n_events: int
    ) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        """Return counts and log weights of trials."""
        rows = draw_categories(self.choice, n_trials, Stream(seed, TILT_PART + draw, _TILT_LABEL, first_trial))
        counts = empty_counts(n_trials, self.log_ratio.shape[1])
        totals = np.full(n_trials, n_events)
        draw_counts(counts, self.tables, rows, totals, Stream(seed, draw, _TILT_LABEL, first_trial))
        sums = np.zeros((counts.shape[0], self.shares.size, LANES))
        _add_log_ratios(counts, self.log_ratio, sums)
        exponents = sums.transpose(0, 2, 1).reshape(-1, self.shares.size)[:n_trials] + np.log(self.shares)
        return counts, -np.logaddexp.reduce(exponents, axis=1)


def _tilting_ratio(model: TrialModel, source: int) -> NDArray[np.float64]:
    """Return the ratio of each cell that a tilt follows; beside another signal, that of what this cannot mimic."""
    if model.ratio_beside is not None:
        return ratio_beside_free(model.background[0], model.ratio[source], model.ratio_beside)
    ratio: NDArray[np.float64] = model.ratio[source]
    return ratio if model.patterns is None else np.asarray(ratio[model.patterns[source]])


def _tilted_sources(model: TrialModel, draw: int) -> list[tuple[int, NDArray[np.float64]]]:
    """Return the sources and strengths that an event set is tilted towards."""
    if model.patterns is None:
        return [(draw, _STRENGTHS)]
    heaviest = np.argsort(-model.weights)[:_N_ONE_SKY_SOURCES]
    return [(int(source), _ONE_SKY_STRENGTHS) for source in heaviest]


@compiled_fused
def _add_log_ratios(counts: NDArray[np.int32], log_ratio: NDArray[np.float64], sums: NDArray[np.float64]) -> None:
    """Add sum_cells counts log_ratio to sums (n_blocks, n_tilts, n_lanes)."""
    for block in range(counts.shape[0]):
        for tilt in range(log_ratio.shape[0]):
            for cell in range(log_ratio.shape[1]):
                for lane in range(counts.shape[2]):
                    sums[block, tilt, lane] += counts[block, cell, lane] * log_ratio[tilt, cell]
