"""The published background-trial loop, written anew and plainly: events, an integer grid of n_s, one source a time.

Its shape is that of the published analysis (arXiv:2511.19385): each source draws the angles of all N events from its
background histogram, ln L is summed over events for n_s = 0, 1, ..., N/100 - 1, and TS is weighted with the J factors.
"""

import numpy as np
from numpy.typing import NDArray

from core.likelihood.model import TrialModel


def published_trials(model: TrialModel, n_trials: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return stacked test statistics (n_trials,)."""
    statistics = np.zeros(n_trials)
    for trial in range(n_trials):
        for source in range(model.n_sources):
            events = rng.choice(model.n_cells, size=model.n_events, p=model.background[source])
            signal, background = model.signal[source][events], model.background[source][events]
            statistics[trial] += model.weights[source] * best_on_grid(signal, background)[1]
    return statistics


def best_on_grid(signal: NDArray[np.float64], background: NDArray[np.float64]) -> tuple[int, float]:
    """Return n_s and TS of one source from the densities of each event under signal and background (n_events,)."""
    n_events = signal.size
    log_likelihood = np.array(
        [
            np.sum(np.log(n_s / n_events * signal + (1.0 - n_s / n_events) * background))
            for n_s in range(max(n_events // 100, 1))
        ]
    )
    best = int(np.argmax(log_likelihood))
    return best, 2.0 * float(log_likelihood[best] - log_likelihood[0])
