"""Weights and effective livetime in closed form."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InputError
from core.events.weights import effective_livetime, oneweight_per_event


def test_weight_of_one_event() -> None:
    assert oneweight_per_event(700.0, 100.0, 10, 0.7) == pytest.approx(1.0)


@given(st.integers(1, 1000), st.floats(1e-6, 1e6))
def test_weight_falls_with_the_number_of_files(n_files: int, oneweight: float) -> None:
    one, many = (oneweight_per_event([oneweight], [5.0], n, [0.3])[0] for n in (1, n_files))
    assert many == pytest.approx(one / n_files)


@pytest.mark.parametrize(
    ("n_generated", "n_files", "fraction", "message"),
    [
        (1.0, 0, 0.7, "number of simulated files is 0"),
        (0.0, 1, 0.7, r"NEvents is 0\.0"),
        (np.nan, 1, 0.7, "NEvents is nan"),
        (1.0, 1, 0.0, r"generated fraction is 0\.0"),
        (1.0, 1, 1.1, r"generated fraction is 1\.1"),
    ],
)
def test_impossible_weights_are_refused(n_generated: float, n_files: int, fraction: float, message: str) -> None:
    with pytest.raises(InputError, match=message):
        oneweight_per_event([1.0], n_generated, n_files, fraction)


@given(st.integers(1, 500), st.floats(1e-9, 1e3))
def test_equal_rates_are_worth_the_time_in_which_each_comes_once(n_events: int, rate: float) -> None:
    assert effective_livetime(np.full(n_events, rate)) == pytest.approx(1.0 / rate)


def test_one_large_rate_spoils_the_livetime() -> None:
    assert effective_livetime([1.0, 1.0, 10.0]) == pytest.approx(12.0 / 102.0)


@pytest.mark.parametrize("rates", [[], [0.0], [-1.0], [np.nan]])
def test_no_rates_have_no_livetime(rates: list[float]) -> None:
    with pytest.raises(InputError, match="positive rates are due"):
        effective_livetime(rates)
