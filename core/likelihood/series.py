"""Fits of n_s from moments of the ratio, where n_s/N (R - 1) is small in every cell.

With the moments M_j = sum_b k_b (R_b - 1)^j and the fraction f = n_s/N,

    ln L(f) - ln L(0) = sum_j (-1)^(j-1) M_j f^j / j,

whose terms end below the tolerance while |f| max|R - 1| < _REACH: the rest after M_12 is at most 4e-11 of the test
statistic. Moments are sums of products alone, an order of magnitude less work than logarithms and quotients.
"""

import math

import numpy as np
from numpy.typing import NDArray

from core.compiled import compiled_fused

LANES = 32  # trials side by side in memory: what the compiler turns into vectors

_ORDER = 12
_GUESS_ORDER = 3
_REACH = 0.13
_N_STEPS = 2
_SETTLED = 1e-4  # relative size of the last step: its square is left of the error


def fit_by_series(
    counts: NDArray[np.int32],
    excess: NDArray[np.float64],
    n_s: NDArray[np.float64],
    test_statistic: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """Fit counts (n_blocks, n_cells, LANES) with excess R - 1 (n_cells,) into n_s and signed test_statistic.

    Both (n_blocks * LANES,); returned is which of them the series settles. What a trial is settled by depends on its
    own counts alone.
    """
    settled = np.zeros(n_s.size, dtype=np.bool_)
    _fit_by_series(counts, excess, n_s, test_statistic, settled)
    return settled


@compiled_fused
def _add_moments(
    counts: NDArray[np.int32],
    block: int,
    powers: NDArray[np.float64],
    first_order: int,
    last_order: int,
    moments: NDArray[np.float64],
) -> None:
    """Set moments (_ORDER + 1, LANES) of orders first ... last; four cells a time, as sums are read and written."""
    n_cells = counts.shape[1]
    n_fours = n_cells // 4 * 4
    for order in range(first_order, last_order + 1):
        for lane in range(LANES):
            moments[order, lane] = 0.0
        for cell in range(0, n_fours, 4):
            power_0 = powers[order, cell]
            power_1 = powers[order, cell + 1]
            power_2 = powers[order, cell + 2]
            power_3 = powers[order, cell + 3]
            for lane in range(LANES):
                moments[order, lane] += (
                    counts[block, cell, lane] * power_0
                    + counts[block, cell + 1, lane] * power_1
                    + counts[block, cell + 2, lane] * power_2
                    + counts[block, cell + 3, lane] * power_3
                )
        for cell in range(n_fours, n_cells):
            for lane in range(LANES):
                moments[order, lane] += counts[block, cell, lane] * powers[order, cell]


@compiled_fused
def _guess(moments: NDArray[np.float64], limit: float, fraction: NDArray[np.float64]) -> bool:
    """Set fraction (LANES,) to the root of the score to second order; say whether any is within the limit."""
    any_within = False
    for lane in range(LANES):
        curvature = moments[2, lane]
        discriminant = curvature * curvature - 4.0 * moments[1, lane] * moments[3, lane]
        root = math.sqrt(discriminant if discriminant > 0.0 else 0.0)
        fraction[lane] = 2.0 * moments[1, lane] / (curvature + root)
        any_within |= abs(fraction[lane]) < limit
    return any_within


@compiled_fused
def _step(
    moments: NDArray[np.float64],
    fraction: NDArray[np.float64],
    score: NDArray[np.float64],
    slope: NDArray[np.float64],
    step: NDArray[np.float64],
) -> None:
    """Make one Newton step of the series' score; score, slope and step (LANES,) are set."""
    for lane in range(LANES):
        score[lane] = moments[_ORDER, lane]
        slope[lane] = 0.0
    for order in range(_ORDER - 1, 0, -1):
        for lane in range(LANES):
            slope[lane] = score[lane] - slope[lane] * fraction[lane]
            score[lane] = moments[order, lane] - score[lane] * fraction[lane]
    for lane in range(LANES):
        step[lane] = score[lane] / slope[lane]
        fraction[lane] += step[lane]


@compiled_fused
def _set_log_likelihood(
    moments: NDArray[np.float64], fraction: NDArray[np.float64], log_likelihood: NDArray[np.float64]
) -> None:
    """Set log_likelihood (LANES,) to the series' sum."""
    for lane in range(LANES):
        log_likelihood[lane] = moments[_ORDER, lane] / _ORDER
    for order in range(_ORDER - 1, 0, -1):
        inverse = 1.0 / order
        for lane in range(LANES):
            log_likelihood[lane] = moments[order, lane] * inverse - log_likelihood[lane] * fraction[lane]
    for lane in range(LANES):
        log_likelihood[lane] *= fraction[lane]


@compiled_fused
def _fit_by_series(
    counts: NDArray[np.int32],
    excess: NDArray[np.float64],
    n_s: NDArray[np.float64],
    test_statistic: NDArray[np.float64],
    settled: NDArray[np.bool_],
) -> None:
    powers = np.ones((_ORDER + 1, excess.size))
    greatest = 0.0
    for cell in range(excess.size):
        greatest = max(greatest, abs(excess[cell]))
        for order in range(_ORDER):
            powers[order + 1, cell] = powers[order, cell] * excess[cell]
    limit = min(_REACH / greatest, 1.0) if greatest > 0.0 else 0.0  # no more events are signal than there are
    moments = np.empty((_ORDER + 1, LANES))
    fraction, score, slope, step = np.empty(LANES), np.empty(LANES), np.empty(LANES), np.empty(LANES)
    for block in range(counts.shape[0]):
        _add_moments(counts, block, powers, 0, _GUESS_ORDER, moments)
        if not _guess(moments, limit, fraction):
            continue
        _add_moments(counts, block, powers, _GUESS_ORDER + 1, _ORDER, moments)
        for _ in range(_N_STEPS):
            _step(moments, fraction, score, slope, step)
        _set_log_likelihood(moments, fraction, score)
        for lane in range(LANES):
            best = fraction[lane]
            at = block * LANES + lane
            settled[at] = abs(best) < limit and abs(step[lane]) <= _SETTLED * abs(best)
            n_s[at] = moments[0, lane] * best
            statistic = max(2.0 * score[lane], 0.0)
            test_statistic[at] = statistic if best >= 0.0 else -statistic
