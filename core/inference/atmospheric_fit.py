"""The fit of the atmospheric expectation to measured counts: profile likelihood with priors.

Counts are Poisson. An expectation is itself known to a share δ_b only (finite simulation, estimated muons), so each bin
has a factor β_b = 1 ± δ_b, profiled in closed form (Barlow and Beeston 1993, with one factor a bin as Conway 2011,
arXiv:1103.0354):

    -2 ln L = Σ_b { 2 [β μ - n + n ln(n / (β μ))] + (β - 1)²/δ² } + Σ_k (θ_k - prior_k)²/σ_k²

A χ² with σ² = μ + (δμ)², as the release's own analysis has it, is the same for many counts but biased by the bins with
few. The minimum is found by expanding the expectation, minimising with the series (a damped Newton iteration within
limits, `core.inference.counts_expansion`), and letting the series touch the expectation where that ends, until nothing
more is to be gained: exact where it ends. Near maximal θ23, where the counts have no slope in it, methods of least
squares do not converge.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.special import xlogy

from core.errors import PhysicsError
from core.inference.atmospheric_model import (
    FIT_NAMES,
    FIT_PARAMETERS,
    LOWER_LIMITS,
    N_PARAMETERS,
    NOMINAL_VALUES,
    PRIOR_UNCERTAINTIES,
    UPPER_LIMITS,
    CountsModel,
    place_of,
)
from core.inference.counts_expansion import ExpandedModel, expanded_model, fit_expanded

Reals = NDArray[np.float64]

# In the standard picture of three flavours, with which IceCube published Δm²32 and θ23.
STANDARD_OSCILLATION: Mapping[str, float] = {"nutau_normalisation": 1.0}
_NEARLY_EQUAL = 1e-4
_TOLERANCE, _MOST_STEPS, _MOST_HALVINGS = 1e-6, 40, 12
# First values of sin²θ23: mirror images fit nearly alike, and the lower minimum may lie in either octant.
OCTANTS = (0.42, 0.58)
_ANGLE = place_of("sin2_theta23")


@dataclass(frozen=True)
class CountsFit:
    """A fit: `values` and `uncertainties` (15,) of FIT_PARAMETERS, strength of the signal, the minimum of -2 ln L.

    `expected` (N_CELLS,) counts at the minimum; `deviance` is the minimum's share from the counts, `prior_terms` that
    from the priors. `covariance` (16, 16) from the curvature, strength last; 0 for what was fixed.
    """

    values: Reals
    uncertainties: Reals
    strength: float
    strength_uncertainty: float
    minimum: float
    deviance: float
    prior_terms: float
    expected: Reals
    covariance: Reals
    n_free: int

    def pulls(self, priors: Reals = NOMINAL_VALUES) -> Reals:
        """Return (value - prior)/(prior's uncertainty), (15,); 0 where there is no prior."""
        return np.asarray((self.values - priors) / PRIOR_UNCERTAINTIES)


@dataclass(frozen=True)
class FitQuestion:
    """What a fit is asked: measured `counts` (N_CELLS,), the centres of the `priors` (15,), and what is held fixed.

    `strength`: held at this; None: fitted, also below 0. `fixed`: parameters by name.
    """

    counts: Reals
    priors: Reals
    strength: float | None
    fixed: Mapping[str, float]


def fit_counts(
    model: CountsModel,
    counts: Reals,
    strength: float | None = 0.0,
    fixed: Mapping[str, float] | None = None,
    priors: Reals = NOMINAL_VALUES,
    start: Reals | None = None,
    series: ExpandedModel | None = None,
) -> CountsFit:
    """Return the fit of a model to counts (N_CELLS,).

    `strength`: of the signal, held at this; None: fitted, also below 0 down to where a bin would lose half. `fixed`:
    parameters that are held, by name. `priors` (15,): centres of the priors. `start` (16,): first values.
    `series`: of the model about a point nearby, to save its making; the fit is that of the model itself.
    PhysicsError for counts that are negative or of another shape, and where the fit does not converge.
    """
    question = FitQuestion(counts, priors, strength, fixed or {})
    _checked(model, question)
    if start is not None:
        return _fit_from(model, question, start, series)
    starts = [np.append(NOMINAL_VALUES, 0.0) for _ in OCTANTS]
    for values, sin2_theta23 in zip(starts, OCTANTS, strict=True):
        values[_ANGLE] = sin2_theta23
    return min((_fit_from(model, question, values, series) for values in starts), key=lambda fit: fit.minimum)


def _fit_from(model: CountsModel, question: FitQuestion, start: Reals, series: ExpandedModel | None) -> CountsFit:
    """Return the fit that is reached from first values (16,); what is fixed takes its value."""
    first = start.copy()
    for name, value in question.fixed.items():
        first[place_of(name)] = value
    if question.strength is not None:
        first[-1] = question.strength
    now = _Point.of(model, question, first)
    expanded, is_of_here = (expanded_model(model, first), True) if series is None else (series, False)
    for _ in range(_MOST_STEPS):
        touching = expanded.touching(now.values, now.expected, now.slopes)
        wanted = fit_expanded(
            touching, question.counts[None], question.priors[None], question.strength, question.fixed, now.values
        )
        if now.minimum - float(wanted.minimum[0]) < _TOLERANCE:
            return _outcome(model, question, now)
        before, now = now, _no_higher(model, question, now, wanted.values[0])
        if before.minimum - now.minimum >= _TOLERANCE:
            is_of_here = False
        elif is_of_here:
            return _outcome(model, question, now)
        else:  # what bends is too far from where it was taken: take it anew
            expanded, is_of_here = expanded_model(model, now.values), True
    raise PhysicsError(
        f"the fit of the atmospheric expectation did not converge: -2 ln L = {now.minimum:.3f} still falls"
    )


@dataclass(frozen=True)
class _Point:
    """Values (16,), the expectation (N_CELLS,) there with its slopes (16, N_CELLS), and -2 ln L."""

    values: Reals
    expected: Reals
    slopes: Reals
    minimum: float

    @classmethod
    def of(cls, model: CountsModel, question: FitQuestion, values: Reals) -> "_Point":
        expected, slopes = model.expected_and_slopes(values[:N_PARAMETERS], float(values[-1]))
        root, _ = deviance_and_slopes(question.counts, np.maximum(expected, 1e-6), model.relative_error)
        pulls = (values[:N_PARAMETERS] - question.priors) / PRIOR_UNCERTAINTIES
        return cls(values, expected, slopes, float(root @ root + pulls @ pulls))


def _no_higher(model: CountsModel, question: FitQuestion, now: _Point, wanted: Reals) -> _Point:
    """Return a point towards the values wanted at which -2 ln L is no higher: half the way, and half again."""
    step = wanted - now.values
    for _ in range(_MOST_HALVINGS):
        tried = _Point.of(model, question, now.values + step)
        if tried.minimum <= now.minimum:
            return tried
        step = 0.5 * step
    return now


def goodness_of_fit(fit: CountsFit) -> tuple[float, int]:
    """Return the p-value of the fit's -2 ln L as a χ², and its degrees of freedom.

    Bins minus the parameters without prior: each prior is a measurement of its own parameter and cancels it.
    """
    from scipy.stats import chi2

    n_with_prior = int(np.count_nonzero(np.isfinite(PRIOR_UNCERTAINTIES)))
    n_degrees = len(fit.expected) - (fit.n_free - n_with_prior)
    return float(chi2.sf(fit.minimum, n_degrees)), n_degrees


def profiled_interval(
    model: CountsModel, counts: Reals, fit: CountsFit, name: str, fixed: Mapping[str, float] | None = None
) -> tuple[float, float]:
    """Return where -2 ln L, all else fitted anew, has risen by 1 on either side of a fit without signal.

    Where it does not rise by 1, the parameter's limit. What curvature gives is meaningless near maximal θ23.
    """
    from scipy.optimize import brentq

    place, held = place_of(name), dict(fixed or {})
    start = np.append(fit.values, 0.0)
    series = expanded_model(model, start)  # most of a fit's time, and good for every value along the interval

    def rise(value: float) -> float:
        there = fit_counts(model, counts, 0.0, held | {name: value}, start=start, series=series)
        return there.minimum - fit.minimum - 1.0

    best = float(fit.values[place])
    ends = []
    for limit, towards in ((float(LOWER_LIMITS[place]), -1.0), (float(UPPER_LIMITS[place]), 1.0)):
        end, step = best, 0.05 * abs(limit - best)
        while rise(end) < 0.0 and end != limit:
            end = limit if abs(limit - end) <= step else end + towards * step
        ends.append(float(brentq(rise, best, end, rtol=1e-4)) if rise(end) > 0.0 else limit)
    return ends[0], ends[1]


def atmospheric_fit_product(
    model: CountsModel, counts: Reals, fixed: Mapping[str, float] = STANDARD_OSCILLATION
) -> pa.Table:
    """Return the `atmospheric_fit` product of a fit without signal: a row a parameter; null where there is no prior.

    Uncertainties are from the curvature, those of Δm²32 and θ23 half the width of their profiled intervals.
    """
    fit = fit_counts(model, counts, 0.0, fixed)
    uncertainties = fit.uncertainties.copy()
    for name in ("mass_splitting_32", "sin2_theta23"):
        low, high = profiled_interval(model, counts, fit, name, fixed)
        uncertainties[place_of(name)] = 0.5 * (high - low)
    has_prior = [parameter.prior_uncertainty is not None for parameter in FIT_PARAMETERS]
    priors = [(p.nominal, p.prior_uncertainty) if p.prior_uncertainty else (None, None) for p in FIT_PARAMETERS]
    pulls = [float(pull) if has else None for pull, has in zip(fit.pulls(), has_prior, strict=True)]
    p_value, _ = goodness_of_fit(fit)
    return pa.table(
        {
            "parameter": pa.array(FIT_NAMES),
            "best_fit": pa.array(fit.values),
            "uncertainty": pa.array(uncertainties),
            "prior": pa.array([prior for prior, _ in priors], pa.float64()),
            "prior_uncertainty": pa.array([width for _, width in priors], pa.float64()),
            "pull": pa.array(pulls, pa.float64()),
            "reference": pa.array([parameter.source for parameter in FIT_PARAMETERS]),
            "goodness_of_fit": pa.array(np.full(len(FIT_NAMES), p_value)),
        }
    )


def deviance_and_slopes(counts: Reals, expected: Reals, relative_error: Reals) -> tuple[Reals, Reals]:
    """Return the signed root of each bin's -2 ln L, and its derivative by the expectation, (N_CELLS,) each.

    The factor β of a bin is the positive root of β² + β (μ δ² - 1) - n δ² = 0.
    """
    variance = relative_error**2
    half = 0.5 * (1.0 - expected * variance)
    factor = half + np.sqrt(half**2 + counts * variance)
    scaled = factor * expected
    deviance = 2.0 * (scaled - counts + xlogy(counts, np.maximum(counts, 1e-300) / scaled))
    deviance += (factor - 1.0) ** 2 / variance
    root = np.sign(expected - counts) * np.sqrt(np.maximum(deviance, 0.0))
    nearly = np.abs(expected - counts) < _NEARLY_EQUAL * np.sqrt(expected)
    flat = 1.0 / np.sqrt(expected * (1.0 + expected * variance))
    slope = np.where(nearly, flat, (factor - counts / expected) / np.where(nearly, 1.0, root))
    return np.where(nearly, (expected - counts) * flat, root), slope


def _outcome(model: CountsModel, question: FitQuestion, point: _Point) -> CountsFit:
    values, free = point.values, _free_places(question)
    root, root_slope = deviance_and_slopes(question.counts, np.maximum(point.expected, 1e-6), model.relative_error)
    pulls = (values[:N_PARAMETERS] - question.priors) / PRIOR_UNCERTAINTIES
    pull_slopes = np.diag(np.append(1.0 / PRIOR_UNCERTAINTIES, 0.0))[:-1]
    slopes = np.vstack([(point.slopes * root_slope).T, pull_slopes])
    covariance = np.zeros((N_PARAMETERS + 1, N_PARAMETERS + 1))
    covariance[np.ix_(free, free)] = np.linalg.pinv(slopes[:, free].T @ slopes[:, free], hermitian=True)
    errors = np.sqrt(np.diag(covariance))
    deviance, prior_terms = float(root @ root), float(pulls @ pulls)
    return CountsFit(
        values=values[:N_PARAMETERS],
        uncertainties=errors[:N_PARAMETERS],
        strength=float(values[-1]),
        strength_uncertainty=float(errors[-1]),
        minimum=deviance + prior_terms,
        deviance=deviance,
        prior_terms=prior_terms,
        expected=point.expected,
        covariance=covariance,
        n_free=len(free),
    )


def _free_places(question: FitQuestion) -> NDArray[np.int64]:
    held = {place_of(name) for name in question.fixed}
    places = [place for place in range(N_PARAMETERS) if place not in held]
    if question.strength is None:
        places.append(N_PARAMETERS)
    return np.array(places, dtype=np.int64)


def _checked(model: CountsModel, question: FitQuestion) -> None:
    if question.counts.shape != model.relative_error.shape or not np.all(question.counts >= 0.0):
        raise PhysicsError(
            f"counts of shape {question.counts.shape}: needed are {model.relative_error.shape}, not negative"
        )
    if question.strength is None and model.signal_shape is None:
        raise PhysicsError("a model without signal has no strength to fit")
