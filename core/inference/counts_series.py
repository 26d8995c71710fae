"""Compiled fits of Poisson counts whose expectation is a power series in the parameters.

-2 ln L of each histogram, with priors and one factor a bin for the error of its expectation, is minimised by a damped
Newton iteration within limits. `core.inference.counts_expansion` makes the series and says what its arrays hold.
"""

import numpy as np
from numpy.typing import NDArray

from core.compiled import compiled_fused

Reals = NDArray[np.float64]

# Places of the parameters in which the series goes beyond the second order: Δm²32 and sin²θ23.
BENT: tuple[int, int] = (5, 6)


@compiled_fused
def _bin_terms(count: float, expected: float, variance: float) -> tuple[float, float, float]:
    """Return -2 ln L of a bin with its factor profiled, and its first and second derivative by the expectation."""
    half = 0.5 * (1.0 - expected * variance)
    factor = half + np.sqrt(half * half + count * variance)
    scaled = factor * expected
    value = 2.0 * (scaled - count) + (factor - 1.0) ** 2 / variance
    if count > 0.0:
        value += 2.0 * count * np.log(count / scaled)
    first = 2.0 * (factor - count / expected)
    second = 2.0 * count / expected**2 - 2.0 * factor * variance / (2.0 * factor + expected * variance - 1.0)
    return value, first, second


@compiled_fused
def _bent_expectation(point: Reals, bending: Reals) -> float:
    """Return the terms of third and fourth order of a bin's expectation at d; bending (2, 17)."""
    total = 0.0
    for place in range(2):
        own, others = BENT[place], 0.0
        m = point[own]
        for k in range(len(point)):
            if k != own:
                others += bending[place, k] * point[k]
        total += m * m * (0.5 * others + m * (bending[place, own] / 6.0 + m * bending[place, len(point)] / 24.0))
    return total


@compiled_fused
def _add_bent_slopes(point: Reals, bending: Reals, own: int, row: Reals) -> float:
    """Add the slopes (16,) of the terms along one parameter to `row`; return their second derivative by it."""
    n, m, others = len(point), point[own], 0.0
    for k in range(n):
        if k != own:
            others += bending[k] * point[k]
            row[k] += 0.5 * m * m * bending[k]
    row[own] += m * (others + m * (0.5 * bending[own] + m * bending[n] / 6.0))
    return float(others + m * (bending[own] + 0.5 * m * bending[n]))


@compiled_fused
def _value(
    point: Reals, counts: Reals, centre: Reals, expected: Reals, slopes: Reals, curvature: Reals, bending: Reals,
    variance: Reals, precision: Reals,
) -> float:  # fmt: skip
    """Return -2 ln L at a point d; 1e15 where a bin would expect nothing."""
    n_cells, n = slopes.shape
    total = 0.0
    for k in range(n):
        total += precision[k] * (point[k] - centre[k]) ** 2
    for b in range(n_cells):
        mean = expected[b]
        for k in range(n):
            if point[k] == 0.0:
                continue
            bent = 0.0
            for j in range(k):
                bent += curvature[b, k, j] * point[j]
            mean += point[k] * (slopes[b, k] + bent + 0.5 * curvature[b, k, k] * point[k])
        mean += _bent_expectation(point, bending[b])
        if mean < 1e-3:
            return 1e15
        total += _bin_terms(counts[b], mean, variance[b])[0]
    return total


@compiled_fused
def _row(
    point: Reals, expected: float, slopes: Reals, curvature: Reals, bending: Reals, row: Reals, bent_twice: Reals
) -> float:
    """Write a bin's slopes (16,) at d, and the second derivatives of its bent terms; return its expectation."""
    mean, n = expected, len(point)
    for k in range(n):
        bent = 0.0
        for j in range(n):
            bent += curvature[k, j] * point[j]
        row[k] = slopes[k] + bent
        mean += point[k] * (slopes[k] + 0.5 * bent)
    for place in range(2):
        bent_twice[place] = _add_bent_slopes(point, bending[place], BENT[place], row)
    return mean + _bent_expectation(point, bending)


@compiled_fused
def _add_bin(
    hessian: Reals, first: float, second: float, point: Reals, row: Reals, curvature: Reals, bending: Reals,
    bent_twice: Reals,
) -> None:  # fmt: skip
    """Add a bin's part to the lower half of the Hessian (n, n)."""
    for k in range(len(point)):
        for j in range(k + 1):
            hessian[k, j] += second * row[k] * row[j] + first * curvature[k, j]
    for place in range(2):
        own = BENT[place]
        for k in range(len(point)):
            if k != own:
                hessian[max(k, own), min(k, own)] += first * point[own] * bending[place, k]
        hessian[own, own] += first * bent_twice[place]


