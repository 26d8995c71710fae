"""The compiled loops of `j_profile`: maximise over J factors at each strength, and walk along the strength.

Strengths are in units of their error at fixed J factors; what is minimised is minus ln L with its log-normal terms.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.compiled import compiled

Reals = NDArray[np.float64]


class ProfiledSky(NamedTuple):
    """What core.likelihood.j_profile.SkyLikelihood holds, in units of the strength's error, and the errors of ln J."""

    counts: Reals
    excess: Reals
    projections: Reals
    information: Reals
    low: Reals
    high: Reals


_FIRST_STEP = 0.02
_STEP = 1.35  # from strength to strength on the way out, and so the finest second minimum that is seen
_FARTHEST = 1e9
_MAX_NEWTON = 60
_MAX_HALVINGS = 40
_MAX_ROOT_STEPS = 60
_SETTLED = 1e-11
_GREATEST_SHIFT = 1.0  # of ln J in one step


@compiled
def _log_likelihood(sky: ProfiledSky, theta: Reals, gradient: Reals, curvature: Reals) -> float:
    """Return ln L of a sky at the sources' strengths, set its gradient and minus its second derivatives.

    Minus infinity where a density is not positive; the derivatives then mean nothing.
    """
    n_sources, counts, excess = theta.size, sky.counts, sky.excess
    value = 0.0
    for source in range(n_sources):
        pull = 0.0
        for other in range(n_sources):
            pull += sky.information[source, other] * theta[other]
            curvature[source, other] = sky.information[source, other]
        gradient[source] = sky.projections[source] - pull
        value += theta[source] * (sky.projections[source] - 0.5 * pull)
    for cell in range(counts.size):
        shift = 0.0
        for source in range(n_sources):
            shift += theta[source] * excess[cell, source]
        if shift <= -1.0:
            return -math.inf
        value += counts[cell] * math.log1p(shift)
        first = counts[cell] / (1.0 + shift)
        second = first / (1.0 + shift)
        for source in range(n_sources):
            own = excess[cell, source]
            gradient[source] += first * own
            for other in range(source + 1):
                curvature[source, other] += second * own * excess[cell, other]
    for source in range(n_sources):
        for other in range(source):
            curvature[other, source] = curvature[source, other]
    return value


@compiled
def _objective(sky: ProfiledSky, strength: float, shifts: Reals, gradient: Reals, curvature: Reals) -> float:
    """Return minus ln L with its log-normal terms; set gradient and curvature of the sky alone, in θ."""
    penalty = 0.0
    for source in range(shifts.size):
        error = sky.high[source] if shifts[source] > 0.0 else sky.low[source]
        if error > 0.0:
            penalty += 0.5 * (shifts[source] / error) ** 2
    return penalty - _log_likelihood(sky, strength * np.exp(shifts), gradient, curvature)


@compiled
def _newton_step(
    sky: ProfiledSky, strength: float, shifts: Reals, gradient: Reals, curvature: Reals, step: Reals
) -> float:
    """Set the step of the shifts towards the minimum, return its expected fall (the Newton decrement), >= 0.

    Where the exact second derivatives are not positive definite, those terms that make them so are left out.
    """
    n_sources = shifts.size
    free = (sky.low > 0.0) & (sky.high > 0.0)
    theta = np.where(free, strength * np.exp(shifts), 0.0)
    slope, matrix = np.zeros(n_sources), np.zeros((n_sources, n_sources))
    for attempt in range(2):
        for source in range(n_sources):
            for other in range(source + 1):
                matrix[source, other] = theta[source] * theta[other] * curvature[source, other]
            if not free[source]:
                matrix[source, source] = 1.0
                continue
            error = sky.high[source] if shifts[source] > 0.0 else sky.low[source]
            pull = -theta[source] * gradient[source]
            slope[source] = pull + shifts[source] / error**2
            matrix[source, source] += 1.0 / error**2 + (pull if attempt == 0 else max(pull, 0.0))
        if _cholesky(matrix):
            break
    _solve(matrix, slope, step)
    decrement = 0.0
    for source in range(n_sources):
        step[source] = -step[source]
        decrement -= slope[source] * step[source]
    return decrement


