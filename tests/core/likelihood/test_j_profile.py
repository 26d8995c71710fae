"""The likelihood with J factors as nuisances: closed forms, another minimiser, and where the Gaussian one agrees."""

import numpy as np
import pyarrow as pa
import pytest
from scipy.optimize import brentq, minimize, minimize_scalar

from core.errors import InputError, PhysicsError
from core.likelihood.j_profile import (
    FactorErrors,
    SkyLikelihood,
    gaussian_drop,
    profile_curve,
    profiled_strength,
)

Z_SQUARE = 1.2815515655446004**2


def both(low: float, high: float, n_sources: int = 1) -> FactorErrors:
    return FactorErrors(np.full(n_sources, low), np.full(n_sources, high))


@pytest.mark.parametrize("found", [2.0, 0.5, 10.0])
def test_fixed_factors_give_the_gaussian_limit(found: float) -> None:
    """d = 4 s_hat and I = 4: an error of 1/2."""
    fit = profiled_strength(SkyLikelihood.gaussian([4.0 * found], [[4.0]]), FactorErrors.none(1))
    assert fit.best == pytest.approx(found, rel=1e-6)
    assert fit.high == pytest.approx(found + 0.5, rel=1e-6)
    assert fit.low == pytest.approx(max(found - 0.5, 0.0), abs=1e-6)
    assert fit.upper_limit == pytest.approx(found + 0.5 * np.sqrt(Z_SQUARE), rel=1e-6)
    assert fit.fall_at_zero == pytest.approx(4.0 * found**2)
    assert fit.factors == pytest.approx([1.0])


def test_below_zero_the_best_fit_is_zero_and_the_limit_falls_from_there() -> None:
    fit = profiled_strength(SkyLikelihood.gaussian([-4.0], [[4.0]]), FactorErrors.none(1))
    assert (fit.best, fit.low, fit.fall_at_zero) == (0.0, 0.0, 0.0)
    assert fit.upper_limit == pytest.approx(-1.0 + np.sqrt(1.0 + Z_SQUARE / 4.0))


@pytest.mark.parametrize("side", [(0.3, 0.9), (0.9, 0.3)])
def test_a_precise_sky_leaves_the_log_normal_of_the_side_downwards(side: tuple[float, float]) -> None:
    """θ = s J/J_observed is known: s above its best fit means J below its observed value, so that σ_low counts."""
    fit = profiled_strength(SkyLikelihood.gaussian([1e8], [[1e8]]), both(*side))
    assert np.log(fit.upper_limit) == pytest.approx(side[0] * np.sqrt(Z_SQUARE), rel=1e-3)
    assert np.log(fit.high) == pytest.approx(side[0], rel=1e-3)
    assert np.log(fit.low) == pytest.approx(-side[1], rel=1e-3)
    assert fit.factors[0] * fit.upper_limit == pytest.approx(1.0, rel=1e-3)


def reference_profile(strength: float, found: float, information: float, low: float, high: float) -> float:
    def objective(shift: float) -> float:
        theta = strength * np.exp(shift)
        return theta * (0.5 * theta * information - found) + 0.5 * (shift / (high if shift > 0.0 else low)) ** 2

    grid = np.linspace(-8.0, 8.0, 1601)
    start = grid[int(np.argmin([objective(shift) for shift in grid]))]
    return float(minimize_scalar(objective, bounds=(start - 0.02, start + 0.02), method="bounded").fun)


@pytest.mark.parametrize("found", [-3.0, 1.0, 5.0])
def test_one_source_agrees_with_a_minimiser_over_a_grid(found: float) -> None:
    sky, errors = SkyLikelihood.gaussian([found], [[4.0]]), both(1.2, 0.8)
    strengths = np.array([0.1, 0.5, 2.0, 5.0])
    curve = profile_curve(sky, errors, strengths)
    assert curve == pytest.approx([-2.0 * reference_profile(s, found, 4.0, 1.2, 0.8) for s in strengths], abs=1e-4)
    fit = profiled_strength(sky, errors)
    least = reference_profile(fit.best, found, 4.0, 1.2, 0.8)
    limit = brentq(
        lambda s: reference_profile(s, found, 4.0, 1.2, 0.8) - least - 0.5 * Z_SQUARE, fit.best + 1e-6, 100.0
    )
    assert fit.upper_limit == pytest.approx(limit, rel=1e-4)


