"""Trials counted in bins: as many as drawn, in the bins in which their rows lie, whatever the ranges."""

import numpy as np
import pyarrow as pa
import pytest

from core.likelihood.model import TrialModel
from core.trials.histogram import trial_histogram
from core.trials.run import run_trials

SIGNAL = np.array([0.1, 0.2, 0.3, 0.4])
MODEL = TrialModel.joint(np.full(4, 0.25), SIGNAL, SIGNAL / 0.25, 5000)
N_TRIALS = 3000


def counted(table: pa.Table, name: str) -> tuple[np.ndarray, ...]:
    frame = table.to_pandas()
    own = frame[frame["binned"] == name]
    return tuple(own[column].to_numpy() for column in ("bin_low", "bin_high", "n_trials", "n_s_sum", "n_s_square_sum"))


@pytest.mark.parametrize("n_injected", [0, 100])
@pytest.mark.parametrize("name", ["test_statistic", "test_statistic_signed"])
def test_bins_hold_the_rows(name: str, n_injected: int) -> None:
    rows = run_trials(MODEL, N_TRIALS, n_injected, seed=7)
    low, high, n_trials, n_s_sum, n_s_square_sum = counted(trial_histogram(MODEL, N_TRIALS, n_injected, seed=7), name)
    statistic = getattr(rows, name)
    n_s = rows.n_s if name == "test_statistic" else rows.n_s_signed
    assert n_trials.sum() == N_TRIALS
    assert np.all(low <= high)
    assert np.all(np.diff(low) >= 0.0)  # 0 itself is a bin of no width
    for threshold in high[[len(high) // 4, len(high) // 2, -2]]:  # a bin ends below its high edge
        assert n_trials[high <= threshold].sum() == np.count_nonzero(statistic < threshold)
    assert n_s_sum.sum() == pytest.approx(n_s.sum(), rel=1e-9)
    assert n_s_square_sum.sum() == pytest.approx((n_s**2).sum(), rel=1e-9)


def test_ranges_add_up_to_the_whole() -> None:
    whole = trial_histogram(MODEL, N_TRIALS, seed=7)
    parts = [trial_histogram(MODEL, 1000, seed=7, first_trial=first) for first in (0, 1000, 2000)]
    keys = ["binned", "bin_low", "bin_high"]
    added = pa.concat_tables(parts).to_pandas().groupby(keys, sort=False)["n_trials"].sum()
    expected = whole.to_pandas().set_index(keys)["n_trials"]
    assert added.sort_index().to_dict() == expected.sort_index().to_dict()


def test_bins_without_trials_are_left_out() -> None:
    assert min(trial_histogram(MODEL, 100, seed=7)["n_trials"].to_pylist()) >= 1
