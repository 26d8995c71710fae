"""The fit without signal gives back what IceCube published from these data; the likelihood of a bin in closed form."""

import numpy as np
import pytest

from core.errors import PhysicsError
from core.events.public_release import public_counts
from core.glossary import GLOSSARY
from core.inference.atmospheric_fit import (
    STANDARD_OSCILLATION,
    atmospheric_fit_product,
    deviance_and_slopes,
    fit_counts,
    goodness_of_fit,
    profiled_interval,
)
from core.inference.atmospheric_model import FIT_NAMES, NOMINAL_VALUES, place_of, public_counts_model

# arXiv:1707.07081: best fit, error downwards, error upwards; normal ordering.
PUBLISHED = {"mass_splitting_32": (2.31e-3, 0.13e-3, 0.11e-3), "sin2_theta23": (0.51, 0.09, 0.07)}
# arXiv:1901.05366 from the same data: charged-current ντ normalisation.
PUBLISHED_TAU = (0.57, 0.30, 0.36)
# Best fit of the detector's parameters there, of which the fit of oscillations has nearly the same.
PUBLISHED_DETECTOR = {"ice_absorption": 1.021, "ice_scattering": 0.974, "opt_eff_overall": 1.05}


@pytest.fixture(scope="module")
def counts() -> np.ndarray:
    return public_counts()["n_events"].to_numpy().astype(float)


@pytest.mark.slow
def test_the_published_oscillation_comes_back(counts: np.ndarray) -> None:
    model = public_counts_model()
    fit = fit_counts(model, counts, fixed=STANDARD_OSCILLATION)
    for name, (value, below, above) in PUBLISHED.items():
        assert value - below < fit.values[place_of(name)] < value + above
        low, high = profiled_interval(model, counts, fit, name, STANDARD_OSCILLATION)
        assert low < value < high
        assert 0.6 * (below + above) < high - low < 1.6 * (below + above)
        at_end = fit_counts(model, counts, fixed=STANDARD_OSCILLATION | {name: high})
        assert at_end.minimum - fit.minimum == pytest.approx(1.0, abs=2e-3)
    p_value, n_degrees = goodness_of_fit(fit)
    assert p_value > 0.05
    assert n_degrees == 128 - 5
    for name, value in PUBLISHED_DETECTOR.items():
        assert abs(fit.values[place_of(name)] - value) < fit.uncertainties[place_of(name)]
    assert np.all(abs(fit.pulls()) < 2.0)


@pytest.mark.slow
def test_the_published_appearance_of_tau_neutrinos_comes_back(counts: np.ndarray) -> None:
    value, below, above = PUBLISHED_TAU
    fit = fit_counts(public_counts_model(), counts)
    assert value - below < fit.values[place_of("nutau_normalisation")] < value + above


@pytest.mark.slow
def test_counts_as_expected_give_back_what_they_were_expected_from() -> None:
    model, truth = public_counts_model(), NOMINAL_VALUES.copy()
    truth[place_of("mass_splitting_32")], truth[place_of("sin2_theta23")] = 2.5e-3, 0.4
    fit = fit_counts(model, model.expected(truth), priors=truth)
    np.testing.assert_allclose(fit.values, truth, rtol=2e-3, atol=2e-3)
    assert fit.minimum == pytest.approx(0.0, abs=1e-5)


def test_a_bin_without_error_of_its_expectation_is_poisson() -> None:
    root, _ = deviance_and_slopes(np.array([5.0, 0.0]), np.array([3.0, 2.0]), np.full(2, 1e-6))
    expected = 2.0 * np.array([3.0 - 5.0 + 5.0 * np.log(5.0 / 3.0), 2.0])
    np.testing.assert_allclose(root**2, expected, rtol=1e-4)
    np.testing.assert_array_equal(np.sign(root), [-1.0, 1.0])


def test_a_bin_of_many_counts_has_the_errors_of_both_added_in_quadrature() -> None:
    counts, expected, error = np.array([1e6]), np.array([1.003e6]), np.array([0.002])
    root, slope = deviance_and_slopes(counts, expected, error)
    assert root[0] == pytest.approx(3000.0 / np.sqrt(1e6 + 2000.0**2), rel=5e-3)
    step = 10.0
    above, below = (deviance_and_slopes(counts, expected + s, error)[0][0] for s in (step, -step))
    assert slope[0] == pytest.approx((above - below) / (2.0 * step), rel=1e-5)


def test_wrong_questions_are_refused(counts: np.ndarray) -> None:
    model = public_counts_model()
    with pytest.raises(PhysicsError, match="not negative"):
        fit_counts(model, -counts)
    with pytest.raises(PhysicsError, match="no strength to fit"):
        fit_counts(model, counts, strength=None)


def test_the_table_has_a_row_a_parameter_and_words_of_the_glossary(counts: np.ndarray) -> None:
    table = atmospheric_fit_product(public_counts_model(), counts)
    assert table["parameter"].to_pylist() == list(FIT_NAMES)
    assert all(GLOSSARY[field.name].dtype == field.type for field in table.schema)
    assert table["pull"].null_count == 6
    assert table["uncertainty"][place_of("nutau_normalisation")].as_py() == 0.0
