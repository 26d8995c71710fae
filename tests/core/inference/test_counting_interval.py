"""The unified interval of a counting experiment, against the table of Feldman and Cousins (1998), 90 % CL."""

import pytest

from core.errors import PhysicsError
from core.inference.counting_interval import counting_interval

# Table IV, background 0, 0.5, ... 3 by number of events: (low, high). Written down from memory; those of 0 to 5 events
# at background 0 and of (0, 0.5), (0, 1), (0, 2), (0, 3), (1, 1), (1, 3), (3, 1), (3, 3), (5, 1), (5, 3) were found
# quoted by others as the paper's, too.
TABLE = {
    0: ((0, 2.44), (0, 1.94), (0, 1.61), (0, 1.33), (0, 1.26), (0, 1.18), (0, 1.08)),
    1: ((0.11, 4.36), (0, 3.86), (0, 3.36), (0, 2.91), (0, 2.53), (0, 2.19), (0, 1.88)),
    2: ((0.53, 5.91), (0.03, 5.41), (0, 4.91), (0, 4.41), (0, 3.91), (0, 3.45), (0, 3.04)),
    3: ((1.10, 7.42), (0.60, 6.92), (0.10, 6.42), (0, 5.92), (0, 5.42), (0, 4.92), (0, 4.42)),
    4: ((1.47, 8.60), (1.17, 8.10), (0.74, 7.60), (0.24, 7.10), (0, 6.60), (0, 6.10), (0, 5.60)),
    5: ((1.84, 9.99), (1.53, 9.49), (1.25, 8.99), (0.93, 8.49), (0.43, 7.99), (0, 7.49), (0, 6.99)),
    6: ((2.21, 11.47), (1.90, 10.97), (1.61, 10.47), (1.33, 9.97), (1.08, 9.47), (0.65, 8.97), (0.15, 8.47)),
    7: ((3.56, 12.53), (3.06, 12.03), (2.56, 11.53), (2.09, 11.03), (1.59, 10.53), (1.18, 10.03), (0.89, 9.53)),
    8: ((3.96, 13.99), (3.46, 13.49), (2.96, 12.99), (2.51, 12.49), (2.14, 11.99), (1.81, 11.49), (1.51, 10.99)),
    9: ((4.36, 15.30), (3.86, 14.80), (3.36, 14.30), (2.91, 13.80), (2.53, 13.30), (2.19, 12.80), (1.88, 12.30)),
    10: ((5.50, 16.50), (5.00, 16.00), (4.50, 15.50), (4.00, 15.00), (3.50, 14.50), (3.04, 14.00), (2.63, 13.50)),
}
FIRST_COLUMNS = [(n, column) for n in TABLE for column in (0, 6) if n in (0, 1, 3, 6)]


def check(n_observed: int, column: int) -> None:
    low, high = TABLE[n_observed][column]
    assert counting_interval(n_observed, 0.5 * column) == pytest.approx((low, high), abs=0.01)


@pytest.mark.parametrize(("n_observed", "column"), FIRST_COLUMNS)
def test_it_is_that_of_the_paper(n_observed: int, column: int) -> None:
    check(n_observed, column)


@pytest.mark.slow
@pytest.mark.parametrize("n_observed", TABLE)
def test_it_is_the_whole_table(n_observed: int) -> None:
    for column in range(7):
        check(n_observed, column)


@pytest.mark.parametrize(("n_observed", "background", "confidence"), [(-1, 0.0, 0.9), (1, -1.0, 0.9), (1, 0.0, 1.0)])
def test_what_cannot_be_is_refused(n_observed: int, background: float, confidence: float) -> None:
    with pytest.raises(PhysicsError, match="needed are"):
        counting_interval(n_observed, background, confidence)
