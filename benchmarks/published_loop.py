"""The published background-trial loop, written anew and plainly: events, an integer grid of n_s, one source a time.

Its shape is that of the published analysis (arXiv:2511.19385): each source draws the angles of all N events from its
background histogram, ln L is summed over events for n_s = 0, 1, ..., N/100 - 1, and TS is weighted with the J factors.
"""

import numpy as np
from numpy.typing import NDArray

from core.trials import TrialModel


def published_trials(model: TrialModel, n_trials: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return stacked test statistics (n_trials,)."""
    statistics = np.zeros(n_trials)
    for trial in range(n_trials):
        for source in range(model.n_sources):
            events = rng.choice(model.n_cells, size=model.n_events, p=model.background[source])
            statistics[trial] += model.weights[source] * best_on_grid(model.ratio[source][events])[1]
    return statistics


def best_on_grid(event_ratio: NDArray[np.float64]) -> tuple[int, float]:
    """Return n_s and TS of one source from the ratio S/B of each event (n_events,)."""
    n_events = event_ratio.size
    best_n_s, best_statistic = 0, 0.0
    for n_s in range(n_events // 100):
        statistic = 2.0 * float(np.sum(np.log(n_s / n_events * event_ratio + (1.0 - n_s / n_events))))
        if statistic > best_statistic:
            best_n_s, best_statistic = n_s, statistic
    return best_n_s, best_statistic
