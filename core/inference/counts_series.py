"""Compiled fits of Poisson counts whose expectation is a power series in the parameters.

-2 ln L of each histogram, with priors and one factor a bin for the error of its expectation, is minimised by a damped
Newton iteration within limits. `core.inference.counts_expansion` makes the series and says what its arrays hold. Inner
loops run over bins, so that several are done at a time.
"""

import numpy as np
from numpy.typing import NDArray

from core.compiled import compiled_reordered

Reals = NDArray[np.float64]

# Places of the parameters in which the series goes beyond the second order: Δm²32 and sin²θ23.
BENT: tuple[int, int] = (5, 6)
_EMPTY = 1e15  # -2 ln L where a bin expects nothing
_SMALL_GAIN = 1e-7  # a step that lowers -2 ln L by less is the last; undamped, its parabola tells the rest to 1e-10


@compiled_reordered
def _expand(point: Reals, expected: Reals, slopes: Reals, curvature: Reals, mean: Reals, rows: Reals) -> None:
    """Write the bins' expectation (n_cells,) and its slopes (16, n_cells) at d, to second order."""
    n, n_cells = slopes.shape
    for b in range(n_cells):
        mean[b] = expected[b]
    for k in range(n):
        row = rows[k]
        for b in range(n_cells):
            row[b] = slopes[k, b]
        for j in range(0, n, 2):  # two at a time: the row is read and written half as often
            first, second = point[j], point[j + 1]
            if first != 0.0 or second != 0.0:
                for b in range(n_cells):
                    row[b] += first * curvature[k, j, b] + second * curvature[k, j + 1, b]
        half = 0.5 * point[k]
        if half != 0.0:
            for b in range(n_cells):
                mean[b] += half * (slopes[k, b] + row[b])


@compiled_reordered
def _add_bent(point: Reals, bending: Reals, mean: Reals, rows: Reals, bent_twice: Reals) -> None:
    """Add the terms of third and fourth order to expectation and slopes; write their second derivatives, (2, n_cells).

    `bending` (2, 17, n_cells).
    """
    n, n_cells = rows.shape
    others = np.empty(n_cells)
    for place in range(2):
        own, terms = BENT[place], bending[place]
        m = point[own]
        others[:] = 0.0
        for k in range(n):
            if k != own and point[k] != 0.0:
                for b in range(n_cells):
                    others[b] += terms[k, b] * point[k]
        for b in range(n_cells):
            third, fourth = terms[own, b], terms[n, b]
            mean[b] += m * m * (0.5 * others[b] + m * (third / 6.0 + m * fourth / 24.0))
            rows[own, b] += m * (others[b] + m * (0.5 * third + m * fourth / 6.0))
            bent_twice[place, b] = others[b] + m * (third + 0.5 * m * fourth)
        if m != 0.0:
            for k in range(n):
                if k != own:
                    for b in range(n_cells):
                        rows[k, b] += 0.5 * m * m * terms[k, b]


@compiled_reordered
def expectation(point: Reals, expected: Reals, slopes: Reals, curvature: Reals, bending: Reals) -> tuple[Reals, Reals]:
    """Return the bins' expectation (n_cells,) at d and its slopes (16, n_cells)."""
    mean, rows, bent_twice = np.empty_like(expected), np.empty_like(slopes), np.empty((2, len(expected)))
    _expand(point, expected, slopes, curvature, mean, rows)
    _add_bent(point, bending, mean, rows, bent_twice)
    return mean, rows


@compiled_reordered
def _bin_terms(counts: Reals, mean: Reals, variance: Reals, first: Reals, second: Reals) -> float:
    """Write the first and second derivatives of -2 ln L by each bin's expectation; return -2 ln L, factors profiled."""
    total = 0.0
    for b in range(len(counts)):
        count, expected, width = counts[b], mean[b], variance[b]
        half = 0.5 * (1.0 - expected * width)
        factor = half + np.sqrt(half * half + count * width)
        scaled = factor * expected
        total += 2.0 * (scaled - count) + (factor - 1.0) ** 2 / width
        if count > 0.0:
            total += 2.0 * count * np.log(count / scaled)
        first[b] = 2.0 * (factor - count / expected)
        second[b] = 2.0 * count / expected**2 - 2.0 * factor * width / (2.0 * factor + expected * width - 1.0)
    return total


