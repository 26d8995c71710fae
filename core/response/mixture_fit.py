"""Fits of two von Mises-Fisher kernels to binned reconstructed cos zenith, by likelihood on a grid of concentrations.

Concentrations stand on a grid of 8 % steps (4 % in the width of the kernel), finer than the simulation can tell; so a
response has few distinct kernels, and each is integrated exactly.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.compiled import compiled

Reals = NDArray[np.float64]

# From nearly isotropic to a width of 1.7 deg, far below what bins of 0.25 in cos zenith can show.
KAPPA_GRID: Reals = np.geomspace(0.1, 1200.0, 123)
MAX_TAIL_FRACTION = 0.98
_COARSE_STEP = 16


@dataclass(frozen=True)
class TwoKernels:
    """Two kernels of KAPPA_GRID: index of the inner and of the outer one, and the share of the outer one."""

    core: int
    tail: int
    tail_fraction: float


@dataclass(frozen=True)
class KernelPrior:
    """What is expected of ln κ before the fit: Gaussian, `spread` wide, around two points of KAPPA_GRID.

    Bins of 0.25 in cos zenith hardly tell a narrow core from none: without it thin samples are given needles.
    """

    core: int
    tail: int
    spread: float

    def strength(self, n_effective: float) -> float:
        """Return the penalty of one grid step squared, in units of the log likelihood of one event."""
        step = float(np.log(KAPPA_GRID[1] / KAPPA_GRID[0]))
        return step**2 / (2.0 * self.spread**2 * n_effective)


def nearest_kappa(width: float) -> int:
    """Return the point of KAPPA_GRID nearest to a kernel of given width (rad, rms per axis): κ = 1/width²."""
    return int(np.argmin(np.abs(np.log(KAPPA_GRID * width**2))))


def fit_two_kernels(
    counts: Reals, probabilities: Reals, selection: Reals, prior: KernelPrior, n_effective: float
) -> TwoKernels:
    """Return the two kernels of largest likelihood times prior.

    `counts`: (n_directions, n_bins) weighted events in bins of true and reconstructed cos zenith. `probabilities`:
    (n_kappa, n_directions, n_bins) of the kernels on KAPPA_GRID. `selection`: (n_directions, n_bins), the relative
    probability that an event reconstructed there is kept; the model is kernel x selection, normalised for each
    true direction. `n_effective` = (Σ w)²/Σ w² of the events behind `counts`.
    """
    filled = counts.sum(axis=1) > 0.0
    weights = np.ascontiguousarray(counts[filled] / counts.sum())
    table = np.ascontiguousarray(probabilities[:, filled] * selection[filled])
    strength = prior.strength(n_effective)
    core, tail, fraction = _search(weights, table, table.sum(axis=2), (prior.core, prior.tail, strength), _COARSE_STEP)
    return TwoKernels(int(core), int(tail), float(fraction))


def mixture_errors(counts: Reals, probabilities: Reals, selection: Reals, fit: TwoKernels, n_effective: float) -> Reals:
    """Return the standard errors of (κ core, κ tail, tail fraction) of a fit, from its Fisher information.

    The prior does not enter. A parameter that the events do not fix has error inf.
    """
    core, tail, fraction = fit.core, fit.tail, fit.tail_fraction
    rows = counts.sum(axis=1) / counts.sum()

    def model(mixture: Reals) -> Reals:
        kept = mixture * selection
        return np.asarray(kept / kept.sum(axis=1, keepdims=True))

    def slope(index: int) -> Reals:
        low, high = max(index - 1, 0), min(index + 1, len(KAPPA_GRID) - 1)
        return np.asarray((probabilities[high] - probabilities[low]) / (KAPPA_GRID[high] - KAPPA_GRID[low]))

    mixture = (1.0 - fraction) * probabilities[core] + fraction * probabilities[tail]
    central, step = model(mixture), 1e-4
    directions = (
        (1.0 - fraction) * slope(core) * KAPPA_GRID[core],
        fraction * slope(tail) * KAPPA_GRID[tail],
        probabilities[tail] - probabilities[core],
    )
    gradients = np.stack([(model(mixture + step * direction) - central) / step for direction in directions])
    information = n_effective * np.einsum("c,acb,dcb->ad", rows, gradients / np.maximum(central, 1e-300), gradients)
    values, vectors = np.linalg.eigh(information)
    with np.errstate(divide="ignore", invalid="ignore"):
        variances = (vectors**2 / np.maximum(values, 0.0)).sum(axis=1)
    scale = np.array([KAPPA_GRID[core], KAPPA_GRID[tail], 1.0])
    return np.asarray(np.where(np.isfinite(variances), np.sqrt(variances), np.inf) * scale)


@compiled
def _log_likelihood(
    weights: Reals, table: Reals, totals: Reals, core: int, tail: int, fraction: float
) -> float:  # pragma: no cover - compiled
    logarithm = 0.0
    for direction in range(weights.shape[0]):
        in_row = 0.0
        for zone in range(weights.shape[1]):
            weight = weights[direction, zone]
            if weight > 0.0:
                in_row += weight
                mixed = (1.0 - fraction) * table[core, direction, zone] + fraction * table[tail, direction, zone]
                logarithm += weight * np.log(mixed + 1e-300)
        norm = (1.0 - fraction) * totals[core, direction] + fraction * totals[tail, direction]
        logarithm -= in_row * np.log(norm + 1e-300)
    return logarithm


@compiled
def _best_fraction(
    weights: Reals, table: Reals, totals: Reals, core: int, tail: int, prior: tuple[int, int, float]
) -> tuple[float, float]:  # pragma: no cover - compiled
    """Golden section over the share of the tail: (share, log likelihood less the prior's penalty)."""
    golden = 0.6180339887498949
    low, high = 0.0, MAX_TAIL_FRACTION
    left, right = high - golden * (high - low), low + golden * (high - low)
    at_left = _log_likelihood(weights, table, totals, core, tail, left)
    at_right = _log_likelihood(weights, table, totals, core, tail, right)
    while high - low > 1e-3:
        if at_left > at_right:
            high, right, at_right = right, left, at_left
            left = high - golden * (high - low)
            at_left = _log_likelihood(weights, table, totals, core, tail, left)
        else:
            low, left, at_left = left, right, at_right
            right = low + golden * (high - low)
            at_right = _log_likelihood(weights, table, totals, core, tail, right)
    share = 0.5 * (low + high)
    penalty = prior[2] * ((core - prior[0]) ** 2 + (tail - prior[1]) ** 2)
    return share, _log_likelihood(weights, table, totals, core, tail, share) - penalty


@compiled
def _search(
    weights: Reals, table: Reals, totals: Reals, prior: tuple[int, int, float], coarse_step: int
) -> tuple[int, int, float]:  # pragma: no cover - compiled
    n_kappa = table.shape[0]
    best_core, best_tail = prior[0], prior[1]
    best_share, best = _best_fraction(weights, table, totals, best_core, best_tail, prior)
    for core in range(coarse_step // 2, n_kappa, coarse_step):
        for tail in range(0, core, coarse_step):
            share, logarithm = _best_fraction(weights, table, totals, core, tail, prior)
            if logarithm > best:
                best_core, best_tail, best_share, best = core, tail, share, logarithm
    step = coarse_step // 2
    while step >= 1:
        moved = False
        for core_move, tail_move in ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, -1), (1, -1), (-1, 1)):
            core, tail = best_core + core_move * step, best_tail + tail_move * step
            if 0 <= tail < core < n_kappa:
                share, logarithm = _best_fraction(weights, table, totals, core, tail, prior)
                if logarithm > best + 1e-12:
                    best_core, best_tail, best_share, best, moved = core, tail, share, logarithm, True
        if not moved:
            step //= 2
    return best_core, best_tail, best_share
