"""Windows by name: those that were published, and the best one of a scan."""

import numpy as np
import pyarrow as pa
import pytest

from core.dark_matter.channels import PUBLISHED_PAIRS
from core.errors import InputError, PhysicsError
from core.signal.energy_range import energy_range_table, energy_windows
from core.signal.windows import optimal_window, published_window, window_of


def scan() -> pa.Table:
    """Three bins from 1 to 8 GeV; the window of the last two is the best."""
    return energy_range_table(
        energy_windows(np.array([1.0, 2.0, 4.0, 8.0]), np.array([0.0, 1.0, 1.0]), np.array([9.0, 1.0, 1.0]))
    )


@pytest.mark.parametrize(
    ("channel", "mass", "window"),
    [
        ("bb", 10.0, (0.0, 12.0)),
        ("bb", 300.0, (6.0, 256.0)),
        ("mumu", 50.0, (16.0, 49.0)),
        ("tautau", 20.0, (0.0, 30.0)),
        ("WW", 90.0, (27.0, 108.0)),
        ("nunu", 5.0, (1.0, 12.0)),
    ],
)
def test_published_windows(channel: str, mass: float, window: tuple[float, float]) -> None:
    assert window_of("published", channel, mass) == window


def test_every_published_pair_has_a_window_above_which_its_neutrinos_do_not_reach() -> None:
    for channel, mass in PUBLISHED_PAIRS:
        low, high = published_window(channel, mass)
        assert 0.0 <= low < mass
        assert low < high < 3.0 * mass


@pytest.mark.parametrize(
    ("channel", "mass", "said"),
    [
        ("WW", 85.0, "no published window of WW at 85 GeV, only at 90, 100, 150, 200, 300 GeV"),
        ("nutaunutau", 20.0, "no published window of nutaunutau, only of bb, mumu, tautau, WW, nunu"),
    ],
)
def test_pairs_without_a_published_window_are_refused_with_what_there_is(channel: str, mass: float, said: str) -> None:
    with pytest.raises(PhysicsError, match=said):
        window_of("published", channel, mass)


def test_the_optimal_window_is_that_of_the_scan() -> None:
    assert window_of("optimal", "bb", 20.0, scan()) == (2.0, 8.0)
    with pytest.raises(InputError, match="of bb at 20 GeV needs its energy_range product"):
        window_of("optimal", "bb", 20.0)
    with pytest.raises(InputError, match="flags 0 windows"):
        optimal_window(scan().slice(0, 1))


def test_a_window_that_is_given_stays() -> None:
    assert window_of((3.0, 9.5), "nuenue", 7.0) == (3.0, 9.5)
    assert window_of(None, "nuenue", 7.0, scan()) is None