@compiled_reordered
def _add_to_hessian(curvature: Reals, rows: Reals, first: Reals, second: Reals, hessian: Reals) -> None:
    """Add the bins' part, but what goes beyond the second order, to the lower half of the Hessian (n, n)."""
    n, n_cells = rows.shape
    weighted = np.empty(n_cells)
    for k in range(n):
        for b in range(n_cells):
            weighted[b] = second[b] * rows[k, b]
        for j in range(k + 1):
            total = 0.0
            for b in range(n_cells):
                total += weighted[b] * rows[j, b] + first[b] * curvature[k, j, b]
            hessian[k, j] += total


@compiled_reordered
def _add_bent_to_hessian(point: Reals, bending: Reals, first: Reals, bent_twice: Reals, hessian: Reals) -> None:
    """Add what goes beyond the second order to the lower half of the Hessian (n, n)."""
    for place in range(2):
        own = BENT[place]
        for k in range(len(point)):
            total = 0.0
            terms = bent_twice[place] if k == own else bending[place, k]
            for b in range(len(first)):
                total += first[b] * terms[b]
            hessian[max(k, own), min(k, own)] += total if k == own else total * point[own]


@compiled_reordered
def _evaluate(
    point: Reals, counts: Reals, centre: Reals, expected: Reals, slopes: Reals, curvature: Reals, bending: Reals,
    variance: Reals, precision: Reals, work: Reals,
) -> float:  # fmt: skip
    """Return -2 ln L at a point d, 1e15 where a bin is empty; leave in `work` (n + 5, n_cells) what `_derive` needs."""
    n = len(slopes)
    rows, mean, first, second, bent_twice = work[:n], work[n], work[n + 1], work[n + 2], work[n + 3 :]
    _expand(point, expected, slopes, curvature, mean, rows)
    _add_bent(point, bending, mean, rows, bent_twice)
    if mean.min() < 1e-3:
        return _EMPTY
    total = _bin_terms(counts, mean, variance, first, second)
    for k in range(n):
        total += precision[k] * (point[k] - centre[k]) ** 2
    return total


@compiled_reordered
def _derive(
    point: Reals, centre: Reals, curvature: Reals, bending: Reals, precision: Reals, work: Reals, gradient: Reals,
    hessian: Reals,
) -> None:  # fmt: skip
    """Write the gradient (n,) and the Hessian (n, n) of -2 ln L at the point that `_evaluate` was last asked for."""
    n, n_cells = len(point), work.shape[1]
    rows, first, second, bent_twice = work[:n], work[n + 1], work[n + 2], work[n + 3 :]
    hessian[:] = 0.0
    for k in range(n):
        gradient[k] = 2.0 * precision[k] * (point[k] - centre[k])
        hessian[k, k] = 2.0 * precision[k]
        for b in range(n_cells):
            gradient[k] += first[b] * rows[k, b]
    _add_to_hessian(curvature, rows, first, second, hessian)
    _add_bent_to_hessian(point, bending, first, bent_twice, hessian)
    for k in range(n):
        for j in range(k):
            hessian[j, k] = hessian[k, j]


@compiled_reordered
def _factorised(hessian: Reals, moves: NDArray[np.bool_], damping: float, lower: Reals) -> bool:
    """Write the Cholesky factor (n, n) of the damped Hessian of those that move; False if not positive definite."""
    for k in range(len(moves)):
        lower[k] = 0.0
        if not moves[k]:
            lower[k, k] = 1.0
            continue
        for j in range(k):
            if moves[j]:
                value = hessian[k, j]
                for i in range(j):
                    value -= lower[k, i] * lower[j, i]
                lower[k, j] = value / lower[j, j]
        value = hessian[k, k] + damping * (abs(hessian[k, k]) + 1e-3)
        for i in range(k):
            value -= lower[k, i] ** 2
        if value <= 1e-12:
            return False
        lower[k, k] = np.sqrt(value)
    return True


@compiled_reordered
def _newton_step(
    gradient: Reals, hessian: Reals, moves: NDArray[np.bool_], damping: float, lower: Reals, step: Reals
) -> bool:
    """Write the damped Newton step (n,) of those that move; False where the damped Hessian is not positive definite."""
    if not _factorised(hessian, moves, damping, lower):
        return False
    n = len(gradient)
    for k in range(n):
        value = -gradient[k] if moves[k] else 0.0
        for j in range(k):
            value -= lower[k, j] * step[j]
        step[k] = value / lower[k, k]
    for k in range(n - 1, -1, -1):
        value = step[k]
        for j in range(k + 1, n):
            value -= lower[j, k] * step[j]
        step[k] = value / lower[k, k]
    return True


