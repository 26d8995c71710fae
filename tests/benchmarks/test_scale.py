"""Laws that are fitted to measured costs, and the points of small numbers that can be measured in a test."""

import pytest

from benchmarks.scale import Law, in_words, law_of
from benchmarks.scale_points import trials_of_cells


def test_a_law_gives_back_what_it_made() -> None:
    numbers = [10, 100, 1_000, 10_000]
    law = law_of(numbers, [0.5 + 0.002 * n for n in numbers])
    assert law == pytest.approx((0.5, 0.002, 0.0), abs=1e-9)
    assert law.at(1e6) == pytest.approx(2000.5)


def test_no_cost_is_negative_and_the_worst_point_is_told() -> None:
    law = law_of([1, 2, 4], [1.0, 4.0, 16.0])  # a square: the law of least squares has no fixed cost
    assert law.fixed == 0.0
    # b - 1, b/2 - 1 and b/4 - 1 are least in squares at b = (1 + 1/2 + 1/4) / (1 + 1/4 + 1/16).
    assert law.unit == pytest.approx(4.0 / 3.0)
    assert law.departure == pytest.approx(2.0 / 3.0)


def test_a_law_is_said_as_a_formula() -> None:
    assert in_words(Law(1.234, 5.678e-7, 0.0312)) == "1.2 + 5.7e-07 · n, within 3%"


@pytest.mark.slow
def test_more_cells_take_more_time() -> None:
    few, many = (trials_of_cells(n)["CPU µs a trial"] for n in (16, 1_024))
    assert 0.0 < few < many
