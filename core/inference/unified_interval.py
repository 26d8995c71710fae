"""The unified interval of Feldman and Cousins for the fitted signal, by trials.

What is measured is the signed root r of the test statistic, a one-to-one function of the fitted signed n_s: ordering by
likelihood ratio does not ask which of the two. At a Poisson mean μ of signal events r is ordered by

    R(r) = p(r | μ) / max over μ' >= 0 of p(r | μ'),

p normal with mean and standard deviation that follow smoothly from those of the trials; how much probability lies
beyond the two r of one R comes from the trials themselves (`EfficiencyCurve`), so that the interval covers whatever p
is. Phys. Rev. D 57 (1998) 3873, arXiv:physics/9711021.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import PhysicsError
from core.inference.counting_interval import UnifiedInterval
from core.inference.sensitivity import EfficiencyCurve, Trials
from core.likelihood.closed_form import CONFIDENCE
from core.trials.statistic import TrialStatistic

Reals = NDArray[np.float64]

_N_MEANS = 801
_N_ROOTS = 1601
_BEYOND = 8.0  # standard deviations by which r is followed beyond the means of trials
_SETTLED = 2e-4  # of an end of the interval, relative to the greatest mean


@dataclass(frozen=True)
class RootLaw:
    """The normal law of the signed root at Poisson means of signal events; polynomials in μ over the greatest mean."""

    mean: np.polynomial.Polynomial
    variance: np.polynomial.Polynomial
    greatest_mean: float

    @classmethod
    def of_trials(cls, background: Trials, signal: Mapping[int, Trials]) -> "RootLaw":
        """Return the law whose means and variances are those of trials by their number of injected events."""
        trials = {0: background, **signal}
        numbers = np.array(sorted(trials), dtype=np.float64)
        moments = np.array([_moments(trials[int(number)]) for number in numbers])
        greatest = float(numbers[-1])
        degree = min(3, len(numbers) - 1)
        mean = np.polynomial.Polynomial.fit(numbers / greatest, moments[:, 0], degree, domain=[0.0, 1.0], window=[0, 1])
        fixed = np.polynomial.Polynomial.fit(
            numbers / greatest, moments[:, 1], min(2, degree), domain=[0.0, 1.0], window=[0, 1]
        )
        scatter = np.polynomial.Polynomial([0.0, 1.0 / greatest], domain=[0.0, 1.0], window=[0, 1])
        return cls(mean, fixed + mean.deriv() ** 2 * scatter, greatest)

    def log_density(self, roots: Reals, means: Reals) -> Reals:
        """Return ln p of roots (n,) at means (m,) but for a constant, (m, n)."""
        share = means / self.greatest_mean
        centre, variance = self.mean(share)[:, np.newaxis], self.variance(share)[:, np.newaxis]
        return np.asarray(-0.5 * (roots - centre) ** 2 / variance - 0.5 * np.log(variance))


def unified_interval(
    background: Trials, signal: Mapping[int, Trials], observed: float, confidence: float = CONFIDENCE
) -> UnifiedInterval:
    """Return the interval of the mean signal events for an observed signed test statistic; trials as `sensitivity`'s.

    Raises PhysicsError if the trials' greatest number of injected events is within the interval.
    """
    found = _Interval(background, signal, observed, confidence)
    best = found.best
    has_none = best <= 0.0 or found.content(0.0) <= confidence
    low = 0.0 if has_none else found.end(0.0, best)
    greatest = found.law.greatest_mean
    if found.content(greatest) <= confidence:
        raise PhysicsError(
            f"the unified interval reaches beyond {greatest:.0f} events: make signal trials with more injected events"
        )
    return UnifiedInterval(low, found.end(best, greatest))


def unified_content(
    background: Trials, signal: Mapping[int, Trials], observed: float, mean: float, confidence: float = CONFIDENCE
) -> float:
    """Return the probability, at a mean, of all that the order puts before an observed signed test statistic.

    The interval of the observed holds the mean if that is not above the confidence level.
    """
    return _Interval(background, signal, observed, confidence).content(mean)


class _Interval:
    """What the ends of one interval are found by."""

    def __init__(self, background: Trials, signal: Mapping[int, Trials], observed: float, confidence: float) -> None:
        self.background, self.signal, self.confidence = background, signal, confidence
        self.root = float(np.sign(observed) * np.sqrt(abs(observed)))
        self.law = RootLaw.of_trials(background, signal)
        self.curve = EfficiencyCurve(background, signal, observed)
        means = np.linspace(0.0, self.law.greatest_mean, _N_MEANS)
        self.roots = np.linspace(min(self.root, 0.0) - _BEYOND, float(self.law.mean(1.0)) + _BEYOND, _N_ROOTS)
        self.best_log_density = self.law.log_density(self.roots, means).max(axis=0)
        self.best = float(means[np.argmax(self.law.log_density(np.array([self.root]), means)[:, 0])])

    def content(self, mean: float) -> float:
        """Return the probability, at a mean, of roots that come before the observed one in the order."""
        log_ratio = self.law.log_density(self.roots, np.array([mean]))[0] - self.best_log_density
        here = float(np.interp(self.root, self.roots, log_ratio))
        above = self.curve.efficiency(mean)
        top = float(self.roots[np.argmax(log_ratio)])
        if mean <= 0.0 or self.root >= top:
            partner = self._crossing(log_ratio, here, self.roots <= top) if mean > 0.0 else None
            below = 0.0 if partner is None else 1.0 - self._efficiency(partner, mean)
            return 1.0 - above - below
        partner = self._crossing(log_ratio, here, self.roots >= top)
        return above - (0.0 if partner is None else self._efficiency(partner, mean))

    def end(self, inside: float, outside: float) -> float:
        """Return the mean between two at which the observed root is just accepted."""
        from scipy.optimize import brentq

        return float(
            brentq(
                lambda mean: self.content(mean) - self.confidence,
                inside,
                outside,
                xtol=_SETTLED * self.law.greatest_mean,
            )
        )

    def _efficiency(self, root: float, mean: float) -> float:
        return EfficiencyCurve(self.background, self.signal, root * abs(root)).efficiency(mean)

    def _crossing(self, log_ratio: Reals, level: float, side: NDArray[np.bool_]) -> float | None:
        """Return the root on one side of the largest ratio that has a ratio, None if none there has."""
        roots, values = self.roots[side], log_ratio[side]
        order = np.argsort(values)
        if not values[order[0]] <= level <= values[order[-1]]:
            return None
        return float(np.interp(level, values[order], roots[order]))


def _moments(trials: Trials) -> tuple[float, float]:
    """Return mean and variance of the signed root of trials; of those in bins by the middles of the bins."""
    given = trials if isinstance(trials, TrialStatistic) else TrialStatistic.of_values(trials)
    roots = 0.5 * sum(np.sign(edge) * np.sqrt(np.abs(edge)) for edge in (given.low, given.high))
    mean = float(np.average(roots, weights=given.n_trials))
    return mean, float(np.average((roots - mean) ** 2, weights=given.n_trials))
