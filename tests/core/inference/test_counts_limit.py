"""Limits from the measured counts: the asymptotic laws, trials, and the table of both."""

import numpy as np
import pytest
from scipy.special import ndtr, ndtri

from benchmarks.counts_coverage import coverage
from benchmarks.counts_pairs import public_signal
from core.errors import PhysicsError
from core.events.public_release import public_counts
from core.glossary import GLOSSARY
from core.inference.atmospheric_fit import CountsFit, fit_counts
from core.inference.atmospheric_model import NOMINAL_VALUES, CountsModel, public_counts_model
from core.inference.counts_expansion import expanded_model, fit_expanded
from core.inference.counts_limit import CountsLimit, MeasuredBackground, asimov_profile, cls_of, counts_limit
from core.inference.counts_limit_product import METHODS, counts_limit_product
from core.inference.counts_series import expectation
from core.inference.counts_trials import BackgroundTrials, drawn_histograms, public_background_trials, trials_limit


@pytest.fixture(scope="module")
def counts() -> np.ndarray:
    return public_counts()["n_events"].to_numpy().astype(float)


@pytest.fixture(scope="module")
def model() -> CountsModel:
    """Atmosphere and one event of tautau at 20 GeV."""
    shape = public_signal("tautau", 20.0)
    return public_counts_model().with_signal(shape / shape.sum())


@pytest.fixture(scope="module")
def limit(model: CountsModel, counts: np.ndarray) -> CountsLimit:
    return counts_limit(model, counts)


@pytest.mark.slow
def test_cls_is_ten_per_cent_at_the_limit(model: CountsModel, counts: np.ndarray, limit: CountsLimit) -> None:
    at_limit = fit_counts(model, counts, limit.upper_limit).minimum - limit.signal.minimum
    asimov = asimov_profile(model, limit.background)
    assert cls_of(at_limit, asimov.rise(limit.upper_limit)) == pytest.approx(0.1, abs=1e-3)
    assert limit.upper_limit_plain is not None
    plain = fit_counts(model, counts, limit.upper_limit_plain).minimum - limit.signal.minimum
    assert plain == pytest.approx(ndtri(0.9) ** 2, rel=2e-3)
    assert limit.upper_limit_plain < limit.upper_limit


def test_cls_of_a_measurement_at_its_expectation_is_the_closed_form() -> None:
    """A Gaussian measurement of 0 with width 1: CLs = 2 (1 - Φ(μ)), 0.1 at 1.645."""
    assert cls_of(1.645**2, 1.645**2) == pytest.approx(0.1, abs=1e-4)
    assert cls_of(4.0, 1.0) == pytest.approx(ndtr(-2.0) / ndtr(-1.0))


@pytest.mark.slow
def test_counts_as_expected_have_the_median_limit(model: CountsModel, limit: CountsLimit) -> None:
    asimov = asimov_profile(model, limit.background)
    strength = limit.expected["median"]
    assert cls_of(asimov.rise(strength), asimov.rise(strength)) == pytest.approx(0.1, abs=2e-3)
    bands = [limit.expected[name] for name in ("lo95", "lo68", "median", "hi68", "hi95")]
    assert np.all(np.diff(bands) > 0.0)


@pytest.mark.slow
def test_an_added_signal_is_found(model: CountsModel, limit: CountsLimit) -> None:
    background = limit.background
    strength = 3.0 * asimov_profile(model, background).best.strength_uncertainty
    fit = fit_counts(model, model.expected(background.values, strength), None, priors=background.values)
    assert fit.strength == pytest.approx(strength, rel=0.01)


@pytest.mark.slow
def test_the_series_fits_as_the_model_does(model: CountsModel, limit: CountsLimit) -> None:
    """Test statistics of drawn histograms: of the median histogram the same to 0.02, of all to 0.1 rms."""
    random = np.random.Generator(np.random.Philox(key=1))
    drawn = drawn_histograms(model, limit.background, 16, random)
    series = expanded_model(model, np.append(limit.background.values, 0.0))
    free = fit_expanded(series, drawn.counts, drawn.priors).minimum
    without = fit_expanded(series, drawn.counts, drawn.priors, 0.0).minimum
    differences = []
    for index, (row, priors) in enumerate(zip(drawn.counts, drawn.priors, strict=True)):
        # The series spares the making of one; where such a fit ends is a minimum of the model itself.
        exact = [fit_counts(model, row, held, priors=priors, series=series).minimum for held in (0.0, None)]
        differences.append(exact[0] - exact[1] - (without[index] - free[index]))
    assert np.median(np.abs(differences)) < 0.02
    assert np.sqrt(np.mean(np.square(differences))) < 0.1


