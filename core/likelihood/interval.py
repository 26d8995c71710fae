"""The interval of n_s in which the likelihood falls by no more than a given amount from its maximum.

With n_hat the signed best fit of `fit`, the interval holds all n_s with 2 [ln L(n_hat) - ln L(n_s)] <= drop;
drop = 1 is the 68.3 % interval of Wilks' theorem. ln L is concave, so it is one interval. An end that would lie beyond
the n_s at which a cell's density, occupied or not, reaches 0 is put there: nothing outside can be tested. Cells whose
ratio is 1 say nothing; where no other holds an event, the interval is all that may be tested.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.compiled import compiled
from core.errors import PhysicsError
from core.likelihood.fit import fit_n_s, n_s_limits

ONE_SIGMA = 1.0

_MAX_STEPS = 200
_SETTLED = 1e-13
_CREEPING = 0.25  # of the bracket


@dataclass(frozen=True)
class LikelihoodInterval:
    """Best fits and the ends of their intervals, in numbers of signal events or as cross sections, each (n_trials,)."""

    low: NDArray[np.float64]
    best: NDArray[np.float64]
    high: NDArray[np.float64]

    def covers(self, value: float) -> NDArray[np.bool_]:
        """Return which intervals hold a value, (n_trials,)."""
        return np.asarray((self.low <= value) & (value <= self.high))

    def as_strength(self, n_s_per_strength: float) -> "LikelihoodInterval":
        """Return the interval of n_s as that of what makes them: cross section or decay rate."""
        if not n_s_per_strength > 0.0:
            raise PhysicsError(f"n_s per strength is {n_s_per_strength}: needed is a positive number")
        return LikelihoodInterval(
            self.low / n_s_per_strength, self.best / n_s_per_strength, self.high / n_s_per_strength
        )


def likelihood_interval(counts: ArrayLike, ratio: ArrayLike, drop: float = ONE_SIGMA) -> LikelihoodInterval:
    """Return the signed best fit n_s of each trial and the interval in which 2 ln L falls by at most `drop`.

    counts: (n_trials, n_cells). ratio: R (n_cells,), or (n_trials, n_cells) where each trial has its own. Raises
    PhysicsError for a drop that is not positive, and as core.likelihood.fit_n_s does.
    """
    if not drop > 0.0:
        raise PhysicsError(f"a drop of {drop} in 2 ln L: needed is a positive number")
    given, ratios = np.asarray(counts), np.asarray(ratio, dtype=np.float64)
    if ratios.ndim == 1:
        best = fit_n_s(given, ratios, allow_negative=True).n_s
        ratios = ratios[None, :]
    else:
        if given.ndim != 2 or ratios.shape != given.shape:
            raise PhysicsError(
                f"counts {given.shape} and ratio {ratios.shape} do not fit: give a ratio a cell, or a trial and cell"
            )
        fits = [fit_n_s(given[[trial]], own, allow_negative=True).n_s for trial, own in enumerate(ratios)]
        best = np.concatenate([*fits, np.empty(0)])
    return interval_about(given, ratios, best, drop)


def interval_about(
    counts: ArrayLike, ratio: ArrayLike, best: NDArray[np.float64], drop: float = ONE_SIGMA
) -> LikelihoodInterval:
    """Return the interval of trials whose signed best fits (n_trials,) are known; the others as `likelihood_interval`.

    ratio: R (n_cells,), or (1 or n_trials, n_cells).
    """
    ratios = np.atleast_2d(np.asarray(ratio, dtype=np.float64))
    limits = np.array([n_s_limits(own) for own in ratios])
    ends = _ends(np.ascontiguousarray(counts, dtype=np.float64), ratios - 1.0, limits, best, float(drop))
    return LikelihoodInterval(ends[0], best, ends[1])


@compiled
def _ends(
    counts: NDArray[np.float64],
    excess: NDArray[np.float64],
    limits: NDArray[np.float64],
    best: NDArray[np.float64],
    drop: float,
) -> NDArray[np.float64]:
    """Return both ends of n_s (2, n_trials); one row of excess (R - 1) and limits (of n_s/N) serves all trials."""
    ends = np.zeros((2, best.size))
    for trial in range(best.size):
        row = 0 if excess.shape[0] == 1 else trial
        n_events = counts[trial].sum()
        for side in range(2):
            if n_events > 0.0:
                fraction = _end(counts[trial], excess[row], best[trial] / n_events, limits[row, side], drop)
                ends[side, trial] = fraction * n_events
    return ends


@compiled
def _end(counts: NDArray[np.float64], excess: NDArray[np.float64], best: float, limit: float, drop: float) -> float:
    """Return the n_s/N between best fit and limit at which 2 ln L has fallen by drop; the limit where it does not.

    Newton's steps on a convex function from its far side cannot miss the root; what leaves the bracket is bisected, and
    so is what creeps away from where a density reaches 0.
    """
    if not _fall(counts, excess, best, limit)[0] > drop:
        return limit
    inside, outside = best, limit
    curvature = 0.0
    for cell in range(excess.size):
        curvature += counts[cell] * (excess[cell] / (1.0 + best * excess[cell])) ** 2
    guess = best + math.copysign(math.sqrt(drop / curvature), limit - best)
    for _ in range(_MAX_STEPS):
        if not min(inside, outside) < guess < max(inside, outside):
            guess = 0.5 * (inside + outside)
        fall, slope = _fall(counts, excess, best, guess)
        if fall > drop:
            outside = guess
        else:
            inside = guess
        step = (drop - fall) / slope if slope != 0.0 else 0.5 * (outside - guess)
        if fall > 2.0 * drop and abs(step) < _CREEPING * abs(outside - inside):
            step = 0.5 * (inside - outside)
        if abs(step) <= _SETTLED * abs(guess - best) or abs(outside - inside) <= _SETTLED * abs(outside):
            break
        guess += step
    return guess


@compiled
def _fall(
    counts: NDArray[np.float64], excess: NDArray[np.float64], best: float, fraction: float
) -> tuple[float, float]:
    """Return by how much 2 ln L has fallen from n_s/N = best to fraction, and its slope; infinite at a density of 0."""
    fall, slope = 0.0, 0.0
    for cell in range(excess.size):
        if counts[cell] > 0.0 and excess[cell] != 0.0:
            relative = (fraction - best) * excess[cell] / (1.0 + best * excess[cell])
            if relative <= -1.0:
                return math.inf, math.inf
            fall -= 2.0 * counts[cell] * math.log1p(relative)
            slope -= 2.0 * counts[cell] * excess[cell] / (1.0 + fraction * excess[cell])
    return fall, slope
