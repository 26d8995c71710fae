"""The number of signal events n_s that makes counts in cells most likely, and its test statistic.

The data enter through the counts k_b of cells, each with one ratio R_b = S/B (or 1 + (S - S~)/B, which may be
negative). With N events,

    ln L(n_s) - ln L(0) = sum_b k_b ln[1 + n_s/N (R_b - 1)],

concave in n_s. The best fit n_s is sought where no cell's density, occupied or not, is negative, and where no more
events are signal than there are: -N/(R_max - 1) <= n_s <= min(N, N/(1 - R_min)), and n_s >= -N where no R exceeds 1.
The test statistic is TS = 2 [ln L(n_s) - ln L(0)]. A flat likelihood gives n_s = 0, TS = 0.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.compiled import compiled_fused
from core.errors import PhysicsError
from core.likelihood.series import LANES, fit_by_series

_LANES = 32  # as many as LANES: compiled code may not borrow them
_TRIALS_AT_ONCE = 64 * LANES
_SQUARE_ROOT_HALF_BITS = 0x3FE6A09E667F3BCD
_LN_2 = math.log(2.0)
_MAX_STEPS = 300
_SETTLED = 4e-16


@dataclass(frozen=True)
class FitResult:
    """Best fits of trials: n_s (n_trials,) and test_statistic (n_trials,)."""

    n_s: NDArray[np.float64]
    test_statistic: NDArray[np.float64]


def fit_n_s(counts: ArrayLike, ratio: ArrayLike, allow_negative: bool = False) -> FitResult:
    """Return the best fit n_s and TS of each trial.

    counts: (n_trials, n_cells) events in each cell. ratio: R (n_cells,), may be negative.
    Bounded (default): n_s >= 0. With allow_negative n_s may be negative and TS carries its sign.
    Raises PhysicsError if the shapes disagree, a count is no whole number or a ratio is not finite.
    """
    n_s, test_statistic, _ = _fit_all(*_checked(counts, ratio))
    if not allow_negative:
        n_s, test_statistic = np.maximum(n_s, 0.0), np.maximum(test_statistic, 0.0)
    return FitResult(n_s, test_statistic)


def fit_n_s_grid(counts: ArrayLike, ratio: ArrayLike) -> FitResult:
    """Return the best fit on the published grid n_s = 0, 1, ..., floor(N/100) - 1 (arXiv:2511.19385) and its TS.

    counts: (n_trials, n_cells); ratio: (n_cells,). ln L is concave, so the answer is a neighbour of the continuous
    best fit; of equals the smaller one. Raises PhysicsError as fit_n_s does.
    """
    _, _, grid = _fit_all(*_checked(counts, ratio), grid=True)
    return grid


def empty_counts(n_trials: int, n_cells: int) -> NDArray[np.int32]:
    """Return room for the counts of so many trials: (n_blocks, n_cells, LANES)."""
    return np.zeros((-(-n_trials // LANES), n_cells, LANES), dtype=np.int32)


def trials_by_cells(counts: NDArray[np.int32], n_trials: int) -> NDArray[np.int32]:
    """Return counts (n_blocks, n_cells, LANES) as (n_trials, n_cells)."""
    n_cells = counts.shape[1]
    return np.ascontiguousarray(counts.transpose(0, 2, 1)).reshape(-1, n_cells)[:n_trials]


def n_s_limits(ratio: NDArray[np.float64]) -> tuple[float, float]:
    """Return the least and the greatest n_s/N at which no cell's density is negative, at most 1; ratio: (n_cells,)."""
    excess_min = float(ratio.min()) - 1.0
    excess_max = float(ratio.max()) - 1.0
    lower = -1.0 / excess_max if excess_max > 0.0 else -1.0
    upper = -1.0 / excess_min if excess_min < 0.0 else 1.0
    return lower, min(upper, 1.0)


def fit_blocks(
    counts: NDArray[np.int32],
    ratio: NDArray[np.float64],
    n_s: NDArray[np.float64],
    test_statistic: NDArray[np.float64],
) -> None:
    """Fit counts (n_blocks, n_cells, LANES) into n_s and signed test_statistic, each (n_blocks * LANES,)."""
    settled = fit_by_series(counts, ratio - 1.0, n_s, test_statistic)
    if not settled.all():
        _fit_blocks(counts, ratio - 1.0, *n_s_limits(ratio), n_s, test_statistic, settled)


