"""Fits of a series of counts against closed forms: a linear expectation, whose fit is a weighted mean."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.inference.atmospheric_model import N_PARAMETERS, place_of
from core.inference.counts_expansion import ExpandedModel, fit_expanded
from core.inference.counts_series import expectation

N_CELLS = 32
N_ALL = N_PARAMETERS + 1
ANGLE = place_of("sin2_theta23")
FREE_ERROR = 1e-6  # of a bin's factor: none that counts


def flat_model(expected: float = 1e4, precision: float = 1e4) -> ExpandedModel:
    """32 bins of one expectation; of the parameters the strength alone moves it, by 1 % a unit in half of the bins.

    All others are held by narrow priors at the centre, where they change nothing.
    """
    slopes = np.zeros((N_ALL, N_CELLS))
    slopes[-1, : N_CELLS // 2] = 0.01 * expected
    centre = np.zeros(N_ALL)
    centre[ANGLE] = 0.5  # its mirror image is itself
    return ExpandedModel(
        centre=centre,
        scale=np.ones(N_ALL),
        expected=np.full(N_CELLS, expected),
        slopes=slopes,
        curvature=np.zeros((N_ALL, N_ALL, N_CELLS)),
        bending=np.zeros((2, N_ALL + 1, N_CELLS)),
        variance=np.full(N_CELLS, FREE_ERROR**2),
        low=np.full(N_ALL, -30.0),
        high=np.full(N_ALL, 30.0),
        precision=np.append(np.full(N_PARAMETERS, precision), 0.0),
    )


def priors_of(model: ExpandedModel, n_histograms: int) -> np.ndarray:
    return np.tile(model.centre[:-1], (n_histograms, 1))


def test_a_linear_signal_is_fitted_as_the_sum_of_its_bins() -> None:
    """Of equal slopes the fit is the mean excess of the bins with signal, over their expectation: Poisson, exactly."""
    model, generator = flat_model(), np.random.default_rng(2)
    counts = generator.poisson(1e4, (20, N_CELLS)).astype(float)
    found = fit_expanded(model, counts, priors_of(model, 20))
    wanted = 100.0 * (counts[:, : N_CELLS // 2].mean(axis=1) / 1e4 - 1.0)
    np.testing.assert_allclose(found.strength, wanted, atol=1e-4)


def test_counts_as_expected_have_a_minimum_of_0_at_what_they_are_expected_from() -> None:
    model = flat_model()
    counts = model.expected + 3.0 * model.slopes[-1]
    found = fit_expanded(model, counts[None], priors_of(model, 1))
    assert found.strength[0] == pytest.approx(3.0, abs=1e-4)
    assert found.minimum[0] == pytest.approx(0.0, abs=1e-6)


def test_a_held_strength_costs_what_poisson_says() -> None:
    """-2 ln L of n counts at μ: 2 (μ - n + n ln n/μ), summed over the 16 bins with signal."""
    model = flat_model()
    found = fit_expanded(model, model.expected[None], priors_of(model, 1), strength=5.0)
    held = 1e4 * 1.05
    wanted = 16 * 2.0 * (held - 1e4 + 1e4 * np.log(1e4 / held))
    assert found.values[0, -1] == 5.0
    assert found.minimum[0] == pytest.approx(wanted, rel=1e-4)


def test_an_error_of_the_bins_weighs_as_in_quadrature() -> None:
    """A factor of each bin, known to 1 %, doubles the variance of 10,000 counts: half of -2 ln L."""
    model = flat_model()
    uncertain = replace(model, variance=np.full(N_CELLS, 1e-4))
    plain, wider = (
        fit_expanded(each, model.expected[None], priors_of(model, 1), strength=2.0).minimum[0]
        for each in (model, uncertain)
    )
    assert wider / plain == pytest.approx(0.5, rel=0.01)


def test_a_prior_pulls_with_its_precision() -> None:
    """A parameter with the slopes of the strength and a prior as good as the counts takes half of what they show."""
    model, place = flat_model(), place_of("nc_normalisation")
    slopes = model.slopes.copy()
    slopes[place] = slopes[-1]
    information = float((slopes[-1] ** 2 / model.expected).sum())
    precision = model.precision.copy()
    precision[place] = information
    shared = replace(model, slopes=slopes, precision=precision)
    counts = model.expected + model.slopes[-1]  # one unit
    found = fit_expanded(shared, counts[None], priors_of(shared, 1), strength=0.0)
    assert found.values[0, place] == pytest.approx(0.5, rel=0.01)
    # With the strength free it takes all, and the prior rests.
    free = fit_expanded(shared, counts[None], priors_of(shared, 1))
    assert free.values[0, place] == pytest.approx(0.0, abs=1e-3)
    assert free.strength[0] == pytest.approx(1.0, abs=1e-3)


def test_what_is_fixed_stays_where_it_was_put() -> None:
    model = flat_model()
    found = fit_expanded(model, model.expected[None], priors_of(model, 1), fixed={"nutau_normalisation": 0.25})
    assert found.values[0, place_of("nutau_normalisation")] == 0.25
    # Its prior, of precision 1e4 about 0, is paid for.
    assert found.minimum[0] == pytest.approx(1e4 * 0.25**2, rel=1e-6)


def test_a_fit_stops_at_the_limits_of_the_strength() -> None:
    model = replace(flat_model(), low=np.full(N_ALL, -1.0), high=np.full(N_ALL, 1.0))
    counts = np.array([model.expected + 3.0 * model.slopes[-1], model.expected - 3.0 * model.slopes[-1]])
    np.testing.assert_allclose(fit_expanded(model, counts, priors_of(model, 2)).strength, [1.0, -1.0])


def test_fits_do_not_know_of_each_other() -> None:
    model, generator = flat_model(), np.random.default_rng(5)
    counts = generator.poisson(1e4, (6, N_CELLS)).astype(float)
    together = fit_expanded(model, counts, priors_of(model, 6))
    alone = [fit_expanded(model, row[None], priors_of(model, 1)) for row in counts]
    np.testing.assert_array_equal(together.values, np.vstack([fit.values for fit in alone]))


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 1000))
def test_a_series_that_touches_has_the_given_value_and_slopes_there(seed: int) -> None:
    generator = np.random.default_rng(seed)
    model = flat_model()
    curvature = generator.normal(size=model.curvature.shape)
    bent = replace(
        model,
        slopes=generator.normal(size=model.slopes.shape),
        curvature=curvature + curvature.swapaxes(0, 1),
        bending=generator.normal(size=model.bending.shape),
        scale=generator.uniform(0.5, 2.0, N_ALL),
    )
    values, wanted = generator.normal(size=N_ALL), generator.uniform(1.0, 2.0, N_CELLS)
    slopes = generator.normal(size=(N_ALL, N_CELLS))
    touching = bent.touching(values, wanted, slopes)
    point = (values - touching.centre) / touching.scale
    mean, rows = expectation(point, touching.expected, touching.slopes, touching.curvature, touching.bending)
    np.testing.assert_allclose(mean, wanted, rtol=1e-7, atol=1e-7)
    np.testing.assert_allclose(rows, slopes * touching.scale[:, None], rtol=1e-8, atol=1e-8)