@compiled
def _cholesky(matrix: Reals) -> bool:
    """Put the lower Cholesky factor of a symmetric matrix into its place; say whether it is positive definite."""
    for row in range(matrix.shape[0]):
        for column in range(row + 1):
            total = matrix[row, column]
            for inner in range(column):
                total -= matrix[row, inner] * matrix[column, inner]
            if row == column:
                if not total > 0.0:
                    return False
                matrix[row, row] = math.sqrt(total)
            else:
                matrix[row, column] = total / matrix[column, column]
    return True


@compiled
def _solve(factor: Reals, right: Reals, solution: Reals) -> None:
    """Solve with a lower Cholesky factor."""
    for row in range(right.size):
        total = right[row]
        for inner in range(row):
            total -= factor[row, inner] * solution[inner]
        solution[row] = total / factor[row, row]
    for row in range(right.size - 1, -1, -1):
        total = solution[row]
        for inner in range(row + 1, right.size):
            total -= factor[inner, row] * solution[inner]
        solution[row] = total / factor[row, row]


@compiled
def _profile(sky: ProfiledSky, strength: float, shifts: Reals) -> tuple[float, float]:
    """Move the shifts to their best at a strength; return minus ln L there and its slope in the strength.

    Infinite where no shifts from the ones given on make all densities positive.
    """
    n_sources = shifts.size
    gradient, step = np.zeros(n_sources), np.zeros(n_sources)
    curvature = np.zeros((n_sources, n_sources))
    value = _objective(sky, strength, shifts, gradient, curvature)
    for _ in range(_MAX_NEWTON):
        if not math.isfinite(value):
            return math.inf, math.inf
        decrement = _newton_step(sky, strength, shifts, gradient, curvature, step)
        if decrement <= _SETTLED:
            break
        length = min(1.0, _GREATEST_SHIFT / max(np.abs(step).max(), 1e-300))
        for _ in range(_MAX_HALVINGS):
            moved = shifts + length * step
            tried = _objective(sky, strength, moved, gradient, curvature)
            if tried <= value - 1e-4 * length * decrement:
                break
            length *= 0.5
        else:
            _objective(sky, strength, shifts, gradient, curvature)
            break
        shifts[:] = moved
        value = tried
    slope = 0.0
    for source in range(n_sources):
        slope -= math.exp(shifts[source]) * gradient[source]
    return value, slope


@compiled
def profiled_curve(sky: ProfiledSky, strengths: Reals) -> Reals:
    """Return minus ln L at its maximum over the J factors for strengths in rising order, (n,)."""
    shifts = np.zeros(sky.low.size)
    values = np.empty(strengths.size)
    for place in range(strengths.size):
        values[place] = _profile(sky, strengths[place], shifts)[0]
    return values


@compiled
def _walk(sky: ProfiledSky, drop: float) -> tuple[Reals, Reals, Reals, Reals]:
    """Return strengths outwards from 0, minus ln L and its slope at each, and the shifts, until it has risen enough."""
    most = 2 + int(math.log(_FARTHEST / _FIRST_STEP) / math.log(_STEP))
    strengths, values, slopes = np.zeros(most), np.zeros(most), np.zeros(most)
    trail = np.zeros((most, sky.low.size))
    shifts = np.zeros(sky.low.size)
    least, n_walked = math.inf, 0
    for place in range(most):
        strengths[place] = 0.0 if place == 0 else _FIRST_STEP * _STEP ** (place - 1)
        values[place], slopes[place] = _profile(sky, strengths[place], shifts)
        trail[place] = shifts
        n_walked = place + 1
        least = min(least, values[place])
        # Beyond three times the fall and six errors a second minimum would need J factors far outside their errors.
        if strengths[place] > 6.0 and values[place] > least + 1.5 * drop + 4.5:
            break
    return strengths[:n_walked], values[:n_walked], slopes[:n_walked], trail[:n_walked]


