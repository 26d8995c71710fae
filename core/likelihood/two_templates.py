"""Two signals fitted together: n_1 events of the one that is sought and n_2 of another that stands beside it.

With e_a = R_a - 1 the excess ratios of both (core.pdfs.ratio) and counts k_b in cells,

    ln L(n_1, n_2) - ln L(0, 0) = sum_b k_b ln[1 + n_1/N e_1b + n_2/N e_2b],

concave in both. Neither number is bounded but by the densities: none, occupied or not, is negative. So a halo may be
fitted with a negative number, and the n_1 that is best beside it is unbiased. Closed form: per event the information
matrix is I_ab = sum B e_a e_b, the error of n_1 with n_2 free is sqrt(N [I^-1]_11), and the score of n_1 that n_2
cannot mimic is that of the one excess ratio e_1 - I_12/I_22 e_2.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.compiled import compiled
from core.errors import PhysicsError

Reals = NDArray[np.float64]

_MAX_STEPS = 200
_MAX_HALVINGS = 60
_LEAST_PROMISED = 1e-4
_SETTLED = 1e-11
_EMPTY_CELL = 1e-9  # events: a wall that no fit passes, too light to move one


@dataclass(frozen=True)
class TwoTemplateFit:
    """Best fits of trials, each (n_trials,): events of the sought signal, of the one beside it, and TS.

    `test_statistic`: 2 [ln L(n_signal, n_beside) - ln L(0, best n_beside)], with the sign of n_signal.
    """

    n_signal: Reals
    n_beside: Reals
    test_statistic: Reals


def fit_two_templates(counts: ArrayLike, ratio: ArrayLike, ratio_beside: ArrayLike) -> TwoTemplateFit:
    """Return the best fits of both numbers of events of each trial and the TS of the first.

    counts: (n_trials, n_cells); the ratios (n_cells,), may be negative. Two signals of the same ratios, or one that is
    the background, leave the likelihood flat in one direction: the fit stays at 0 along it. Raises PhysicsError if the
    shapes disagree, a count is negative, or a ratio is not finite or lies on one side of 1 everywhere.
    """
    given, first, second = _checked(counts, ratio, ratio_beside)
    fits = np.zeros((len(given), 3))
    for trial, each in enumerate(given):
        n_events = each.sum()
        if n_events > 0.0:
            best = _best(each, first, second, math.nan)
            without = _best(each, first, second, 0.0)
            drop = -2.0 * _rise(each, first, second, best, without)
            fits[trial] = best[0] * n_events, best[1] * n_events, math.copysign(max(drop, 0.0), best[0])
    return TwoTemplateFit(fits[:, 0], fits[:, 1], fits[:, 2])


def information_matrix(background: Reals, ratio: Reals, ratio_beside: Reals) -> Reals:
    """Return I_ab = sum B e_a e_b of one event, (2, 2), from probabilities and ratios of the same shape."""
    excess = np.stack([ratio.ravel() - 1.0, ratio_beside.ravel() - 1.0])
    return np.asarray((excess * background.ravel()) @ excess.T)


def ratio_beside_free(background: Reals, ratio: Reals, ratio_beside: Reals) -> Reals:
    """Return the one ratio whose fit has the error of n_1 where n_2 is free: 1 + e_1 - I_12/I_22 e_2.

    Arrays of one shape. PhysicsError if the second signal cannot be told from background.
    """
    matrix = information_matrix(background, ratio, ratio_beside)
    if not matrix[1, 1] > 0.0:
        raise PhysicsError("the signal beside is the same as the background: its number of events says nothing")
    return np.asarray(ratio - matrix[0, 1] / matrix[1, 1] * (ratio_beside - 1.0))


def profiled_drop(counts: ArrayLike, ratio: ArrayLike, ratio_beside: ArrayLike, n_signal: float) -> Reals:
    """Return how far 2 ln L falls from its maximum to the best fit with n_signal events, n_2 free, (n_trials,).

    Arguments and errors as `fit_two_templates`; infinite where no n_2 leaves every density above 0.
    """
    given, first, second = _checked(counts, ratio, ratio_beside)
    drops = np.zeros(len(given))
    for trial, each in enumerate(given):
        n_events = each.sum()
        if n_events > 0.0:
            best = _best(each, first, second, math.nan)
            fixed = _best(each, first, second, n_signal / n_events)
            drops[trial] = max(-2.0 * _rise(each, first, second, best, fixed), 0.0)
    return drops


def _checked(counts: ArrayLike, ratio: ArrayLike, ratio_beside: ArrayLike) -> tuple[Reals, Reals, Reals]:
    """Return counts as floating-point numbers, and both excess ratios, once they fit together."""
    given = np.ascontiguousarray(counts, dtype=np.float64)
    first, second = (np.ascontiguousarray(each, dtype=np.float64) for each in (ratio, ratio_beside))
    if (
        given.ndim != 2
        or first.ndim != 1
        or first.size == 0
        or first.shape != second.shape
        or given.shape[1:] != first.shape
    ):
        raise PhysicsError(
            f"counts {given.shape} and ratios {first.shape}, {second.shape} do not fit: "
            "give (n_trials, n_cells) and twice (n_cells,)"
        )
    if not (np.all(np.isfinite(first)) and np.all(np.isfinite(second))):
        raise PhysicsError("a ratio is not finite: merge cells without background with a neighbour")
    for each in (first, second):
        if not (each.min() < 1.0 < each.max()) and not np.all(each == 1.0):
            raise PhysicsError("a ratio lies on one side of 1 everywhere: S/B of probabilities does not, nor its mean")
    if not np.all(given >= 0.0):
        raise PhysicsError("counts are negative or not numbers: give events in cells")
    return given, first - 1.0, second - 1.0


@compiled
def _rise(counts: Reals, first: Reals, second: Reals, start: tuple[float, float], end: tuple[float, float]) -> float:
    """Return ln L at the end less that at the start, both as (n_1/N, n_2/N); -infinity where a density is not positive.

    Cells without events stand for 1e-9 events, so that ln L has its maximum where their densities are positive too.
    """
    total = 0.0
    for cell in range(first.size):
        before = 1.0 + start[0] * first[cell] + start[1] * second[cell]
        change = (end[0] - start[0]) * first[cell] + (end[1] - start[1]) * second[cell]
        if not (before > 0.0 and before + change > 0.0):
            return -math.inf
        total += (counts[cell] if counts[cell] > 0.0 else _EMPTY_CELL) * math.log1p(change / before)
    return total


@compiled
def _inside(first: Reals, second: Reals, one: float) -> float:
    """Return an n_2/N that leaves every density above 0 at a given n_1/N, in the middle of what does; NaN if none."""
    low, high = -math.inf, math.inf
    for cell in range(first.size):
        rest = 1.0 + one * first[cell]
        if second[cell] > 0.0:
            low = max(low, -rest / second[cell])
        elif second[cell] < 0.0:
            high = min(high, -rest / second[cell])
        elif rest <= 0.0:
            return math.nan
    if not low < high:
        return math.nan
    if low < 0.0 < high:
        return 0.0
    if low == -math.inf:
        return high - 1.0
    return low + 1.0 if high == math.inf else 0.5 * (low + high)


@compiled
def _derivatives(
    counts: Reals, first: Reals, second: Reals, one: float, two: float
) -> tuple[float, float, float, float, float]:
    """Return slopes of ln L in both fractions and minus its second derivatives: (11, 12, 22)."""
    slope_1, slope_2, curve_11, curve_12, curve_22 = 0.0, 0.0, 0.0, 0.0, 0.0
    for cell in range(first.size):
        density = 1.0 + one * first[cell] + two * second[cell]
        count = counts[cell] if counts[cell] > 0.0 else _EMPTY_CELL
        by_1, by_2 = first[cell] / density, second[cell] / density
        slope_1 += count * by_1
        slope_2 += count * by_2
        curve_11 += count * by_1 * by_1
        curve_12 += count * by_1 * by_2
        curve_22 += count * by_2 * by_2
    return slope_1, slope_2, curve_11, curve_12, curve_22


@compiled
def _newton_step(derivatives: tuple[float, float, float, float, float], is_fixed: bool) -> tuple[float, float]:
    """Return Newton's step in both fractions; along a flat direction, or in a fixed n_1, there is none."""
    slope_1, slope_2, curve_11, curve_12, curve_22 = derivatives
    if is_fixed:
        return 0.0, (slope_2 / curve_22 if curve_22 > 0.0 else 0.0)
    determinant = curve_11 * curve_22 - curve_12 * curve_12
    if determinant > 1e-12 * curve_11 * curve_22:
        return (
            (curve_22 * slope_1 - curve_12 * slope_2) / determinant,
            (curve_11 * slope_2 - curve_12 * slope_1) / determinant,
        )
    if curve_11 > 0.0:
        return slope_1 / curve_11, 0.0
    return 0.0, (slope_2 / curve_22 if curve_22 > 0.0 else 0.0)


