"""The counts' expectation as a power series about one point, and a compiled fit of it: what makes trials fast.

Second order in all, and third and fourth in Δm²32 and sin²θ23, in which alone the counts bend more. Within a few standard
deviations the series is the model itself to far less than the counts' fluctuation (a test holds both fits against each
other); the likelihood is exact. Minimised by a damped Newton iteration
within the parameters' limits, from both octants of θ23.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.compiled import compiled_fused
from core.inference.atmospheric_model import (
    LOWER_LIMITS,
    N_PARAMETERS,
    PRIOR_UNCERTAINTIES,
    UPPER_LIMITS,
    CountsModel,
    place_of,
    strength_limits,
)

Reals = NDArray[np.float64]

# Both octants of θ23 are tried, sin²θ23 being this far from 1/2.
OCTANT_DISTANCE = 0.08
_STEP = 0.02
_ANGLE, _SPLITTING = place_of("sin2_theta23"), place_of("mass_splitting_32")
# What the counts bend in, and steps of differences along them: Δm²32 in eV², sin²θ23.
_BENT: tuple[int, int] = (_SPLITTING, _ANGLE)
_BENT_STEPS = (1.2e-4, 0.06)


@dataclass(frozen=True)
class ExpandedModel:
    """A model about one point, in units of `scale`: values are centre + scale · d, d (16,), strength last.

    `expected` (n_cells,), `slopes` (n_cells, 16), `curvature` (n_cells, 16, 16); `bending` (n_cells, 2, 17): third
    derivatives, twice by Δm²32 or sin²θ23 and once by each, and last the fourth by Δm²32 or sin²θ23. `variance` (n_cells,) of the bins' factors; `low`, `high` (16,) limits of d; `precision` (16,) of the priors in d.
    """

    centre: Reals
    scale: Reals
    expected: Reals
    slopes: Reals
    curvature: Reals
    bending: Reals
    variance: Reals
    low: Reals
    high: Reals
    precision: Reals


@dataclass(frozen=True)
class ExpandedFits:
    """Fits of many histograms: `values` (n, 16), strength last, and `minimum` of -2 ln L, (n,)."""

    values: Reals
    minimum: Reals

    @property
    def strength(self) -> Reals:
        """Strength of the signal, (n,)."""
        return self.values[:, -1]


def expanded_model(model: CountsModel, centre: Reals) -> ExpandedModel:
    """Return the expansion of a model about values (16,) of FIT_PARAMETERS and, last, the signal's strength."""
    low_strength, high_strength = strength_limits(model)
    low, high = np.append(LOWER_LIMITS, low_strength), np.append(UPPER_LIMITS, high_strength)
    expected, slopes = model.expected_and_slopes(centre[:-1], centre[-1])
    scale = _scale(model, expected, slopes, high - low)
    curvature = np.zeros((len(expected), len(centre), len(centre)))
    for index in range(len(centre)):
        step = np.zeros(len(centre))
        step[index] = _STEP * scale[index]
        up, down = centre + step, centre - step
        difference = model.expected_and_slopes(up[:-1], up[-1])[1] - model.expected_and_slopes(down[:-1], down[-1])[1]
        curvature[:, index] = (difference * scale[:, None] / (2.0 * _STEP)).T
    return ExpandedModel(
        centre=centre,
        scale=scale,
        expected=expected,
        slopes=np.ascontiguousarray((slopes * scale[:, None]).T),
        curvature=0.5 * (curvature + curvature.swapaxes(1, 2)),
        bending=_bending(model, centre, scale),
        variance=model.relative_error**2,
        low=(low - centre) / scale,
        high=(high - centre) / scale,
        precision=np.append((scale[:-1] / PRIOR_UNCERTAINTIES) ** 2, 0.0),
    )


def fit_expanded(
    model: ExpandedModel,
    counts: Reals,
    priors: Reals,
    strength: float | None = None,
    fixed: Mapping[str, float] | None = None,
    start: Reals | None = None,
) -> ExpandedFits:
    """Return the fits of histograms (n, n_cells) with priors centred at (n, 15); `strength` None: fitted, else held.

    `start`: first values (16,) of all; None: the expansion's centre, in both octants of θ23.
    """
    free = np.ones(N_PARAMETERS + 1, dtype=np.bool_)
    first = np.zeros(N_PARAMETERS + 1) if start is None else (start - model.centre) / model.scale
    for name, value in (fixed or {}).items():
        free[place_of(name)] = False
        first[place_of(name)] = (value - model.centre[place_of(name)]) / model.scale[place_of(name)]
    if strength is not None:
        free[-1] = False
        first[-1] = (strength - model.centre[-1]) / model.scale[-1]
    starts = np.repeat(first[None], 2, axis=0)
    if free[_ANGLE] and start is None:
        angles = 0.5 + OCTANT_DISTANCE * np.array([-1.0, 1.0])
        starts[:, _ANGLE] = (angles - model.centre[_ANGLE]) / model.scale[_ANGLE]
    else:
        starts = starts[:1]
    centres = np.hstack([(priors - model.centre[:-1]) / model.scale[:-1], np.zeros((len(priors), 1))])
    found, minimum = _fit_many(
        np.ascontiguousarray(counts, dtype=np.float64), centres, model.expected, model.slopes, model.curvature,
        model.bending, model.variance, model.precision, model.low, model.high, starts, free,
    )  # fmt: skip
    return ExpandedFits(model.centre + model.scale * found, minimum)