@compiled_fused
def _derivatives(
    point: Reals, counts: Reals, centre: Reals, expected: Reals, slopes: Reals, curvature: Reals, bending: Reals,
    variance: Reals, precision: Reals, gradient: Reals, hessian: Reals,
) -> None:  # fmt: skip
    """Write the gradient (n,) and the Hessian (n, n) of -2 ln L at a point d."""
    n_cells, n = slopes.shape
    row, bent_twice = np.empty(n), np.empty(2)
    hessian[:] = 0.0
    for k in range(n):
        gradient[k] = 2.0 * precision[k] * (point[k] - centre[k])
        hessian[k, k] = 2.0 * precision[k]
    for b in range(n_cells):
        mean = _row(point, expected[b], slopes[b], curvature[b], bending[b], row, bent_twice)
        _, first, second = _bin_terms(counts[b], mean, variance[b])
        for k in range(n):
            gradient[k] += first * row[k]
        _add_bin(hessian, first, second, point, row, curvature[b], bending[b], bent_twice)
    for k in range(n):
        for j in range(k):
            hessian[j, k] = hessian[k, j]


@compiled_fused
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


@compiled_fused
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


@compiled_fused
def _may_move(
    point: Reals, gradient: Reals, low: Reals, high: Reals, free: NDArray[np.bool_], moves: NDArray[np.bool_]
) -> None:
    """Write what is free and not held at a limit by its gradient, (n,)."""
    for k in range(len(point)):
        at_low, at_high = point[k] <= low[k] and gradient[k] > 0.0, point[k] >= high[k] and gradient[k] < 0.0
        moves[k] = free[k] and not at_low and not at_high


@compiled_fused
def _fit_one(
    start: Reals, counts: Reals, centre: Reals, expected: Reals, slopes: Reals, curvature: Reals, bending: Reals,
    variance: Reals, precision: Reals, low: Reals, high: Reals, free: NDArray[np.bool_], point: Reals,
) -> float:  # fmt: skip
    """Write the point of the lowest -2 ln L that is reached from `start`, and return it; what is not free stays."""
    n = len(start)
    gradient, step, tried, hessian = np.empty(n), np.empty(n), np.empty(n), np.empty((n, n))
    lower = np.zeros((n, n))
    moves = np.empty(n, dtype=np.bool_)
    for k in range(n):
        point[k] = min(max(start[k], low[k]), high[k]) if free[k] else start[k]
    best = _value(point, counts, centre, expected, slopes, curvature, bending, variance, precision)
    damping = 0.0
    for _ in range(100):
        _derivatives(
            point, counts, centre, expected, slopes, curvature, bending, variance, precision, gradient, hessian
        )
        _may_move(point, gradient, low, high, free, moves)
        gain = 0.0
        while damping < 1e10:
            if _newton_step(gradient, hessian, moves, damping, lower, step):
                for k in range(n):
                    tried[k] = min(max(point[k] + step[k], low[k]), high[k]) if moves[k] else point[k]
                gain = best - _value(tried, counts, centre, expected, slopes, curvature, bending, variance, precision)
                if gain >= 0.0:
                    break
            damping = max(4.0 * damping, 1e-3)
        if damping >= 1e10:
            break
        point[:] = tried
        best -= gain
        damping = 0.0 if damping < 1e-2 else 0.2 * damping
        if gain < 1e-7:
            break
    return best


@compiled_fused
def fit_many(
    counts: Reals, centres: Reals, expected: Reals, slopes: Reals, curvature: Reals, bending: Reals,
    variance: Reals, precision: Reals, low: Reals, high: Reals, starts: Reals, free: NDArray[np.bool_],
) -> tuple[Reals, Reals]:  # fmt: skip
    """Return the points d (n, 16) and the lowest -2 ln L of many histograms (n, n_cells), from several starts."""
    n_histograms, n = len(counts), slopes.shape[1]
    found, minimum = np.zeros((n_histograms, n)), np.full(n_histograms, 1e300)
    point = np.empty(n)
    for histogram in range(n_histograms):
        for attempt in range(len(starts)):
            value = _fit_one(
                starts[attempt], counts[histogram], centres[histogram], expected, slopes, curvature, bending, variance,
                precision, low, high, free, point,
            )  # fmt: skip
            if value < minimum[histogram]:
                minimum[histogram], found[histogram] = value, point
    return found, minimum
