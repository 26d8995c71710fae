"""An injected signal is found again when the background density is taken from the very sky that holds it."""

import numpy as np
import pytest

from core.pdfs.sky import ring_sums
from tests.core.pdfs.pseudo_skies import Analysis, Truth
from tests.core.pdfs.public_pairs import STATISTIC, public_pair

N_SKIES = 1000


def found_n_s(channel: str, mass: float, n_injected: int) -> np.ndarray:
    """The signed n_s of skies that all hold as many events as the data, n_injected of them signal, (N_SKIES,)."""
    pair = public_pair(channel, mass)
    signal, average, background = pair.sky()
    generator = np.random.default_rng(20)
    pool = np.searchsorted(np.cumsum(signal), generator.random(1_000_000) * signal.sum())
    truth = Truth(ring_sums(background, STATISTIC.nside), pool)
    analysis = Analysis(signal, average, pair.binned_background)
    n_events = pair.binned_background.n_events
    skies = (truth.sky(n_events - n_injected, n_injected, generator) for _ in range(N_SKIES))
    return np.array([analysis.interval(sky).best[0] for sky in skies])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("channel", "mass", "n_injected"), [("tautau", 20.0, 500), ("bb", 50.0, 500), ("nunu", 30.0, 300)]
)
def test_injected_events_are_found_with_the_background_from_the_sky_itself(
    channel: str, mass: float, n_injected: int
) -> None:
    found = found_n_s(channel, mass, n_injected)
    assert found.std() / np.sqrt(N_SKIES) < 0.02 * n_injected
    assert found.mean() == pytest.approx(n_injected, rel=0.05)
