"""Histograms of very many trials: 1e8 and more, of which no row is kept.

Both statistics of a trial, bounded and signed, are counted in the bins of core.trials.statistic, with the sums of the
fitted n_s and of its square in each bin. Counts of any ranges of trials add up to those of all.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.likelihood.model import TrialModel
from core.trials.run import TrialResult, run_trials
from core.trials.statistic import bin_edges, statistic_bins

_TRIALS_AT_ONCE = 2**18


class _Bins(NamedTuple):
    """Bins that hold trials (n,), in order, and sums over their trials (n, 3): 1, n_s and n_s^2."""

    number: NDArray[np.int64]
    sums: NDArray[np.float64]

    def added(self, bins: NDArray[np.int64], sums: NDArray[np.float64]) -> "_Bins":
        """Return these bins with the sums of others added, of which any may come more than once."""
        number, places = np.unique(np.concatenate([self.number, bins]), return_inverse=True)
        given = np.concatenate([self.sums, sums])
        added = [np.bincount(places, weights=column, minlength=number.size) for column in given.T]
        return _Bins(number, np.stack(added, axis=1))


def trial_histogram(
    model: TrialModel,
    n_trials: int,
    n_injected: float = 0,
    seed: int = 0,
    first_trial: int = 0,
    n_threads: int = 1,
    *,
    poisson: bool = False,
) -> pa.Table:
    """Return trials counted in bins of their test statistics, whatever their number; arguments as run_trials.

    Columns: binned (which statistic), bin_low, bin_high, n_trials, n_s_sum, n_s_square_sum; bins without trials are
    left out.
    """

    def drawn(first: int, n_now: int) -> TrialResult:
        return run_trials(model, n_now, n_injected, seed, first, n_threads, poisson=poisson)

    return counted_trials(drawn, n_trials, first_trial)


def counted_trials(drawn: Callable[[int, int], TrialResult], n_trials: int, first_trial: int = 0) -> pa.Table:
    """Return trials as `trial_histogram` does; `drawn` gives those from an index on, so many."""
    bins = {
        name: _Bins(np.zeros(0, dtype=np.int64), np.zeros((0, 3)))
        for name in ("test_statistic_signed", "test_statistic")
    }
    for first in range(first_trial, first_trial + n_trials, _TRIALS_AT_ONCE):
        n_now = min(_TRIALS_AT_ONCE, first_trial + n_trials - first)
        for name, statistic, n_s in _statistics(drawn(first, n_now)):
            sums = np.stack([np.ones(n_now), n_s, n_s**2], axis=1)
            bins[name] = bins[name].added(statistic_bins(statistic), sums)
    return pa.concat_tables([_table(name, filled) for name, filled in bins.items()])


def _statistics(result: TrialResult) -> Iterator[tuple[str, NDArray[np.float64], NDArray[np.float64]]]:
    yield "test_statistic_signed", result.test_statistic_signed, result.n_s_signed
    yield "test_statistic", result.test_statistic, result.n_s


def _table(name: str, bins: _Bins) -> pa.Table:
    low, high = bin_edges(bins.number)
    return pa.table(
        {
            "binned": [name] * low.size,
            "bin_low": low,
            "bin_high": high,
            "n_trials": np.rint(bins.sums[:, 0]).astype(np.int64),
            "n_s_sum": bins.sums[:, 1],
            "n_s_square_sum": bins.sums[:, 2],
        }
    )
