"""Limits on a signal from the counts with the atmospheric model: profile likelihood, by asymptotic laws.

The statistic is q(μ) = -2 ln [L(μ)/L(μ̂)] for μ above the best fit μ̂ and 0 below, μ̂ allowed to be negative; its laws,
and the median expectation from the counts that the model itself expects ("Asimov"), are those of Cowan et al., Eur.
Phys. J. C 71 (2011) 1554, arXiv:1007.1727; CL_s divides by what background alone gives (Read, J. Phys. G 28 (2002)
2693), so that a downward fluctuation of the background excludes nothing that the sample cannot see.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from core.errors import PhysicsError
from core.inference.atmospheric_fit import CountsFit, fit_counts
from core.inference.atmospheric_model import NOMINAL_VALUES, CountsModel, strength_limits
from core.inference.counts_expansion import ExpandedModel, expanded_model

Reals = NDArray[np.float64]

CONFIDENCE = 0.9
BAND_SIGMAS: Mapping[str, float] = {"lo95": -2.0, "lo68": -1.0, "median": 0.0, "hi68": 1.0, "hi95": 2.0}
_RELATIVE_TOLERANCE = 1e-4


@dataclass(frozen=True)
class MeasuredBackground:
    """What is the same for every signal: the fit of counts without one, and the expectation's series about it."""

    fit: CountsFit
    series: ExpandedModel

    @classmethod
    def of(cls, model: CountsModel, counts: Reals, fixed: Mapping[str, float] | None = None) -> "MeasuredBackground":
        """Return it of counts (n_cells,); a signal of the model is left out."""
        alone = CountsModel(model.templates, model.hyperplanes, model.muons)
        fit = fit_counts(alone, counts, 0.0, fixed)
        return cls(fit, expanded_model(alone, np.append(fit.values, 0.0)))


@dataclass(frozen=True)
class CountsLimit:
    """Best fit and limits on the strength of a signal.

    `upper_limit` by CL_s; `upper_limit_plain` by CL_{s+b} alone, None where even no signal is excluded. `expected`: the
    limits by CL_s that background alone gives, median and bands by the names of BAND_SIGMAS. `significance` of the best
    fit over no signal, in standard deviations, negative below 0. `background` and `signal` are the two fits.
    """

    best_fit: float
    uncertainty: float
    significance: float
    upper_limit: float
    upper_limit_plain: float | None
    expected: Mapping[str, float]
    background: CountsFit
    signal: CountsFit


@dataclass(frozen=True)
class ProfiledCounts:
    """The profile likelihood of one histogram: its free fit, and fits at any strength."""

    model: CountsModel
    counts: Reals
    priors: Reals
    fixed: Mapping[str, float]
    best: CountsFit
    series: ExpandedModel | None = None

    @classmethod
    def of(
        cls,
        model: CountsModel,
        counts: Reals,
        priors: Reals = NOMINAL_VALUES,
        fixed: Mapping[str, float] | None = None,
        series: ExpandedModel | None = None,
        start: Reals | None = None,
    ) -> "ProfiledCounts":
        """Return the profile of counts (n_cells,) whose priors are centred at (15,); the rest as of `fit_counts`."""
        best = fit_counts(model, counts, None, fixed, priors, start, series)
        return cls(model, counts, priors, fixed or {}, best, series)

    def at(self, strength: float) -> CountsFit:
        """Return the fit with the strength held, from the best fit's values."""
        start = np.append(self.best.values, strength)
        return fit_counts(self.model, self.counts, strength, self.fixed, self.priors, start, self.series)

    def rise(self, strength: float) -> float:
        """Return -2 ln [L(strength)/L(best)], not below 0."""
        return max(self.at(strength).minimum - self.best.minimum, 0.0)