def _bending(model: CountsModel, centre: Reals, scale: Reals) -> Reals:
    """Return the third and fourth derivatives of ExpandedModel.bending, from differences along what bends."""
    derivatives = []
    for place, step in zip(_BENT, _BENT_STEPS, strict=True):
        slopes = []
        for n_steps in (-2, -1, 0, 1, 2):
            values = centre.copy()
            values[place] += n_steps * step
            slopes.append(model.expected_and_slopes(values[:-1], values[-1])[1] * scale[:, None])
        width = step / scale[place]
        third = (-slopes[0] + 16.0 * slopes[1] - 30.0 * slopes[2] + 16.0 * slopes[3] - slopes[4]) / (12.0 * width**2)
        own = [slope[place] for slope in slopes]
        fourth = (own[4] - 2.0 * own[3] + 2.0 * own[1] - own[0]) / (2.0 * width**3)
        derivatives.append(np.vstack([third, fourth]))
    return np.ascontiguousarray(np.transpose(derivatives, (2, 0, 1)))


def _scale(model: CountsModel, expected: Reals, slopes: Reals, width: Reals) -> Reals:
    """Return the units of d, (16,): each parameter's uncertainty with all others held, a share of its limits at most."""
    variance = expected * (1.0 + expected * model.relative_error**2)
    information = (slopes**2 / variance).sum(axis=1) + np.append(1.0 / PRIOR_UNCERTAINTIES**2, 0.0)
    scale = np.minimum(1.0 / np.sqrt(np.maximum(information, 1e-300)), 0.05 * width)
    scale[_ANGLE] = 0.05
    return np.asarray(scale)


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
        own, others = _BENT[place], 0.0
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
    return others + m * (bending[own] + 0.5 * m * bending[n])


@compiled_fused
def _value(
    point: Reals, counts: Reals, centre: Reals, expected: Reals, slopes: Reals, curvature: Reals, bending: Reals, variance: Reals,
    precision: Reals,
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
def _derivatives(
    point: Reals, counts: Reals, centre: Reals, expected: Reals, slopes: Reals, curvature: Reals, bending: Reals, variance: Reals,
    precision: Reals, gradient: Reals, hessian: Reals,
) -> None:  # fmt: skip
    """Write the gradient (n,) and the Hessian (n, n) of -2 ln L at a point d."""
    n_cells, n = slopes.shape
    row, bent_twice = np.empty(n), np.empty(2)
    hessian[:] = 0.0
    for k in range(n):
        gradient[k] = 2.0 * precision[k] * (point[k] - centre[k])
        hessian[k, k] = 2.0 * precision[k]
    for b in range(n_cells):
        mean = expected[b]
        for k in range(n):
            bent = 0.0
            for j in range(n):
                bent += curvature[b, k, j] * point[j]
            row[k] = slopes[b, k] + bent
            mean += point[k] * (slopes[b, k] + 0.5 * bent)
        mean += _bent_expectation(point, bending[b])
        for place in range(2):
            bent_twice[place] = _add_bent_slopes(point, bending[b, place], _BENT[place], row)
        _, first, second = _bin_terms(counts[b], mean, variance[b])
        for k in range(n):
            gradient[k] += first * row[k]
            for j in range(k + 1):
                hessian[k, j] += second * row[k] * row[j] + first * curvature[b, k, j]
        for place in range(2):
            own = _BENT[place]
            for k in range(n):
                if k != own:
                    hessian[max(k, own), min(k, own)] += first * point[own] * bending[b, place, k]
            hessian[own, own] += first * bent_twice[place]
    for k in range(n):
        for j in range(k):
            hessian[j, k] = hessian[k, j]


@compiled_fused
def _newton_step(gradient: Reals, hessian: Reals, moves: NDArray[np.bool_], damping: float, step: Reals) -> bool:
    """Write the damped Newton step (n,) of those that move; False where the damped Hessian is not positive definite."""
    n = len(gradient)
    lower = np.zeros((n, n))
    for k in range(n):
        if not moves[k]:
            lower[k, k] = 1.0
            continue
        for j in range(k + 1):
            if not moves[j]:
                continue
            value = hessian[k, j]
            if j == k:
                value += damping * (abs(hessian[k, k]) + 1e-3)
            for i in range(j):
                value -= lower[k, i] * lower[j, i]
            if j == k:
                if value <= 1e-12:
                    return False
                lower[k, k] = np.sqrt(value)
            else:
                lower[k, j] = value / lower[j, j]
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
def _fit_one(
    start: Reals, counts: Reals, centre: Reals, expected: Reals, slopes: Reals, curvature: Reals, bending: Reals, variance: Reals,
    precision: Reals, low: Reals, high: Reals, free: NDArray[np.bool_], point: Reals,
) -> float:  # fmt: skip
    """Write the point of the lowest -2 ln L that is reached from `start`, and return it; what is not free stays."""
    n = len(start)
    gradient, step, tried, hessian = np.empty(n), np.empty(n), np.empty(n), np.empty((n, n))
    moves = np.empty(n, dtype=np.bool_)
    for k in range(n):
        point[k] = min(max(start[k], low[k]), high[k]) if free[k] else start[k]
    best = _value(point, counts, centre, expected, slopes, curvature, bending, variance, precision)
    damping = 0.0
    for _ in range(100):
        _derivatives(point, counts, centre, expected, slopes, curvature, bending, variance, precision, gradient, hessian)
        for k in range(n):
            at_low, at_high = point[k] <= low[k] and gradient[k] > 0.0, point[k] >= high[k] and gradient[k] < 0.0
            moves[k] = free[k] and not at_low and not at_high
        gain = 0.0
        while damping < 1e10:
            if _newton_step(gradient, hessian, moves, damping, step):
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
def _fit_many(
    counts: Reals, centres: Reals, expected: Reals, slopes: Reals, curvature: Reals, bending: Reals, variance: Reals, precision: Reals,
    low: Reals, high: Reals, starts: Reals, free: NDArray[np.bool_],
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
