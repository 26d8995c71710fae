"""Recovery: mean and band are those of the trials, and rows and bins tell the same mean."""

import numpy as np
import pyarrow as pa
import pytest

from core.errors import ProductError
from core.figures.recovery import recovered, recovery_figure
from tests.small_analysis import signal_trials, trials


def shifted(number: int, n_trials: int = 1001) -> pa.Table:
    """Trials whose fits lie evenly from 100 below to 100 above the injected number."""
    fitted = number + np.linspace(-100.0, 100.0, n_trials)
    return pa.table({"n_injected": np.full(n_trials, number), "n_s_signed": fitted, "n_s": np.maximum(fitted, 0.0)})


def test_mean_error_and_band_are_those_of_even_trials() -> None:
    found = recovered(pa.concat_tables([shifted(300), shifted(100)]))
    np.testing.assert_array_equal(found.n_injected, [100.0, 300.0])
    np.testing.assert_allclose(found.mean, found.n_injected)
    np.testing.assert_allclose(found.error, 100.0 / np.sqrt(3.0) / np.sqrt(1001.0), rtol=2e-3)
    np.testing.assert_allclose(found.band - found.n_injected, np.outer([-68.27, 0.0, 68.27], [1.0, 1.0]), atol=1e-9)


def test_background_is_what_nothing_was_injected_into() -> None:
    found = recovered(shifted(100), shifted(0).drop(["n_injected"]))
    np.testing.assert_allclose(found.mean, found.n_injected, atol=1e-12)
    assert list(found.n_injected) == [0.0, 100.0]


def test_without_a_signed_fit_the_bounded_one_is_taken() -> None:
    bounded = shifted(0).set_column(1, "n_s_signed", pa.nulls(1001, pa.float64()))
    np.testing.assert_allclose(recovered(bounded).mean, bounded["n_s"].to_numpy().mean())


def test_the_lower_panel_shows_what_is_left_of_the_mean() -> None:
    upper, lower = recovery_figure(signal_trials(), trials()).axes
    (means,), (bias,) = ([line for line in axes.lines if line.get_marker() == "o"] for axes in (upper, lower))
    np.testing.assert_allclose(bias.get_ydata(), np.array(means.get_ydata()) - np.array(means.get_xdata()))


def test_no_trials_are_refused() -> None:
    with pytest.raises(ProductError, match="nothing to draw"):
        recovery_figure(signal_trials().slice(0, 0))


def test_rows_in_another_order_are_the_same_recovery() -> None:
    rows = pa.concat_tables([shifted(300, 101), shifted(100, 101), shifted(7, 101)])
    order = np.random.default_rng(1).permutation(rows.num_rows)
    for one, other in zip(recovered(rows), recovered(rows.take(pa.array(order))), strict=True):
        np.testing.assert_allclose(one, other)


def test_a_bias_put_in_is_the_bias_that_is_drawn() -> None:
    biased = shifted(200).set_column(1, "n_s_signed", pa.array(shifted(200)["n_s_signed"].to_numpy() - 12.0))
    rows = biased.append_column("channel", pa.array(["bb"] * 1001)).append_column("mass", pa.array([50.0] * 1001))
    lower = recovery_figure(rows).axes[1]
    (bias,) = (line for line in lower.lines if line.get_marker() == "o")
    np.testing.assert_allclose(bias.get_ydata(), [-12.0])
    bottom, top = lower.get_ylim()
    assert bottom == -top < -12.0