def counts_limit(
    model: CountsModel,
    counts: Reals,
    confidence: float = CONFIDENCE,
    fixed: Mapping[str, float] | None = None,
    background: MeasuredBackground | None = None,
) -> CountsLimit:
    """Return the limits of a model with signal from counts (n_cells,); `fixed` as of `fit_counts`.

    `background`: what these counts are without signal, with the same parameters held; None: fitted here.
    PhysicsError for a model without signal, and where the limit lies beyond what a fit may take.
    """
    if model.signal_shape is None:
        raise PhysicsError("a model without signal: give it one by with_signal")
    known = background or MeasuredBackground.of(model, counts, fixed)
    without, series = known.fit, known.series.with_signal(model)
    observed = ProfiledCounts.of(model, counts, fixed=fixed, series=series, start=np.append(without.values, 0.0))
    rise = max(without.minimum - observed.best.minimum, 0.0)
    asimov = asimov_profile(model, without, fixed, series)
    width = observed.best.strength_uncertainty
    guess = max(observed.best.strength, 0.0) + float(ndtri(confidence)) * width

    def by_cls(strength: float) -> float:
        return float(cls_of(observed.rise(strength), asimov.rise(strength))) - (1.0 - confidence)

    def by_plain(strength: float) -> float:
        return float(ndtr(-np.sqrt(observed.rise(strength)))) - (1.0 - confidence)

    best = observed.best.strength
    lowest = max(best, 0.0)
    upper_limit = _root(by_cls, lowest, guess, strength_limits(model)[1])
    plain = None if best < 0.0 and by_plain(0.0) < 0.0 else _root(by_plain, lowest, guess, strength_limits(model)[1])
    return CountsLimit(
        best_fit=best,
        uncertainty=width,
        significance=float(np.sign(best) * np.sqrt(rise)),
        upper_limit=upper_limit,
        upper_limit_plain=plain,
        expected=expected_limits(asimov, confidence),
        background=without,
        signal=observed.best,
    )


def cls_of(rise: Reals | float, rise_of_asimov: Reals | float) -> Reals:
    """Return CL_s = (1 - Φ(√q)) / Φ(√q_A - √q), arXiv:1007.1727 equations 57 and 65; the arguments broadcast."""
    root, root_asimov = np.sqrt(rise), np.sqrt(rise_of_asimov)
    return np.asarray(ndtr(-root) / ndtr(root_asimov - root))


def asimov_profile(
    model: CountsModel,
    background: CountsFit,
    fixed: Mapping[str, float] | None = None,
    series: ExpandedModel | None = None,
) -> ProfiledCounts:
    """Return the profile of the counts that a fit without signal expects, priors centred at its values.

    `series` of the model about that fit; None: made here.
    """
    start = np.append(background.values, 0.0)
    if series is None:
        series = expanded_model(model, start)
    return ProfiledCounts.of(model, background.expected, background.values, fixed, series, start)


def expected_limits(asimov: ProfiledCounts, confidence: float = CONFIDENCE) -> Mapping[str, float]:
    """Return the limits by CL_s that background alone gives, median and bands: σ [Φ⁻¹(1 - α Φ(N)) + N] at N sigma.

    σ is that of the Asimov counts at the limit itself, μ/√q_A(μ).
    """
    alpha = 1.0 - confidence

    def limit_at(n_sigma: float) -> float:
        factor = float(ndtri(1.0 - alpha * ndtr(n_sigma))) + n_sigma
        strength = factor * asimov.best.strength_uncertainty
        for _ in range(12):
            before, strength = strength, factor * strength / np.sqrt(asimov.rise(strength))
            if abs(strength - before) < _RELATIVE_TOLERANCE * strength:
                break
        return float(strength)

    return {name: limit_at(n_sigma) for name, n_sigma in BAND_SIGMAS.items()}


def _root(excess: Callable[[float], float], lowest: float, guess: float, highest: float) -> float:
    """Return where a falling function is 0 above `lowest`; PhysicsError if not below `highest`."""
    from scipy.optimize import brentq

    low, high = lowest, min(max(guess, lowest * 1.001), highest)
    while excess(high) > 0.0:
        if high >= highest:
            raise PhysicsError(f"the limit lies above a strength of {highest:g}, where the signal dwarfs all counts")
        low, high = high, min(2.0 * high, highest)
    return float(brentq(excess, low, high, rtol=_RELATIVE_TOLERANCE, xtol=_RELATIVE_TOLERANCE * high))