@compiled
def _minimum(sky: ProfiledSky, strengths: Reals, slopes: Reals, trail: Reals, place: int) -> tuple[float, float]:
    """Return the strength of the least minus ln L near a place of the walk, and its value: the root of the slope."""
    if place == 0 and slopes[0] >= 0.0:
        below, above = 0.0, 0.0
    elif slopes[place] > 0.0:
        below, above = strengths[place - 1], strengths[place]
    else:
        below, above = strengths[place], strengths[min(place + 1, strengths.size - 1)]
    start = max(place - 1, 0) if slopes[place] > 0.0 else place
    shifts = trail[start].copy()
    guess = 0.5 * (below + above)
    value, slope = _profile(sky, guess, shifts)
    for _ in range(_MAX_ROOT_STEPS):
        if above - below <= 1e-7 * max(above, 1e-3):
            break
        if slope > 0.0:
            above = guess
        else:
            below = guess
        guess = 0.5 * (below + above)
        value, slope = _profile(sky, guess, shifts)
    return guess, value


@compiled
def _crossing(sky: ProfiledSky, inside: float, outside: float, target: float, shifts: Reals) -> float:
    """Return the strength at which minus ln L reaches a target: below it at `inside`, above it at `outside`."""
    guess = 0.5 * (inside + outside)
    for _ in range(_MAX_ROOT_STEPS):
        value, slope = _profile(sky, guess, shifts)
        if value > target:
            outside = guess
        else:
            inside = guess
        if abs(outside - inside) <= 1e-8 * max(abs(outside), 1e-6):
            break
        moved = guess + (target - value) / slope if math.isfinite(value) and slope != 0.0 else guess
        if abs(moved - guess) <= 1e-9 * max(abs(guess), 1e-6) and moved != guess:
            return moved
        if not min(inside, outside) < moved < max(inside, outside):
            moved = 0.5 * (inside + outside)
        guess = moved
    return guess


@compiled
def _outer_end(
    sky: ProfiledSky,
    walk: tuple[Reals, Reals, Reals, Reals],
    place: int,
    best: float,
    target: float,
    outwards: int,
    shifts: Reals,
) -> float:
    """Return the outermost strength above (outwards 1) or below (-1) the best one at which minus ln L is a target.

    The shifts are set to those there. Infinite, or 0, where it is reached nowhere.
    """
    strengths, values, _, trail = walk
    within, other = place, place
    while 0 <= other < strengths.size:
        if values[other] <= target:
            within = other
        other += outwards
    beyond = within + outwards
    if not 0 <= beyond < strengths.size:
        return math.inf if outwards > 0 else 0.0
    inside = strengths[within]
    if within == place:
        inside = max(inside, best) if outwards > 0 else min(inside, best)
    shifts[:] = trail[min(within, beyond)]
    if not (inside - strengths[beyond]) * outwards < 0.0:
        inside = strengths[within]
    return _crossing(sky, inside, strengths[beyond], target, shifts)


@compiled
def profiled_ends(sky: ProfiledSky, limit_drop: float, drop: float) -> tuple[Reals, Reals]:
    """Return best strength, low and high end, upper limit and the fall of 2 ln L to 0, (5,); and the limit's shifts.

    Of several crossings the outermost counts: all strengths beyond it fall by more.
    """
    walk = _walk(sky, max(limit_drop, drop))
    strengths, values, slopes, trail = walk
    place = int(np.argmin(values))
    best, least = _minimum(sky, strengths, slopes, trail, place)
    if values[place] < least:
        best, least = strengths[place], values[place]
    shifts = np.zeros(sky.low.size)
    low = _outer_end(sky, walk, place, best, least + 0.5 * drop, -1, shifts)
    high = _outer_end(sky, walk, place, best, least + 0.5 * drop, 1, shifts)
    limit = _outer_end(sky, walk, place, best, least + 0.5 * limit_drop, 1, shifts)
    return np.array([best, low, high, limit, 2.0 * (values[0] - least)]), shifts
