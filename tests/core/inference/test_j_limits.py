"""Limits with J factors profiled: exact factors give back fixed ones, medians their closed form, errors their law."""

from functools import cache

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.dark_matter.processes import ANNIHILATION, PROCESSES
from core.errors import PhysicsError
from core.glossary import GLOSSARY
from core.inference.j_limits import (
    Falls,
    SkyLimits,
    calibration_table,
    deciding_sources,
    falls_of_table,
    j_profile_table,
    limits_of_count_skies,
    limits_of_gaussian_skies,
)
from core.likelihood.j_profile import FactorErrors, SkyLikelihood, gaussian_drop, profiled_strength
from core.pdfs.source_information import SourceCells, SourcePatterns, slope_share, source_cells

Z = 1.2815515655446004  # normal quantile of 90 %
TWO = np.array([[4.0, 2.0], [2.0, 9.0]])
GAUSSIAN = Falls(Z**2, 0.0, "here")
NSIDE, N_BACKGROUND = 4, 19_200  # 100 events a pixel


@cache
def small_sky() -> tuple[SourcePatterns, SourceCells]:
    """Two sources of one pixel each on an even sky of 192 pixels, background known: every number is round."""
    n_pixels = 12 * NSIDE**2
    signal = np.zeros((2, n_pixels))
    signal[0, 30], signal[1, 140] = 30.0, 10.0
    even = signal.sum(axis=1)[:, None] / n_pixels
    background = np.full(n_pixels, N_BACKGROUND / n_pixels)
    patterns = SourcePatterns(("bright", "faint"), signal, signal - even, background, (1, 1, n_pixels))
    return patterns, source_cells(patterns, 16)


@pytest.mark.parametrize("seed", [0, 5])
def test_each_gaussian_sky_with_exact_factors_has_the_limit_of_a_fit(seed: int) -> None:
    found = limits_of_gaussian_skies(TWO, FactorErrors.none(2), GAUSSIAN, seed, n_skies=32)
    np.testing.assert_allclose(found.fixed, found.profiled, rtol=1e-5)
    np.testing.assert_allclose(found.gaussian_fall, found.profiled, rtol=1e-12)


def test_the_limit_of_a_sky_that_fluctuates_up_is_its_fit_and_z_errors() -> None:
    """Above 0 it rises with the fit, one for one; below, the bound at 0 holds it up."""
    found = np.sort(limits_of_gaussian_skies(TWO, FactorErrors.none(2), GAUSSIAN, 1, n_skies=256).fixed)
    error = 1.0 / np.sqrt(TWO.sum())
    # Fits of skies are normal about 0: that of the upper 2.5 % is 1.96 errors.
    assert np.quantile(found, 0.975) == pytest.approx((1.95996 + Z) * error, rel=0.03)
    assert np.quantile(found, 0.025) == pytest.approx((np.sqrt(1.95996**2 + Z**2) - 1.95996) * error, rel=0.03)
    assert np.median(found) == pytest.approx(Z * error, rel=0.02)


def test_the_median_with_fixed_factors_is_the_asymptotic_sensitivity() -> None:
    found = limits_of_gaussian_skies(TWO, FactorErrors.none(2), GAUSSIAN, 3, n_skies=16)
    assert found.median(found.fixed) == pytest.approx(Z / np.sqrt(TWO.sum()), rel=1e-12)


def test_uncertain_factors_weaken_the_median_and_a_larger_fall_every_limit() -> None:
    errors = FactorErrors(np.full(2, 0.7), np.full(2, 0.7))
    found = limits_of_gaussian_skies(TWO, errors, Falls(2.0 * Z**2, 0.1, "here"), 3, n_skies=16)
    assert found.median(found.gaussian_fall) > 1.1 * found.median(found.fixed)
    assert np.all(found.profiled > found.gaussian_fall)


def test_the_skies_follow_from_the_seed_alone() -> None:
    first, again, other = (
        limits_of_gaussian_skies(TWO, FactorErrors.none(2), GAUSSIAN, seed, n_skies=8).fixed for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(first, again)
    assert np.all(first != other)


@settings(max_examples=50, deadline=None)
@given(brightness=st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=8), seed=st.integers(0, 1000))
def test_gathering_the_faintest_keeps_the_information_of_all(brightness: list[float], seed: int) -> None:
    generator = np.random.default_rng(seed)
    patterns = np.array(brightness)[:, None] * generator.uniform(0.5, 1.0, (len(brightness), 12))
    information = patterns @ patterns.T
    errors = FactorErrors(*generator.uniform(0.1, 2.0, (2, len(brightness))))
    few, own = deciding_sources(information, errors)
    assert few.sum() == pytest.approx(information.sum())
    assert len(few) == own.low.size <= len(information)
    assert own.low.min() >= errors.low.min() * (1.0 - 1e-12)
    assert own.high.max() <= errors.high.max() * (1.0 + 1e-12)
    np.testing.assert_allclose(slope_share(few).sum(), 1.0)


def test_the_gathered_source_has_the_mean_error_of_those_in_it() -> None:
    """Slopes of 1000, 3 and 1, that of the faint two below 2 %: their errors weigh 3 to 1."""
    errors = FactorErrors(np.array([0.5, 0.4, 0.8]), np.array([0.1, 1.0, 2.0]))
    few, own = deciding_sources(np.diag([1000.0, 3.0, 1.0]), errors)
    np.testing.assert_allclose(few, np.diag([1000.0, 4.0]))
    np.testing.assert_allclose(own.low, [0.5, 0.5])
    np.testing.assert_allclose(own.high, [0.1, 1.25])


