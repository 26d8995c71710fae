"""The same statistic in batches of trials with numpy alone: multinomial counts and Newton steps on all trials."""

import numpy as np
from numpy.typing import NDArray

from core.likelihood.model import TrialModel

_N_STEPS = 12


def batched_trials(
    model: TrialModel, n_trials: int, rng: np.random.Generator, batch: int = 1000
) -> NDArray[np.float64]:
    """Return stacked test statistics (n_trials,), n_s continuous."""
    statistics = np.zeros(n_trials)
    for first in range(0, n_trials, batch):
        n_now = min(batch, n_trials - first)
        for source in range(model.n_sources):
            counts = rng.multinomial(model.n_events, model.background[source], size=n_now)
            statistics[first : first + n_now] += model.weights[source] * fitted(counts, model.ratio[source])
    return statistics


def fitted(counts: NDArray[np.int64], ratio: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the bounded TS (n_trials,) of counts (n_trials, n_cells)."""
    excess = ratio - 1.0
    fraction = np.zeros(len(counts))
    rising = counts @ excess > 0.0
    some, fraction = counts[rising], fraction[rising]
    for _ in range(_N_STEPS):
        slope = excess / (1.0 + fraction[:, np.newaxis] * excess)
        fraction = fraction + np.sum(some * slope, axis=1) / np.sum(some * slope**2, axis=1)
    statistics = np.zeros(len(counts))
    statistics[rising] = 2.0 * np.sum(some * np.log1p(fraction[:, np.newaxis] * excess), axis=1)
    return statistics
