"""Signal trials with drawn J factors: what they draw, on what their numbers depend, and the trap in them."""

import numpy as np
import pytest

from core.errors import PhysicsError
from core.inference.robustness import drawn_factors, marginalised_ratio
from core.likelihood.j_profile import FactorErrors
from core.trials import run_trials
from core.trials.j_trials import marginalised_trials, signal_in_ratio_cells, source_events
from tests.core.pdfs.public_pairs import STATISTIC, public_pair
from tests.core.pdfs.source_pairs import patterns

EXPECTED = np.array([5.0, 3.0, 2.0])
ERRORS = FactorErrors(np.array([0.3, 1.0, 0.0]), np.array([0.5, 0.8, 0.0]))


def test_without_errors_every_trial_gets_what_is_injected_shared_by_expected_events() -> None:
    numbers = source_events(EXPECTED, FactorErrors.none(3), 50, 20_000, 1, 0, 1000)
    assert np.all(numbers.sum(axis=1) == 50)
    assert numbers.mean(axis=0) == pytest.approx([25.0, 15.0, 10.0], rel=0.02)
    assert numbers.var(axis=0) == pytest.approx([12.5, 10.5, 8.0], rel=0.05)


def test_drawn_factors_scale_the_events_of_their_own_source() -> None:
    numbers = source_events(EXPECTED, ERRORS, 100, 40_000, 2, 0, 10_000)
    factors = drawn_factors(ERRORS, 400_000, np.random.default_rng(1))
    assert numbers.mean(axis=0) == pytest.approx(100 * EXPECTED / 10.0 * factors.mean(axis=0), rel=0.02)
    assert np.median(numbers[:, 1]) == pytest.approx(30.0, abs=1.0)
    correlation = np.corrcoef(numbers.T)
    assert abs(correlation[0, 2]) < 0.1


def test_no_trial_gets_more_events_than_it_has() -> None:
    assert source_events(EXPECTED, ERRORS, 100, 1000, 2, 0, 120).sum(axis=1).max() == 120


def test_numbers_of_a_trial_do_not_depend_on_how_trials_are_split() -> None:
    whole = source_events(EXPECTED, ERRORS, 100, 50, 7, 0, 1000)
    assert np.array_equal(whole[30:], source_events(EXPECTED, ERRORS, 100, 20, 7, 30, 1000))
    assert not np.array_equal(whole, source_events(EXPECTED, ERRORS, 100, 50, 8, 0, 1000))


def test_the_signal_of_the_sources_is_that_of_the_ratio_cells() -> None:
    cells = public_pair("tautau", 20.0).ratio_cells()
    found = signal_in_ratio_cells(patterns("tautau", 20.0), STATISTIC.n_cells)
    total = found.sum(axis=0) / found.sum()
    assert total == pytest.approx(cells["signal_probability"].to_numpy(), abs=1e-6)


def test_trials_fit_the_drawn_signal_and_a_split_changes_nothing() -> None:
    model = public_pair("tautau", 20.0).trial_model()
    source_signal = signal_in_ratio_cells(patterns("tautau", 20.0), STATISTIC.n_cells)
    errors = FactorErrors.of_sources(public_pair("tautau", 20.0).expected.sources)
    fits, injected = marginalised_trials(model, source_signal, errors, 225, 4000, seed=3)
    assert np.corrcoef(fits.n_s, injected)[0, 1] > 0.7
    later, _ = marginalised_trials(model, source_signal, errors, 225, 10, seed=3, first_trial=3000)
    assert np.array_equal(fits.n_s[3000:3010], later.n_s)


def test_fixed_factors_give_the_trials_of_the_nominal_pattern() -> None:
    model = public_pair("tautau", 20.0).trial_model()
    source_signal = signal_in_ratio_cells(patterns("tautau", 20.0), STATISTIC.n_cells)
    fits, injected = marginalised_trials(model, source_signal, FactorErrors.none(30), 225, 8000, seed=3)
    nominal = run_trials(model, 8000, 225, seed=4)
    assert set(injected) == {225}
    assert fits.n_s.mean() == pytest.approx(nominal.n_s_signed.mean(), abs=4.0 * 175.0 * np.sqrt(2.0 / 8000))
    assert fits.n_s.std() == pytest.approx(nominal.n_s_signed.std(), rel=0.04)


@pytest.mark.slow
def test_the_trials_show_the_trap_that_the_closed_form_shows() -> None:
    """At 0.83 times the fixed sensitivity nine tenths of the trials already exceed the median without signal."""
    model = public_pair("tautau", 20.0).trial_model()
    errors = FactorErrors.of_sources(public_pair("tautau", 20.0).expected.sources)
    source_signal = signal_in_ratio_cells(patterns("tautau", 20.0), STATISTIC.n_cells)
    factors = drawn_factors(errors, 20_000, np.random.default_rng(1))
    ratio = marginalised_ratio(patterns("tautau", 20.0).information, factors)
    n_injected = round(ratio * public_pair("tautau", 20.0).closed_form().sensitivity)
    median = np.median(run_trials(model, 20_000, seed=1).test_statistic_signed)
    fits, _ = marginalised_trials(model, source_signal, errors, n_injected, 20_000, seed=5)
    assert np.mean(fits.test_statistic > median) == pytest.approx(0.9, abs=0.015)


@pytest.mark.parametrize("n_injected", [-1, 40_903])
def test_impossible_injections_are_refused(n_injected: int) -> None:
    model = public_pair("tautau", 20.0).trial_model()
    source_signal = signal_in_ratio_cells(patterns("tautau", 20.0), STATISTIC.n_cells)
    with pytest.raises(PhysicsError, match="must lie between 0 and the 40902 events"):
        marginalised_trials(model, source_signal, FactorErrors.none(30), n_injected, 10, seed=1)
    with pytest.raises(PhysicsError, match="source signal"):
        marginalised_trials(model, source_signal[:5], FactorErrors.none(30), 10, 10, seed=1)
