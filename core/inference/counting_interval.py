"""The unified interval of Feldman and Cousins for a counting experiment with known background.

Phys. Rev. D 57 (1998) 3873, arXiv:physics/9711021. Numbers n are taken into the acceptance region of a mean signal μ in
the order of R = P(n | μ + b) / P(n | max(0, n - b) + b) until they hold the confidence level; the interval of an
observed n holds the μ whose region has n. Its upper end never rises with the background (section IV B).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, xlogy

from core.errors import PhysicsError
from core.likelihood.closed_form import CONFIDENCE

Reals = NDArray[np.float64]

_STEP = 0.0025  # in μ
_BACKGROUND_STEP = 0.02
_MORE_BACKGROUND = 3.0  # to which upper ends are looked up, and as many standard deviations beside it
_RAISED = 0.4  # by how much more background raises an upper end at most


class UnifiedInterval(NamedTuple):
    """The ends of an interval in signal events; `low` is 0 where no signal is accepted too."""

    low: float
    high: float


def counting_interval(n_observed: int, background: float, confidence: float = CONFIDENCE) -> UnifiedInterval:
    """Return the interval of the mean signal for an observed number of events and a known mean background.

    Raises PhysicsError for a number or background below 0 or a confidence that is none.
    """
    if n_observed < 0 or not 0.0 <= background < np.inf or not 0.0 < confidence < 1.0:
        raise PhysicsError(
            f"{n_observed} events, background {background}, confidence {confidence}: needed are numbers from 0 on, and "
            "a confidence between 0 and 1"
        )
    reach = max(n_observed - background, 0.0) + 6.0 * np.sqrt(n_observed + 1.0) + 6.0
    means = np.arange(0.0, reach, _STEP)
    accepted = np.flatnonzero(_is_accepted(n_observed, means, background, confidence))
    if not accepted.size:
        return UnifiedInterval(0.0, _highest(n_observed, 0.0, background, confidence))
    low, high = float(means[accepted[0]]), float(means[accepted[-1]])
    return UnifiedInterval(low, _highest(n_observed, high, background, confidence))


def _highest(n_observed: int, high: float, background: float, confidence: float) -> float:
    """Return the upper end, no lower than that of any larger background."""
    last = background + _MORE_BACKGROUND * (1.0 + np.sqrt(background))
    for larger in np.arange(background, last, _BACKGROUND_STEP):
        means = np.arange(high, high + _RAISED, _STEP)
        accepted = np.flatnonzero(_is_accepted(n_observed, means, float(larger), confidence))
        if accepted.size:
            high = float(means[accepted[-1]])
    return high


def _is_accepted(n_observed: int, means: Reals, background: float, confidence: float) -> NDArray[np.bool_]:
    """Return for each mean signal (n,) whether what has a larger ratio holds less than the confidence level."""
    total = means + background
    most = int(total[-1] + 9.0 * np.sqrt(total[-1]) + n_observed + 10.0)
    numbers = np.arange(most + 1)
    log_factorial = gammaln(numbers + 1.0)
    best = np.maximum(numbers, background)
    log_probability = xlogy(numbers, total[:, np.newaxis]) - total[:, np.newaxis] - log_factorial
    log_ratio = log_probability - (xlogy(numbers, best) - best - log_factorial)
    probability = np.exp(log_probability)
    before = np.sum(np.where(log_ratio > log_ratio[:, [n_observed]], probability, 0.0), axis=1)
    return np.asarray(before < confidence)