@compiled
def _best(counts: Reals, first: Reals, second: Reals, fixed: float) -> tuple[float, float]:
    """Return the best (n_1/N, n_2/N), or the best n_2/N at a fixed n_1/N (NaN: none); (fixed, NaN) if there is none.

    Newton's steps, halved until ln L rises by a part of what its slope promises.
    """
    is_fixed = not math.isnan(fixed)
    one, two = (fixed, _inside(first, second, fixed)) if is_fixed else (0.0, 0.0)
    if math.isnan(two) or not _tells(counts, first, second):
        return one, two
    for _ in range(_MAX_STEPS):
        derivatives = _derivatives(counts, first, second, one, two)
        step_1, step_2 = _newton_step(derivatives, is_fixed)
        gain = step_1 * derivatives[0] + step_2 * derivatives[1]
        if not gain > _SETTLED:
            # The last step: what it leaves is of second order, what it gains too little to be compared.
            if _rise(counts, first, second, (one, two), (one + step_1, two + step_2)) > -math.inf:
                one, two = one + step_1, two + step_2
            break
        part = 1.0
        for _ in range(_MAX_HALVINGS):
            ahead = (one + part * step_1, two + part * step_2)
            if _rise(counts, first, second, (one, two), ahead) >= _LEAST_PROMISED * part * gain:
                break
            part *= 0.5
        one += part * step_1
        two += part * step_2
    return one, two


@compiled
def _tells(counts: Reals, first: Reals, second: Reals) -> bool:
    """Say whether any event lies where one of the signals differs from the background."""
    return bool(np.any((counts > 0.0) & ((first != 0.0) | (second != 0.0))))
