"""Pseudo-skies of a pair: what is drawn, what is fitted, and the trials that describe them."""

import numpy as np
import pytest

from core.inference.certified_pair import fits_of_skies, share_above
from core.trials.run import run_trials
from tests.core.inference.certified_pairs import certified
from tests.core.pdfs.public_pairs import public_pair

PAIR = ("tautau", 20.0)
N_EVENTS = 40_902


def test_skies_hold_the_densities() -> None:
    pair, model = certified(*PAIR), public_pair(*PAIR).trial_model()
    assert pair.skies.background.sum() == pytest.approx(N_EVENTS)
    assert pair.n_s_per_strength == pytest.approx(public_pair(*PAIR).signal_pdf()["n_s_per_sigma_v"][0].as_py())
    bare = pair.expected_model(0.0)
    assert bare.n_events == N_EVENTS
    # Rings on the border of two bands give to both what they hold of either: up to 1 % more or less background there.
    assert bare.background == pytest.approx(model.background, rel=0.01)
    assert bare.signal == pytest.approx(model.signal, rel=1e-3, abs=1e-7)
    assert bare.ratio - 1.0 == pytest.approx(model.ratio - 1.0, rel=0.01, abs=1e-6)


def test_a_sky_with_signal_has_more_background_where_the_signal_is() -> None:
    pair = certified(*PAIR)
    strength = 1000.0 / pair.n_s_per_strength
    model, bare = pair.expected_model(strength), pair.expected_model(0.0)
    assert model.n_events == N_EVENTS + 1000
    assert model.signal_average is not None
    assert bare.signal_average is not None
    expected = (N_EVENTS * bare.background[0] + 1000.0 * bare.signal_average) / (N_EVENTS + 1000)
    assert model.background[0] == pytest.approx(expected, rel=1e-9)
    # So that R differs less from 1: E/B of the larger B.
    assert np.sum(model.background[0] * (model.ratio[0] - 1.0) ** 2) < np.sum(
        bare.background[0] * (bare.ratio[0] - 1.0) ** 2
    )


@pytest.mark.slow
@pytest.mark.parametrize("n_s", [400.0, 1200.0])
def test_trials_of_the_expected_background_describe_skies(n_s: float) -> None:
    """Mean and spread of n_s and of the signed root, which trials of the nominal background have otherwise."""
    pair = certified(*PAIR)
    strength = n_s / pair.n_s_per_strength
    fits = fits_of_skies(pair, strength, 250, np.random.default_rng(8))
    trials = run_trials(pair.expected_model(strength), 20_000, n_s, seed=2, poisson=True)
    roots = np.sign(trials.test_statistic_signed) * np.sqrt(np.abs(trials.test_statistic_signed))
    assert abs(trials.n_s_signed.mean() - n_s) < 5.0 * trials.n_s_signed.std() / np.sqrt(20_000)
    for sky, trial in ((fits.n_s, trials.n_s_signed), (fits.root, roots)):
        error = sky.std() / np.sqrt(sky.size)
        assert abs(sky.mean() - trial.mean()) < 3.5 * error
        assert sky.std() == pytest.approx(trial.std(), rel=0.18)


def test_a_sky_ranks_among_trials_of_its_own_background() -> None:
    model = certified(*PAIR).expected_model(0.0)
    assert share_above(model, -50.0, 0.0, 99, 1) == pytest.approx(0.995)
    assert share_above(model, 50.0, 0.0, 99, 1) == pytest.approx(0.005)
    assert 0.25 < share_above(model, 0.0, 0.0, 99, 1) < 0.75


@pytest.mark.slow
def test_own_trials_rank_skies_evenly() -> None:
    pair = certified(*PAIR)
    fits = fits_of_skies(pair, 300.0 / pair.n_s_per_strength, 120, np.random.default_rng(4), n_own_trials=39)
    assert fits.exceeding.mean() == pytest.approx(0.5, abs=4.0 * np.sqrt(1.0 / 12.0 / 120))
    assert np.mean(fits.exceeding <= 0.9) == pytest.approx(0.9, abs=4.0 * np.sqrt(0.09 / 120))
