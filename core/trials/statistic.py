"""The test statistic of many trials, one by one or counted in bins: how many exceed a value, and its quantiles.

Bins have equal widths in root = sign(TS) sqrt|TS|, in which the signed statistic of background is nearly normal, and
the atom at TS = 0 is a bin of its own. A bin is taken as evenly filled in root; a quantile is never further off than
1/BINS_PER_ROOT in root, and where many trials lie on either side far less.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, overload

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import ArrayLike, NDArray

from core.errors import PhysicsError, ProductError

Reals = NDArray[np.float64]

BINS_PER_ROOT = 512
BIN_COLUMNS = ("binned", "bin_low", "bin_high", "n_trials", "n_s_sum", "n_s_square_sum")


@dataclass(frozen=True)
class TrialStatistic:
    """Trials by their test statistic: `n_trials` of them between `low` and `high`, each (n,), in rising order.

    Where low and high are equal the trials have that very value.
    """

    low: Reals
    high: Reals
    n_trials: NDArray[np.int64]

    @classmethod
    def of_values(cls, test_statistic: ArrayLike) -> "TrialStatistic":
        """Return the statistic of single trials, (n_trials,); PhysicsError if one is no number."""
        values = np.sort(np.asarray(test_statistic, dtype=np.float64))
        n_missing = int(np.count_nonzero(np.isnan(values)))
        if n_missing:
            raise PhysicsError(
                f"{n_missing} of {values.size} trials have a test statistic that is no number: make them again"
            )
        return cls(values, values, np.ones(values.size, dtype=np.int64))

    @classmethod
    def of_table(cls, trials: pa.Table, column: str) -> "TrialStatistic":
        """Return the statistic in a column of a product of trials, of rows or of bins."""
        if "binned" not in trials.column_names:
            return cls.of_values(trials[column].to_numpy())
        bins = binned(trials, column)
        edges = np.stack([bins["bin_high"].to_numpy(), bins["bin_low"].to_numpy()], axis=1)
        (high, low), places = _unique_rows(edges)
        n_trials = np.bincount(places, weights=bins["n_trials"].to_numpy(), minlength=low.size)
        return cls(low, high, np.rint(n_trials).astype(np.int64))

    @property
    def size(self) -> int:
        """How many trials there are."""
        return int(self.n_trials.sum())

    @overload
    def n_above(self, thresholds: float) -> float: ...
    @overload
    def n_above(self, thresholds: Reals) -> Reals: ...
    def n_above(self, thresholds: float | Reals) -> float | Reals:
        """Return how many trials exceed thresholds, in their shape; a bin that one cuts counts in part."""
        return self.size - self._n_below(np.asarray(thresholds, dtype=np.float64), "right")

    @overload
    def n_at_least(self, thresholds: float) -> float: ...
    @overload
    def n_at_least(self, thresholds: Reals) -> Reals: ...
    def n_at_least(self, thresholds: float | Reals) -> float | Reals:
        """Return how many trials reach thresholds, in their shape."""
        return self.size - self._n_below(np.asarray(thresholds, dtype=np.float64), "left")

    def quantile(self, shares: ArrayLike) -> Reals:
        """Return the values that shares of the trials do not exceed, in the shape of the shares."""
        if np.array_equal(self.low, self.high) and self.size == self.low.size:
            return np.asarray(np.quantile(self.low, np.asarray(shares, dtype=np.float64)))
        below = np.cumsum(self.n_trials)
        ranks = np.stack([below - self.n_trials, below], axis=1).ravel()
        roots = np.stack([_root(self.low), _root(self.high)], axis=1).ravel()
        found = np.interp(np.asarray(shares) * self.size, ranks, roots)
        return np.asarray(found * np.abs(found))

    def histogram(self, edges: Reals) -> Reals:
        """Return how many trials lie between edges (n + 1,), a bin holding its lower edge, the last one both."""
        return -np.diff(np.append(self.n_at_least(edges[:-1]), self.n_above(edges[-1])))

    @cached_property
    def _n_before(self) -> NDArray[np.int64]:
        """How many trials lie in the bins before each, and in all, (n + 1,)."""
        return np.concatenate([[0], np.cumsum(self.n_trials)])

    def _n_below(self, wanted: Reals, side: Literal["left", "right"]) -> Reals:
        """Return how many trials lie below thresholds, and at them with side = "right".

        Bins do not overlap, so that the last one that begins below a threshold is the only one that it can cut.
        """
        last = np.maximum(np.searchsorted(self.low, wanted, side) - 1, 0)
        low, high = _root(self.low[last]), _root(self.high[last])
        inside = np.clip((_root(wanted) - low) / np.where(high > low, high - low, 1.0), 0.0, 1.0)
        is_behind = wanted > self.low[last] if side == "left" else wanted >= self.low[last]
        return np.asarray(self._n_before[last] + self.n_trials[last] * np.where(high > low, inside, is_behind))


def by_n_injected(signal_trials: pa.Table, column: str) -> dict[int, TrialStatistic]:
    """Return the test statistic in a column of signal trials for each number of injected events, in order."""
    injected = signal_trials["n_injected"].to_numpy()
    return {
        int(number): TrialStatistic.of_table(signal_trials.filter(pa.array(injected == number)), column)
        for number in np.unique(injected)
    }


def binned(trials: pa.Table, column: str) -> pa.Table:
    """Return the bins of one column of a product of binned trials; ProductError if there are none."""
    chosen = trials.filter(pc.equal(trials["binned"], column))
    if trials.num_rows and not chosen.num_rows:
        raise ProductError(f"the trials are not binned by {column}: make them again")
    return chosen


def fitted_numbers(trials: pa.Table, column: str) -> tuple[float, float]:
    """Return mean and standard deviation of the fitted n_s of trials, of rows or of bins."""
    if "binned" not in trials.column_names:
        values = trials[column].to_numpy()
        return float(values.mean()), float(values.std())
    bins = binned(trials, "test_statistic_signed" if column == "n_s_signed" else "test_statistic")
    n_trials, total, square = (float(bins[name].to_numpy().sum()) for name in ("n_trials", "n_s_sum", "n_s_square_sum"))
    mean = total / n_trials
    return mean, float(np.sqrt(max(square / n_trials - mean**2, 0.0)))


def statistic_bins(test_statistic: Reals) -> NDArray[np.int64]:
    """Return the bin of each test statistic: 0 for TS = 0, else counted from 1 outwards with its sign."""
    root = np.sqrt(np.abs(test_statistic)) * BINS_PER_ROOT
    return np.asarray(np.sign(test_statistic) * np.ceil(root), dtype=np.int64)


def bin_edges(bins: NDArray[np.int64]) -> tuple[Reals, Reals]:
    """Return the lower and the upper edge, in TS, of bins."""
    outer, inner = np.abs(bins) / BINS_PER_ROOT, np.maximum(np.abs(bins) - 1, 0) / BINS_PER_ROOT
    low = np.where(bins > 0, inner**2, -(outer**2)) + 0.0
    high = np.where(bins > 0, outer**2, -(inner**2)) + 0.0
    return low, high


def _unique_rows(rows: Reals) -> tuple[Reals, NDArray[np.int64]]:
    """Return the different rows (n_columns, n) in order of their first column, and which of them each row is."""
    different, places = np.unique(rows, axis=0, return_inverse=True)
    return np.ascontiguousarray(different.T), places.ravel()


def _root(test_statistic: Reals) -> Reals:
    return np.asarray(np.sign(test_statistic) * np.sqrt(np.abs(test_statistic)))
