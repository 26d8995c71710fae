"""The limit that subtracts no background, against a calculation of its own."""

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import poisson

from benchmarks.counts_pairs import public_signal
from core.errors import PhysicsError
from core.events.public_release import public_counts
from core.inference.conservative_limit import SIGNAL_SHARES, chosen_bins, conservative_limit


@pytest.mark.parametrize(("channel", "mass"), [("tautau", 20.0), ("bb", 50.0)])
def test_it_equals_a_short_calculation(channel: str, mass: float) -> None:
    """Poisson probabilities summed, bins taken one by one."""
    signal = public_signal(channel, mass).sum(axis=0)  # type: ignore[arg-type]
    counts = public_counts()["n_events"].to_numpy().astype(float)
    bounds = []
    for share in (0.1, 0.25, 0.5, 1.0):
        held, measured = 0.0, 0.0
        for expected, n in sorted(zip(signal.tolist(), counts.tolist(), strict=True), reverse=True):
            if held >= share * signal.sum() * (1 - 1e-9):
                break
            held, measured = held + expected, measured + n
        mean = brentq(lambda mu, n=measured: poisson.cdf(n, mu) - 0.1 / 4, measured, 2.0 * measured + 20.0)
        bounds.append(mean / held)
    assert conservative_limit(signal, counts).strength == pytest.approx(min(bounds), rel=0.01)


def test_bins_do_not_depend_on_the_counts() -> None:
    signal = np.array([1.0, 6.0, 3.0])
    assert [bins.tolist() for bins in chosen_bins(signal)] == [[1], [1], [1], [1, 2, 0]]
    assert len(chosen_bins(signal)) == len(SIGNAL_SHARES)


def test_it_covers_whatever_the_bins_that_are_looked_at() -> None:
    random = np.random.Generator(np.random.Philox(key=3))
    signal = np.geomspace(1.0, 20.0, 12)
    counts = random.poisson(signal, size=(2000, 12)).astype(float)
    assert np.mean([conservative_limit(signal, row).strength >= 1.0 for row in counts]) > 0.9


def test_no_counts_bound_the_whole_signal() -> None:
    limit = conservative_limit(np.array([2.0, 1.0]), np.zeros(2))
    assert limit.strength == pytest.approx(-np.log(0.1 / 4) / 3.0)
    with pytest.raises(PhysicsError, match="some signal"):
        conservative_limit(np.zeros(2), np.zeros(2))
