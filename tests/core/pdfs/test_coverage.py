"""An injected signal is found, and the interval covers it as often as it says, the background from each sky anew.

The signal is 3 times the sensitivity. Numbers of background and signal events are Poisson, each sky its own.
"""

from functools import cache

import numpy as np
import pyarrow as pa
import pytest

from core.likelihood.interval import LikelihoodInterval, likelihood_interval
from core.pdfs.background import background_on_sky
from core.pdfs.observed_sky import sky_of_events
from core.pdfs.ratio import sky_ratio
from core.pdfs.sky import ring_sums
from tests.core.pdfs.pseudo_skies import Analysis, Truth, fits_of_skies, together
from tests.core.pdfs.public_pairs import STATISTIC, public_pair
from tests.core.pdfs.simulated_pairs import (
    RECO_ENERGY_EDGES,
    background_of_events,
    data,
    flat_cells,
    simulated_pair,
)

# The first test also makes the simulated sample's response: minutes on a busy machine.
pytestmark = pytest.mark.timeout(1800)

N_SKIES = 2000
N_SAMPLES = 50
N_SAMPLES_IN_DETAIL = 5
FIRST_SEED = 1000
PAIRS = [("tautau", 20.0), ("bb", 50.0)]

pairs = pytest.mark.parametrize(("channel", "mass"), PAIRS)


@cache
def injected_sigma_v(channel: str, mass: float) -> float:
    """3 times the sensitivity, cm^3/s."""
    pair = simulated_pair(channel, mass)
    return 3.0 * pair.closed_form().sensitivity / pair.n_s_per_sigma_v


def in_true_cross_sections(n_s: LikelihoodInterval, channel: str, mass: float) -> LikelihoodInterval:
    """Intervals of n_s as those of the cross section, in units of the true one."""
    return n_s.as_strength(simulated_pair(channel, mass).n_s_per_sigma_v * injected_sigma_v(channel, mass))


@cache
def simulated_skies(channel: str, mass: float) -> LikelihoodInterval:
    """Intervals from skies of the simulated sample's own events: signal by the response they are drawn from."""
    pair = simulated_pair(channel, mass)
    mean_signal = injected_sigma_v(channel, mass) * pair.true_n_s_per_sigma_v
    return in_true_cross_sections(
        fits_of_skies(pair.analysis, pair.truth(), mean_signal, N_SKIES, seed=5), channel, mass
    )


def check_coverage(found: LikelihoodInterval, truth: float) -> None:
    assert found.covers(truth).mean() == pytest.approx(0.68, abs=0.03)
    assert np.mean(found.high < truth) == pytest.approx(np.mean(found.low > truth), abs=0.04)
    assert found.best.mean() == pytest.approx(truth, rel=0.03)


@pytest.mark.slow
@pairs
def test_the_interval_covers_the_true_cross_section_of_the_simulated_sample(channel: str, mass: float) -> None:
    check_coverage(simulated_skies(channel, mass), 1.0)


@pytest.mark.slow
@pairs
def test_the_interval_covers_the_true_signal_of_the_public_sample(channel: str, mass: float) -> None:
    """Skies from the analysis' own densities, for the public events are known in bins alone."""
    pair = public_pair(channel, mass)
    signal, average, background = pair.sky()
    pool = np.searchsorted(np.cumsum(signal), np.random.default_rng(8).random(1_000_000) * signal.sum())
    expected = ring_sums(background, STATISTIC.nside) * pair.binned_background.n_events
    mean_signal = 3.0 * pair.closed_form().sensitivity
    analysis = Analysis(signal, average, pair.binned_background)
    check_coverage(fits_of_skies(analysis, Truth(expected, pool), mean_signal, N_SKIES, seed=6), mean_signal)


def sample_of_events(channel: str, mass: float, background_events: pa.Table, seed: int) -> pa.Table:
    signal_events = simulated_pair(channel, mass).injected(injected_sigma_v(channel, mass), seed)
    return pa.concat_tables([background_events, signal_events.select(background_events.column_names)])


@cache
def samples_of_events() -> dict[tuple[str, float], LikelihoodInterval]:
    """Intervals of n_s of whole samples, drawn event by event and binned as the analysis bins its data."""
    found: dict[tuple[str, float], list[LikelihoodInterval]] = {pair: [] for pair in PAIRS}
    for seed in range(FIRST_SEED, FIRST_SEED + N_SAMPLES):
        background_events = data(seed)
        for pair, fits in found.items():
            events = sample_of_events(*pair, background_events, seed)
            sky = sky_of_events(events, RECO_ENERGY_EDGES, STATISTIC.nside)
            fits.append(simulated_pair(*pair).analysis.interval(sky, background_of_events(events)))
    return {pair: together(fits) for pair, fits in found.items()}


@pytest.mark.slow
@pairs
def test_samples_of_events_are_fitted_as_skies_of_cells(channel: str, mass: float) -> None:
    """In mean within 3 of its errors, in spread within 3 times the 10 % that so many samples know it to."""
    found = in_true_cross_sections(samples_of_events()[channel, mass], channel, mass)
    skies = simulated_skies(channel, mass)
    error = skies.best.std() / np.sqrt(N_SAMPLES)
    assert abs(found.best.mean() - skies.best.mean()) < 3.0 * error
    assert found.best.std() == pytest.approx(skies.best.std(), rel=3.0 / np.sqrt(2.0 * N_SAMPLES))
    assert found.covers(1.0).mean() == pytest.approx(0.68, abs=3.0 * np.sqrt(0.68 * 0.32 / N_SAMPLES))


@pytest.mark.slow
@pairs
def test_merged_cells_and_pixels_fit_what_single_events_fit(channel: str, mass: float) -> None:
    """The same samples, each event with the ratio at its own place, and the background from pixels: 5 % of an error."""
    analysis = simulated_pair(channel, mass).analysis
    for seed in range(FIRST_SEED, FIRST_SEED + N_SAMPLES_IN_DETAIL):
        events = sample_of_events(channel, mass, data(seed), seed)
        background = background_of_events(events)
        sky = sky_of_events(events, RECO_ENERGY_EDGES, STATISTIC.nside)
        merged = analysis.interval(sky, background)
        on_sky = background_on_sky(background, STATISTIC.nside)
        ratio = sky_ratio(analysis.signal, analysis.signal_average, on_sky, STATISTIC.background)
        each = ratio.ravel()[flat_cells(events)]
        of_single_events = likelihood_interval(np.ones((1, each.size)), each)
        error = 0.5 * (merged.high - merged.low)
        for other in (of_single_events, analysis.interval(sky)):
            assert (
                np.abs([other.low - merged.low, other.best - merged.best, other.high - merged.high]).max()
                < 0.05 * error
            )
