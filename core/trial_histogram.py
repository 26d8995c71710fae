"""Histograms of very many trials: 1e8 and more, of which no row is kept."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.errors import PhysicsError
from core.trial_model import TrialModel
from core.trials import run_trials

_TRIALS_AT_ONCE = 2**18


@dataclass(frozen=True)
class TrialHistogram:
    """Numbers of trials by signed test statistic: edges (n_bins + 1,), n_trials (n_bins,), and those outside.

    n_zero are the trials whose bounded test statistic is 0.
    """

    edges: NDArray[np.float64]
    n_trials: NDArray[np.int64]
    n_below: int
    n_above: int
    n_zero: int


def trial_histogram(
    model: TrialModel,
    edges: ArrayLike,
    n_trials: int,
    n_injected: float = 0,
    seed: int = 0,
    first_trial: int = 0,
    n_threads: int = 1,
    *,
    poisson: bool = False,
) -> TrialHistogram:
    """Return the histogram of the signed test statistic of trials, whatever their number; arguments as run_trials.

    edges: (n_bins + 1,), rising; a bin holds its lower edge. Raises PhysicsError if they do not rise.
    """
    bounds = np.asarray(edges, dtype=np.float64)
    if bounds.ndim != 1 or bounds.size < 2 or not np.all(np.diff(bounds) > 0.0):
        raise PhysicsError(f"edges of shape {bounds.shape} must rise: give at least two numbers in order")
    numbers = np.zeros(bounds.size + 1, dtype=np.int64)
    n_zero = 0
    for first in range(first_trial, first_trial + n_trials, _TRIALS_AT_ONCE):
        n_now = min(_TRIALS_AT_ONCE, first_trial + n_trials - first)
        result = run_trials(model, n_now, n_injected, seed, first, n_threads, poisson=poisson)
        places = np.searchsorted(bounds, result.test_statistic_signed, side="right")
        numbers += np.bincount(places, minlength=numbers.size)
        n_zero += int(np.count_nonzero(result.test_statistic == 0.0))
    return TrialHistogram(bounds, numbers[1:-1], int(numbers[0]), int(numbers[-1]), n_zero)
