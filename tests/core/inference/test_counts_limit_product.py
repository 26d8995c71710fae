"""The table of limits from the counts: rows of each method in units of strength, against hand-made numbers."""

import numpy as np
import pytest
from scipy.stats import chi2

from core.dark_matter.processes import ANNIHILATION, PROCESSES, Process
from core.errors import PhysicsError
from core.glossary import GLOSSARY
from core.inference.counts_limit_product import _column, _conservative, _named, _row

SHARE = 0.1 / 4.0  # of each of the four sets of bins that are looked at


def test_nothing_measured_where_the_signal_is_allows_as_much_as_nothing_is_likely_for() -> None:
    """One event a strength in one empty bin: exp(-μ) is a quarter of the 10 % at the bound, whichever set it is."""
    row = _conservative(np.array([0.0, 1.0, 0.0]), np.array([50.0, 0.0, 70.0]), 0.9)
    assert row["limit"] == pytest.approx(-np.log(SHARE))
    assert row["unfloored"] == row["limit"]
    assert row["n_bins"] == 1


def test_the_set_that_says_most_is_taken() -> None:
    """Bins of 60 % and 40 % of the signal: with 30 events the first alone is worse than both together with 31."""
    signal = np.array([0.6, 0.4])
    both, first = (0.5 * chi2.isf(SHARE, 2.0 * n + 2.0) / share for n, share in ((31.0, 1.0), (30.0, 0.6)))
    row = _conservative(signal, np.array([30.0, 1.0]), 0.9)
    assert row["limit"] == pytest.approx(both)
    assert both < first
    assert row["n_bins"] == 2
    turned = _conservative(signal, np.array([1.0, 300.0]), 0.9)
    assert turned["limit"] == pytest.approx(0.5 * chi2.isf(SHARE, 4.0) / 0.6)
    assert turned["n_bins"] == 1


def test_more_events_and_more_confidence_allow_more() -> None:
    signal, counts = np.array([0.6, 0.4]), np.array([30.0, 20.0])
    limits = [_conservative(signal, counts + more, 0.9)["limit"] for more in (0.0, 1.0, 10.0)]
    assert limits == sorted(set(limits))
    assert _conservative(signal, counts, 0.95)["limit"] > limits[0]


@pytest.mark.parametrize("signal", [np.zeros(2), np.array([1.0, -0.5]), np.ones(3)])
def test_a_signal_that_is_none_has_no_limit(signal: np.ndarray) -> None:
    with pytest.raises(PhysicsError, match="some signal and none negative"):
        _conservative(signal, np.array([3.0, 4.0]), 0.9)


@pytest.mark.parametrize("process", PROCESSES.values(), ids=lambda process: process.name)
def test_events_become_strengths_of_the_process_and_shares_stay(process: Process) -> None:
    """Of 4 events a strength a limit of 8 events is a strength of 2."""
    bands = {"lo95": 4.0, "lo68": 6.0, "median": 8.0, "hi68": 12.0, "hi95": None}
    told = {"cls": 10.0, "best_fit": -2.0, "significance": -0.5, "p_value": 0.7, "n_bins": 128, "n_histograms": 600}
    row = _named("nfw", _row("atmospheric_trials", 8.0, None, bands) | told, 4.0, process)
    prefix = process.strength
    turned = {name.removeprefix(f"{prefix}_"): value for name, value in row.items() if name.startswith(f"{prefix}_")}
    assert turned == {
        "upper_limit": 2.0, "upper_limit_error": None, "upper_limit_unfloored": None, "upper_limit_cls": 2.5,
        "best_fit": -0.5, "best_fit_error": None, "expected_limit": 2.0, "expected_limit_lo95": 1.0,
        "expected_limit_lo68": 1.5, "expected_limit_hi68": 3.0, "expected_limit_hi95": None,
    }  # fmt: skip
    assert (row["profile"], row["method"], row[f"n_s_per_{prefix}"]) == ("nfw", "atmospheric_trials", 4.0)
    assert (row["significance"], row["p_value"], row["n_bins"], row["n_histograms"]) == (-0.5, 0.7, 128, 600)
    assert row.keys() <= GLOSSARY.keys()


def test_columns_have_the_glossary_s_types_also_without_a_value() -> None:
    row = _named("none", _row("conservative", 1.0, 1.0), 1.0, ANNIHILATION)
    for name, value in row.items():
        column = _column(name, [value, None])
        assert column.type == GLOSSARY[name].dtype
        assert column.to_pylist() == [value, None]
