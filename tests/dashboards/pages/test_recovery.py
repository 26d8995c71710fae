"""Recovery: bias and efficiency follow from the trials themselves."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest

from core.products.store import ProductStore
from dashboards.pages.recovery import recovery_table
from dashboards.trials import Trials
from tests.small_analysis import SEED, injected_counts

pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword in DataFrame.reset_index")


def test_bias_is_the_mean_less_what_was_injected(show: Callable, store: ProductStore) -> None:
    page = show("?page=recovery")
    bias = page.source("bias")
    assert bias["x"].tolist() == [0, *injected_counts()]
    for number, value in zip(injected_counts(), bias["y"][1:], strict=True):
        trials = store.read("signal_trials", channel="tautau", mass=20.0, seed=SEED, n_injected=number)
        assert value == pytest.approx(trials["n_s_signed"].to_numpy().mean() - number)


def test_trials_that_fit_exactly_what_was_injected_have_no_bias_and_full_efficiency() -> None:
    def trials(number: int, size: int) -> dict[str, np.ndarray]:
        n_s, ts = np.full(size, float(number)), np.full(size, float(number) ** 2)
        return {"n_s": n_s, "n_s_signed": n_s, "test_statistic": ts, "test_statistic_signed": ts}

    signal = pa.table({"n_injected": np.full(50, 7), **trials(7, 50)})
    rows = recovery_table(Trials(pa.table(trials(0, 100)), signal, None, ())).to_pylist()
    assert [row["bias"] for row in rows] == [0.0, 0.0]
    assert [row["efficiency"] for row in rows] == [0.0, 1.0]
    assert [row["fitted, median"] for row in rows] == [0.0, 7.0]