def test_where_all_sources_decide_nothing_is_gathered() -> None:
    errors = FactorErrors.none(2)
    few, own = deciding_sources(TWO, errors)
    assert few is TWO
    assert own is errors


def test_the_limits_of_counts_with_exact_factors_are_those_of_their_likelihood() -> None:
    patterns, cells = small_sky()
    edges = np.linspace(-1.0, 1.0, 3)
    found = limits_of_count_skies(patterns, cells, edges, FactorErrors.none(2), GAUSSIAN, 7, 40)
    assert found.kind == "counts"
    np.testing.assert_allclose(found.fixed, found.profiled, rtol=1e-6)
    # Z errors where fits are Gaussian: the median of 40 is known to a fifth of an error.
    expected = Z / np.sqrt(patterns.information.sum())
    assert found.median(found.fixed) == pytest.approx(expected, abs=0.5 * expected / Z)


def test_no_skies_have_no_median() -> None:
    patterns, cells = small_sky()
    with pytest.raises(PhysicsError, match="no skies were drawn"):
        limits_of_count_skies(patterns, cells, np.linspace(-1.0, 1.0, 3), FactorErrors.none(2), GAUSSIAN, 7, 0)


def test_a_median_that_is_known_without_skies_takes_their_ratio() -> None:
    fixed = np.array([1.0, 2.0, 4.0])
    counts = SkyLimits(fixed, 3.0 * fixed, fixed, "counts")
    known = SkyLimits(fixed, 3.0 * fixed, fixed, "gaussian", expected_fixed=10.0)
    assert (counts.median(counts.profiled), known.median(known.profiled)) == (6.0, 30.0)
    # What is in proportion sky by sky has a ratio without error, though each of the two medians has one.
    assert known.median_error(known.profiled) == pytest.approx(0.0, abs=1e-12)
    assert counts.median_error(counts.profiled) > 1.0


def test_the_error_of_a_median_is_that_of_normal_numbers() -> None:
    """σ sqrt(π / 2n) for the median of n."""
    n_skies = 4000
    drawn = 5.0 + np.random.default_rng(2).normal(size=n_skies)
    limits = SkyLimits(drawn, drawn, drawn, "counts")
    assert limits.median_error(drawn) == pytest.approx(np.sqrt(0.5 * np.pi / n_skies), rel=0.2)


def test_a_calibration_without_errors_covers_as_wilks_says() -> None:
    table = calibration_table(TWO, FactorErrors.none(2), seed=1, n_trials=100)
    assert table["strength_over_uncertainty"].to_pylist() == sorted(table["strength_over_uncertainty"].to_pylist())
    far = table["strength_over_uncertainty"].to_numpy() > 2.5  # where the bound at 0 is never met
    coverage = table["coverage_of_gaussian_fall"].to_numpy()
    assert coverage[far].mean() == pytest.approx(0.9, abs=4.0 * np.sqrt(0.09 / (100 * far.sum())))
    assert table["likelihood_fall"].to_numpy()[far].mean() == pytest.approx(Z**2, rel=0.25)
    for column in table.schema:
        assert GLOSSARY[column.name].dtype == column.type


def test_the_fall_is_that_of_the_strength_that_needs_most_and_never_below_the_gaussian() -> None:
    table = pa.table({"likelihood_fall": [1.7, 3.1, 2.0], "likelihood_fall_error": [0.1, 0.2, 0.3]})
    assert falls_of_table(table, "bb/50") == Falls(3.1, 0.2, "bb/50")
    low = pa.table({"likelihood_fall": [1.0, 0.5], "likelihood_fall_error": [0.1, 0.2]})
    assert falls_of_table(low, "bb/50").calibrated == pytest.approx(Z**2)


@pytest.mark.parametrize("process", [ANNIHILATION, PROCESSES["decay"]], ids=lambda each: str(each.name))
def test_the_table_has_medians_and_the_band_of_its_skies(process) -> None:  # type: ignore[no-untyped-def]
    fixed = np.linspace(1.0, 3.0, 101)
    limits = SkyLimits(fixed, 2.0 * fixed, 1.5 * fixed, "counts")
    (row,) = j_profile_table(limits, Falls(3.0, 0.1, "bb/50"), process).to_pylist()
    strength = process.strength
    medians = [row[f"{strength}_sensitivity_{name}"] for name in ("fixed_j", "profiled_j", "profiled_j_gaussian_fall")]
    assert medians == pytest.approx([2.0, 4.0, 3.0])
    band = row[f"{strength}_profiled_j_band_lo68"], row[f"{strength}_profiled_j_band_hi68"]
    assert band == pytest.approx((2.0 * (1.0 + 2.0 * 0.16), 2.0 * (1.0 + 2.0 * 0.84)))
    assert (row["n_skies"], row["skies"], row["process"]) == (101, "counts", process.name)


def test_a_sky_of_one_source_with_a_wide_error_has_the_limit_of_its_own_profile() -> None:
    """The skies that are drawn are those that the likelihood is asked about: one source, I = 4."""
    errors = FactorErrors(np.array([0.9]), np.array([0.9]))
    found = limits_of_gaussian_skies(np.array([[4.0]]), errors, Falls(3.0, 0.1, "here"), 2, n_skies=4)
    for fixed, profiled in zip(found.fixed, found.profiled, strict=True):
        # From the limit with J fixed follows the fit: z errors of 1/2 below it, or by the bound at 0.
        fit = fixed - 0.5 * Z if fixed > 0.5 * Z else 0.5 * (fixed - gaussian_drop() / (4.0 * fixed))
        sky = SkyLikelihood.gaussian([4.0 * fit], [[4.0]])
        assert profiled == pytest.approx(profiled_strength(sky, errors, 3.0).upper_limit, rel=1e-4)