@pytest.mark.slow
def test_trials_depend_on_the_seed_alone(model: CountsModel, counts: np.ndarray, limit: CountsLimit) -> None:
    measured = MeasuredBackground.of(model, counts)
    first, again, other = (
        trials_limit(model, counts, limit, BackgroundTrials.of(model, measured, 100, seed), seed) for seed in (5, 5, 6)
    )
    assert first == again
    assert first != other
    assert first.upper_limit_plain == pytest.approx(other.upper_limit_plain, rel=0.6)
    assert 0.3 < first.goodness_of_fit < 0.95
    with pytest.raises(PhysicsError, match="too few"):
        BackgroundTrials.of(model, measured, 99, 1)


@pytest.mark.slow
def test_the_known_background_saves_time_and_changes_nothing(
    model: CountsModel, counts: np.ndarray, limit: CountsLimit
) -> None:
    known = counts_limit(model, counts, background=MeasuredBackground.of(public_counts_model(), counts))
    assert known.upper_limit == pytest.approx(limit.upper_limit, rel=2e-4)
    assert known.best_fit == pytest.approx(limit.best_fit, rel=2e-3)


@pytest.mark.slow
def test_the_series_with_a_signal_is_the_one_that_is_expanded(model: CountsModel, limit: CountsLimit) -> None:
    centre = np.append(limit.background.values, 0.0)
    added, expanded = expanded_model(public_counts_model(), centre).with_signal(model), expanded_model(model, centre)
    for name in ("scale", "expected", "slopes", "low", "high"):
        np.testing.assert_allclose(getattr(added, name), getattr(expanded, name), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(added.curvature, expanded.curvature, atol=1e-6 * np.abs(expanded.curvature).max())


@pytest.mark.slow
def test_a_series_that_touches_has_expectation_and_slopes_of_the_model(model: CountsModel, limit: CountsLimit) -> None:
    series = expanded_model(model, np.append(limit.background.values, 0.0))
    values = series.centre + 0.7 * series.scale
    wanted, slopes = model.expected_and_slopes(values[:-1], values[-1])
    touching = series.touching(values, wanted, slopes)
    point = (values - touching.centre) / touching.scale
    found, rows = expectation(point, touching.expected, touching.slopes, touching.curvature, touching.bending)
    np.testing.assert_allclose(found, wanted, rtol=1e-10)
    np.testing.assert_allclose(rows, slopes * series.scale[:, None], rtol=1e-8, atol=1e-9)


@pytest.mark.slow
def test_the_table_has_a_row_a_profile_and_method(counts: np.ndarray) -> None:
    shape = public_signal("tautau", 20.0)
    background = public_background_trials(counts, 100, 1)
    table = counts_limit_product(public_counts_model(), counts, {"none": shape, "nfw": 2.0 * shape}, background, seed=1)
    assert table["profile"].to_pylist() == ["none"] * 3 + ["nfw"] * 3
    assert table["method"].to_pylist() == list(METHODS) * 2
    assert all(GLOSSARY[field.name].dtype == field.type for field in table.schema)
    limits = np.array(table["sigma_v_upper_limit"].to_pylist())
    np.testing.assert_allclose(limits[:3], 2.0 * limits[3:], rtol=1e-3)
    assert limits[0] > limits[1]
    assert table["n_bins"].to_pylist()[1] == 128
    assert table["sigma_v_best_fit"][0].as_py() is None


@pytest.mark.slow
def test_limits_by_trials_cover(model: CountsModel, limit: CountsLimit) -> None:
    """200 histograms with a signal of 1 σ, parameters fitted to each anew; the recorded command draws 1,000."""
    strength = asimov_profile(model, limit.background).best.strength_uncertainty
    truth = CountsFit(
        **{
            **vars(limit.background),
            "strength": strength,
            "expected": model.expected(limit.background.values, strength),
        }
    )
    covered = coverage(model, truth, 200, 100, seed=2)
    assert covered["trials"] == pytest.approx(0.9, abs=0.06)
    assert covered["asymptotic CLs"] > 0.9


def test_the_nominal_model_expects_about_what_was_measured(counts: np.ndarray) -> None:
    assert public_counts_model().expected(NOMINAL_VALUES).sum() == pytest.approx(counts.sum(), rel=0.02)