def fit_blocks_on_grid(
    counts: NDArray[np.int32],
    ratio: NDArray[np.float64],
    n_s: NDArray[np.float64],
    n_s_grid: NDArray[np.float64],
    test_statistic: NDArray[np.float64],
) -> None:
    """Fit counts (n_blocks, n_cells, LANES), whose continuous fit is n_s, on the published grid; as fit_blocks."""
    _fit_blocks_on_grid(counts, ratio - 1.0, n_s_limits(ratio)[1], n_s, n_s_grid, test_statistic)


def _checked(counts: ArrayLike, ratio: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    ratio = np.ascontiguousarray(ratio, dtype=np.float64)
    given = np.asarray(counts)
    if ratio.ndim != 1 or given.ndim != 2 or given.shape[1] != ratio.size or ratio.size == 0:
        raise PhysicsError(
            f"counts {given.shape} and ratio {ratio.shape} do not fit: give (n_trials, n_cells) and (n_cells,)"
        )
    if not np.all(np.isfinite(ratio)):
        raise PhysicsError("a ratio is not finite: merge cells without background with a neighbour")
    whole = given.astype(np.int64)
    if given.size and (not np.array_equal(whole, given) or whole.min() < 0 or whole.max() >= 2**31):
        raise PhysicsError("counts must be whole numbers from 0 to 2^31 - 1: histogram unweighted events")
    return whole, ratio


def _fit_all(
    counts: NDArray[np.int64], ratio: NDArray[np.float64], grid: bool = False
) -> tuple[NDArray[np.float64], NDArray[np.float64], FitResult]:
    n_trials, n_cells = counts.shape
    n_s, test_statistic, n_s_grid, test_statistic_grid = (np.zeros(n_trials) for _ in range(4))
    for first in range(0, n_trials, _TRIALS_AT_ONCE):
        part = counts[first : first + _TRIALS_AT_ONCE]
        blocks = empty_counts(len(part), n_cells)
        lanes = np.zeros((blocks.shape[0] * LANES, n_cells), dtype=np.int32)
        lanes[: len(part)] = part
        blocks[:] = lanes.reshape(-1, LANES, n_cells).transpose(0, 2, 1)
        fitted, statistic = np.empty(len(lanes)), np.empty(len(lanes))
        fit_blocks(blocks, ratio, fitted, statistic)
        here = slice(first, first + len(part))
        n_s[here], test_statistic[here] = fitted[: len(part)], statistic[: len(part)]
        if grid:
            fitted_grid = np.empty(len(lanes))
            fit_blocks_on_grid(blocks, ratio, fitted, fitted_grid, statistic)
            n_s_grid[here], test_statistic_grid[here] = fitted_grid[: len(part)], statistic[: len(part)]
    return n_s, test_statistic, FitResult(n_s_grid, test_statistic_grid)


@compiled_fused
def _add_moments(counts: NDArray[np.int32], block: int, excess: NDArray[np.float64], sums: NDArray[np.float64]) -> None:
    """Sum k, k e, k e^2 and k e^3 of each lane into sums (4 _LANES,); e = R - 1."""
    for sum_index in range(4 * _LANES):
        sums[sum_index] = 0.0
    for cell in range(excess.size):
        first = excess[cell]
        second = first * first
        third = second * first
        for lane in range(_LANES):
            count = float(counts[block, cell, lane])
            sums[lane] += count
            sums[_LANES + lane] += count * first
            sums[2 * _LANES + lane] += count * second
            sums[3 * _LANES + lane] += count * third


@compiled_fused
def _add_derivatives(
    counts: NDArray[np.int32],
    block: int,
    excess: NDArray[np.float64],
    fraction: NDArray[np.float64],
    sums: NDArray[np.float64],
) -> None:
    """Sum k g, k g^2 and k g^3 of each lane, g = e/(1 + fraction e): the derivatives of ln L but for factors."""
    for sum_index in range(3 * _LANES):
        sums[sum_index] = 0.0
    for cell in range(excess.size):
        for lane in range(_LANES):
            slope = excess[cell] / (1.0 + fraction[lane] * excess[cell])
            first = counts[block, cell, lane] * slope
            second = first * slope
            sums[lane] += first
            sums[_LANES + lane] += second
            sums[2 * _LANES + lane] += second * slope


@compiled_fused
def _add_log_likelihood(
    counts: NDArray[np.int32],
    block: int,
    excess: NDArray[np.float64],
    fraction: NDArray[np.float64],
    sums: NDArray[np.float64],
) -> None:
    """Sum k g, k g^2 and k ln(1 + fraction e) of each lane, without a call that would keep lanes from being vectors.

    ln y = n ln 2 + 2 artanh[f/(2 + f)], y = 2^n (1 + f), sqrt(1/2) <= 1 + f < sqrt(2); where n = 0, f is fraction e
    as it was before 1 was added. The series ends below 2^-53.
    """
    for sum_index in range(3 * _LANES):
        sums[sum_index] = 0.0
    for cell in range(excess.size):
        for lane in range(_LANES):
            shifted = fraction[lane] * excess[cell]
            density = 1.0 + shifted
            bits = np.float64(density).view(np.int64)
            exponent = (bits - _SQUARE_ROOT_HALF_BITS) >> 52
            mantissa = np.int64(bits - (exponent << 52)).view(np.float64)
            reduced = shifted if exponent == 0 else mantissa - 1.0
            inverse = 1.0 / (density * (2.0 + reduced))
            root = reduced * (inverse * density)
            square = root * root
            series = 1.0 / 19.0
            series = 1.0 / 17.0 + square * series
            series = 1.0 / 15.0 + square * series
            series = 1.0 / 13.0 + square * series
            series = 1.0 / 11.0 + square * series
            series = 1.0 / 9.0 + square * series
            series = 1.0 / 7.0 + square * series
            series = 1.0 / 5.0 + square * series
            series = 1.0 / 3.0 + square * series
            logarithm = 2.0 * (root + root * (square * series)) + float(exponent) * _LN_2
            slope = excess[cell] * (inverse * (2.0 + reduced))
            count = float(counts[block, cell, lane])
            sums[lane] += count * slope
            sums[_LANES + lane] += (count * slope) * slope
            sums[2 * _LANES + lane] += count * logarithm


@compiled_fused
def _first_guess(
    sums: NDArray[np.float64], lower: float, upper: float, fraction: NDArray[np.float64], safe: NDArray[np.bool_]
) -> None:
    """Set fraction to the root of the score's expansion to second order, from the moments of _add_moments."""
    for lane in range(_LANES):
        slope = sums[_LANES + lane]
        curvature = sums[2 * _LANES + lane]
        discriminant = curvature * curvature - 4.0 * slope * sums[3 * _LANES + lane]
        guess = 2.0 * slope / (curvature + math.sqrt(discriminant if discriminant > 0.0 else 0.0))
        safe[lane] = lower < guess < upper
        fraction[lane] = guess if safe[lane] else 0.0


@compiled_fused
def _halley_step(
    sums: NDArray[np.float64], lower: float, upper: float, fraction: NDArray[np.float64], safe: NDArray[np.bool_]
) -> None:
    for lane in range(_LANES):
        newton = sums[lane] / sums[_LANES + lane]
        guess = fraction[lane] + newton / (1.0 - newton * sums[2 * _LANES + lane] / sums[_LANES + lane])
        safe[lane] = safe[lane] and lower < guess < upper
        fraction[lane] = guess if safe[lane] else 0.0


@compiled_fused
def _log_likelihood(
    counts: NDArray[np.int32], block: int, lane: int, excess: NDArray[np.float64], fraction: float
) -> float:
    total = 0.0
    for cell in range(excess.size):
        if counts[block, cell, lane] > 0:
            density = max(fraction * excess[cell], -1.0)
            total += counts[block, cell, lane] * math.log1p(density)
    return total


@compiled_fused
def _score(
    counts: NDArray[np.int32], block: int, lane: int, excess: NDArray[np.float64], fraction: float
) -> tuple[float, float]:
    """Return the score d ln L/d fraction of one lane and minus its derivative; occupied cells alone count."""
    score = 0.0
    curvature = 0.0
    for cell in range(excess.size):
        count = counts[block, cell, lane]
        if count > 0 and excess[cell] != 0.0:
            slope = excess[cell] / (1.0 + fraction * excess[cell])
            score += count * slope
            curvature += count * slope * slope
    return score, curvature


@compiled_fused
def _is_best(
    counts: NDArray[np.int32], block: int, lane: int, excess: NDArray[np.float64], limit: float, slope: float
) -> bool:
    """Say whether ln L, of that slope at 0, still rises where n_s/N reaches its limit."""
    for cell in range(excess.size):
        if counts[block, cell, lane] > 0 and 1.0 + limit * excess[cell] <= 0.0:
            return False
    score, _ = _score(counts, block, lane, excess, limit)
    return (score > 0.0) if slope > 0.0 else (score < 0.0)


@compiled_fused
def _bracketed_fraction(
    counts: NDArray[np.int32], block: int, lane: int, excess: NDArray[np.float64], lower: float, upper: float
) -> float:
    """Return the best n_s/N of any lane: the score's root between its poles, or the limit where there is no root.

    Steps fit one pole, at the limit behind, to score and slope (as in secular equations); what leaves the bracket
    is bisected.
    """
    slope, curvature = _score(counts, block, lane, excess, 0.0)
    if slope == 0.0 or curvature == 0.0:
        return 0.0
    near, far = 0.0, (upper if slope > 0.0 else lower)
    pole = lower if slope > 0.0 else upper
    if _is_best(counts, block, lane, excess, far, slope):
        return far
    fraction = 0.0
    stalled = False
    for _ in range(_MAX_STEPS):
        distance = fraction - pole
        guess = pole - curvature * distance * distance / (slope - curvature * distance)
        if stalled or not min(near, far) < guess < max(near, far):
            guess = 0.5 * (near + far)
        previous = slope
        moved = abs(guess - fraction)
        fraction = guess
        slope, curvature = _score(counts, block, lane, excess, fraction)
        stalled = abs(slope) > 0.5 * abs(previous)
        if (slope > 0.0) == (far > 0.0):
            near = fraction
        else:
            far = fraction
        if slope == 0.0 or abs(far - near) <= _SETTLED * abs(fraction) or moved <= _SETTLED * abs(fraction):
            break
    return fraction


@compiled_fused
def _fit_blocks(
    counts: NDArray[np.int32],
    excess: NDArray[np.float64],
    lower: float,
    upper: float,
    n_s: NDArray[np.float64],
    test_statistic: NDArray[np.float64],
    already: NDArray[np.bool_],
) -> None:
    """Fit those trials that are not fitted already, (n_blocks * _LANES,)."""
    sums = np.empty(4 * _LANES)
    n_events = np.empty(_LANES)
    fraction = np.empty(_LANES)
    safe = np.empty(_LANES, np.bool_)
    for block in range(counts.shape[0]):
        if already[block * _LANES : (block + 1) * _LANES].all():
            continue
        _add_moments(counts, block, excess, sums)
        for lane in range(_LANES):
            n_events[lane] = sums[lane]
        _first_guess(sums, lower, upper, fraction, safe)
        _add_derivatives(counts, block, excess, fraction, sums)
        _halley_step(sums, lower, upper, fraction, safe)
        _add_log_likelihood(counts, block, excess, fraction, sums)
        for lane in range(_LANES):
            if already[block * _LANES + lane]:
                continue
            score = sums[lane]
            curvature = sums[_LANES + lane]
            step = score / curvature
            best = fraction[lane] + step
            statistic = 2.0 * sums[2 * _LANES + lane] + score * step
            room = min(fraction[lane] - lower, upper - fraction[lane])
            error = n_events[lane] * step * step / room  # next term of Newton's series, poles no nearer than `room`
            settled = safe[lane] and abs(step) < 0.1 * room and error <= 1e-9 * max(1.0, n_events[lane] * abs(best))
            if not (settled and curvature * step * step * abs(step) <= 1e-11 * room):
                best = _bracketed_fraction(counts, block, lane, excess, lower, upper)
                statistic = 2.0 * _log_likelihood(counts, block, lane, excess, best)
            statistic = max(statistic, 0.0)
            n_s[block * _LANES + lane] = n_events[lane] * best
            test_statistic[block * _LANES + lane] = statistic if best >= 0.0 else -statistic


@compiled_fused
def _fit_blocks_on_grid(
    counts: NDArray[np.int32],
    excess: NDArray[np.float64],
    upper: float,
    n_s: NDArray[np.float64],
    n_s_grid: NDArray[np.float64],
    test_statistic: NDArray[np.float64],
) -> None:
    for block in range(counts.shape[0]):
        for lane in range(_LANES):
            n_events = 0
            for cell in range(excess.size):
                n_events += counts[block, cell, lane]
            last = min(n_events // 100 - 1, math.floor(upper * n_events))
            below = min(max(math.floor(n_s[block * _LANES + lane]), 0), max(last, 0))
            best = float(below)
            statistic = 0.0
            if below > 0:
                statistic = 2.0 * _log_likelihood(counts, block, lane, excess, below / n_events)
            if below < last and n_s[block * _LANES + lane] > 0.0:
                above = 2.0 * _log_likelihood(counts, block, lane, excess, (below + 1) / n_events)
                if above > statistic:
                    best = float(below + 1)
                    statistic = above
            n_s_grid[block * _LANES + lane] = best
            test_statistic[block * _LANES + lane] = max(statistic, 0.0)