@compiled_reordered
def _may_move(
    point: Reals, gradient: Reals, low: Reals, high: Reals, free: NDArray[np.bool_], moves: NDArray[np.bool_]
) -> None:
    """Write what is free and not held at a limit by its gradient, (n,)."""
    for k in range(len(point)):
        at_low, at_high = point[k] <= low[k] and gradient[k] > 0.0, point[k] >= high[k] and gradient[k] < 0.0
        moves[k] = free[k] and not at_low and not at_high


@compiled_reordered
def _try(
    point: Reals, gradient: Reals, step: Reals, low: Reals, high: Reals, moves: NDArray[np.bool_], tried: Reals
) -> float:
    """Write the point (n,) that a step leads to within the limits; return what its parabola lowers -2 ln L by.

    That is infinite where a limit is met: the parabola does not tell then.
    """
    gain = 0.0
    for k in range(len(point)):
        tried[k] = point[k]
        if moves[k]:
            tried[k] = min(max(point[k] + step[k], low[k]), high[k])
            gain += -0.5 * gradient[k] * step[k] if low[k] < tried[k] < high[k] else np.inf
    return gain


@compiled_reordered
def _fit_one(
    start: Reals, counts: Reals, centre: Reals, expected: Reals, slopes: Reals, curvature: Reals, bending: Reals,
    variance: Reals, precision: Reals, low: Reals, high: Reals, free: NDArray[np.bool_], work: Reals, point: Reals,
) -> float:  # fmt: skip
    """Write the point of the lowest -2 ln L that is reached from `start`, and return it; what is not free stays."""
    n = len(start)
    gradient, step, tried = np.empty(n), np.empty(n), np.empty(n)
    hessian, lower = np.empty((n, n)), np.zeros((n, n))
    moves = np.empty(n, dtype=np.bool_)
    for k in range(n):
        point[k] = min(max(start[k], low[k]), high[k]) if free[k] else start[k]
    best = _evaluate(point, counts, centre, expected, slopes, curvature, bending, variance, precision, work)
    if best >= _EMPTY:  # there are no derivatives to go by
        return best
    damping = 0.0
    for _ in range(100):
        _derive(point, centre, curvature, bending, precision, work, gradient, hessian)
        _may_move(point, gradient, low, high, free, moves)
        gain = 0.0
        while damping < 1e10:
            if _newton_step(gradient, hessian, moves, damping, lower, step):
                expected_gain = _try(point, gradient, step, low, high, moves, tried)
                if damping == 0.0 and expected_gain < _SMALL_GAIN:
                    point[:] = tried
                    return best - expected_gain
                gain = best - _evaluate(
                    tried, counts, centre, expected, slopes, curvature, bending, variance, precision, work
                )
                if gain >= 0.0:
                    break
            damping = max(4.0 * damping, 1e-3)
        if damping >= 1e10:
            break
        point[:] = tried
        best -= gain
        damping = 0.0 if damping < 1e-2 else 0.2 * damping
        if gain < _SMALL_GAIN:
            break
    return best


@compiled_reordered
def fit_many(
    counts: Reals, centres: Reals, expected: Reals, slopes: Reals, curvature: Reals, bending: Reals,
    variance: Reals, precision: Reals, low: Reals, high: Reals, starts: Reals, free: NDArray[np.bool_],
    mirror_sum: float,
) -> tuple[Reals, Reals]:  # fmt: skip
    """Return the points d (n, 16) and the lowest -2 ln L of many histograms (n, n_cells), each from a start (n, 16).

    Where sin²θ23 is free, the mirror image of what is found, in the other octant, is a second start: d there is
    `mirror_sum` - d.
    """
    n_histograms, (n, n_cells) = len(counts), slopes.shape
    found, minimum = np.zeros((n_histograms, n)), np.full(n_histograms, 1e300)
    point, start, work = np.empty(n), np.empty(n), np.empty((n + 5, n_cells))
    for histogram in range(n_histograms):
        start[:] = starts[histogram]
        for _ in range(2 if free[BENT[1]] else 1):
            value = _fit_one(
                start, counts[histogram], centres[histogram], expected, slopes, curvature, bending, variance,
                precision, low, high, free, work, point,
            )  # fmt: skip
            if value < minimum[histogram]:
                minimum[histogram], found[histogram] = value, point
            start[:] = point
            start[BENT[1]] = mirror_sum - point[BENT[1]]
    return found, minimum