def three_sources(seed: int, n_cells: int = 60) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Counts, relative excess and background of a sky on which three sources are seen with 1 to 3 sigma."""
    generator = np.random.default_rng(seed)
    background = generator.uniform(200.0, 2000.0, n_cells)
    excess = generator.normal(size=(n_cells, 3)) * [0.02, 0.01, 0.005]
    excess -= (background @ excess) / background.sum()
    return generator.poisson(background * (1.0 + excess.sum(axis=1))), excess, background


@pytest.mark.parametrize("seed", range(4))
def test_three_sources_agree_with_another_minimiser(seed: int) -> None:
    counts, excess, _ = three_sources(seed)
    low, high = np.array([0.5, 1.0, 1.2]), np.array([0.6, 0.9, 0.7])

    def objective(shifts: np.ndarray, strength: float) -> float:
        penalty = 0.5 * np.sum((shifts / np.where(shifts > 0.0, high, low)) ** 2)
        return float(penalty - counts @ np.log1p(excess @ (strength * np.exp(shifts))))

    sky = SkyLikelihood.of_counts(counts, excess)
    for strength in (0.3, 1.0, 3.0):
        options = {"xatol": 1e-9, "fatol": 1e-12, "maxiter": 20_000, "maxfev": 20_000}
        slow = min(
            minimize(objective, start, args=(strength,), method="Nelder-Mead", options=options).fun
            for start in (np.zeros(3), np.full(3, -0.5))
        )
        assert profile_curve(sky, FactorErrors(low, high), [strength])[0] == pytest.approx(-2.0 * slow, abs=1e-6)


@pytest.mark.parametrize("seed", range(6))
def test_gaussian_and_exact_likelihood_agree_where_counts_are_large(seed: int) -> None:
    counts, excess, background = three_sources(seed)
    errors = FactorErrors(np.array([0.5, 1.0, 0.0]), np.array([0.6, 0.9, 0.0]))
    exact = profiled_strength(SkyLikelihood.of_counts(counts, excess), errors)
    information = (excess.T * background) @ excess
    gaussian = profiled_strength(SkyLikelihood.gaussian(counts @ excess, information), errors)
    assert gaussian.upper_limit == pytest.approx(exact.upper_limit, rel=0.05)


def test_uncertain_factors_never_make_a_limit_smaller() -> None:
    for seed in range(6):
        counts, excess, _ = three_sources(seed)
        sky = SkyLikelihood.of_counts(counts, excess)
        wide, narrow = (profiled_strength(sky, both(error, error, 3)).upper_limit for error in (1.0, 0.01))
        assert wide >= narrow * (1.0 - 1e-6)
        assert narrow == pytest.approx(profiled_strength(sky, FactorErrors.none(3)).upper_limit, rel=1e-3)


def test_the_curve_falls_by_the_drop_at_the_ends() -> None:
    counts, excess, _ = three_sources(1)
    sky, errors = SkyLikelihood.of_counts(counts, excess), both(0.8, 0.8, 3)
    fit = profiled_strength(sky, errors, limit_drop=3.0, drop=1.0)
    best, high, limit, low = profile_curve(sky, errors, [fit.best, fit.high, fit.upper_limit, fit.low])
    assert best - high == pytest.approx(1.0, abs=1e-5)
    assert best - limit == pytest.approx(3.0, abs=1e-5)
    assert best - low == pytest.approx(min(1.0, fit.fall_at_zero), abs=1e-5)
    assert best == pytest.approx(fit.fall_at_zero, abs=1e-6)


def test_strengths_may_have_any_unit() -> None:
    counts, excess, _ = three_sources(2)
    errors = both(0.8, 0.5, 3)
    here = profiled_strength(SkyLikelihood.of_counts(counts, excess), errors)
    there = profiled_strength(SkyLikelihood.of_counts(counts, excess * 1e21), errors)
    assert there.upper_limit * 1e21 == pytest.approx(here.upper_limit, rel=1e-9)


def test_errors_come_from_the_sources_table() -> None:
    table = {"source": ["A", "B"], "log10_j_factor_error_low": [0.1, 0.2], "log10_j_factor_error_high": [0.3, 0.4]}
    errors = FactorErrors.of_sources(pa.table(table))
    assert errors.low == pytest.approx(np.log(10.0) * np.array([0.1, 0.2]))
    assert errors.shifts([1.0, -2.0]) == pytest.approx(np.log(10.0) * np.array([0.3, -0.4]))
    with pytest.raises(InputError, match="J factor of B has no error"):
        FactorErrors.of_sources(pa.table(table | {"log10_j_factor_error_high": [0.3, np.nan]}))


def test_what_cannot_be_meant_is_refused() -> None:
    sky = SkyLikelihood.gaussian([1.0], [[1.0]])
    with pytest.raises(PhysicsError, match="two numbers >= 0"):
        both(-1.0, 1.0)
    with pytest.raises(PhysicsError, match="errors of 2 J factors do not fit a sky of 1"):
        profiled_strength(sky, FactorErrors.none(2))
    with pytest.raises(PhysicsError, match="no information"):
        profiled_strength(SkyLikelihood.gaussian([1.0], [[0.0]]), FactorErrors.none(1))
    with pytest.raises(PhysicsError, match="needed is more than 0"):
        profiled_strength(sky, FactorErrors.none(1), limit_drop=0.0)
    with pytest.raises(PhysicsError, match="numbers >= 0"):
        profile_curve(sky, FactorErrors.none(1), [-1.0])
    with pytest.raises(PhysicsError, match="do not fit"):
        SkyLikelihood.of_counts([1.0], [[1.0], [2.0]])
    with pytest.raises(PhysicsError, match="do not fit"):
        SkyLikelihood.gaussian([np.nan], [[1.0]])
    with pytest.raises(PhysicsError, match=r"between 0\.5 and 1"):
        gaussian_drop(0.4)


def test_no_events_say_nothing() -> None:
    with pytest.raises(PhysicsError, match="no information"):
        profiled_strength(SkyLikelihood.of_counts([0.0, 0.0], [[1.0], [-1.0]]), FactorErrors.none(1))
