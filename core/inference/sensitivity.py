"""Sensitivities, bands, limits and discovery potentials from trials, and the closed form to hold them against.

Everything here is in numbers of signal events n_s. Trials come with fixed numbers of injected events; the efficiency,
the share of trials whose test statistic exceeds a threshold, is a smooth function of that number: its probit is a
polynomial fitted to the counts of all trials at once (binomial likelihood, the background trials being n = 0). Its
mean over a Poisson number of events is the efficiency at a mean n_s. Errors are those of finite trials: of the
polynomial from the likelihood's curvature, of the threshold from the order statistics of the background trials.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from core.errors import PhysicsError
from core.inference.probit import fit_probit
from core.likelihood.closed_form import CONFIDENCE
from core.trials.statistic import TrialStatistic

Trials = NDArray[np.float64] | TrialStatistic

BAND_QUANTILES: dict[str, float] = {"lo95": 0.025, "lo68": 0.16, "hi68": 0.84, "hi95": 0.975}

LEAST_TRIALS = 10
LEAST_BELOW = 20.0  # background trials below an observation: with fewer their share, and so CL_s, is not known

_GREATEST_DEGREE = 3
_RIDGE = 1e-6  # precision of the coefficients' priors: for a unique fit alone, the counts fix them


class Estimate(NamedTuple):
    """A number of signal events and its error from finite trials."""

    n_s: float
    error: float


class PValue(NamedTuple):
    """A share of background trials and its error from finite trials."""

    p_value: float
    error: float


@dataclass(frozen=True)
class Sensitivity:
    """What signal and background trials say about n_s at one confidence level.

    sensitivity: the Poisson mean at which a share `confidence` of trials exceeds the median background TS. band: the
    same against the quantiles named in BAND_QUANTILES, None where even background exceeds them so often. cls_median
    and cls_band: the same with CL_s = (1 - efficiency)/(1 - efficiency of background) = 1 - confidence, always there.
    """

    sensitivity: Estimate
    band: dict[str, Estimate | None]
    cls_median: Estimate
    cls_band: dict[str, Estimate]
    median_test_statistic: float
    confidence: float
    n_background_trials: int
    n_signal_trials: int


@dataclass(frozen=True)
class UpperLimit:
    """An upper limit on n_s for an observed TS, never below the sensitivity unless asked, and the CL_s limit.

    `upper_limit` is None where even no signal is excluded: the interval is empty, and covers nothing.
    """

    upper_limit: Estimate | None
    is_sensitivity: bool
    cls_upper_limit: Estimate
    observed_test_statistic: float
    confidence: float


class EfficiencyCurve:
    """The share of trials above one threshold as a smooth function of the Poisson mean of injected events."""

    def __init__(self, background: Trials, signal: Mapping[int, Trials], threshold: float) -> None:
        """Fit the curve to the test statistics of background trials and of signal trials by number injected.

        threshold: of the test statistic. Raises PhysicsError if there are fewer than two numbers of injected events
        above 0, or no trials for one.
        """
        trials = _checked_trials(background, signal)
        self.threshold = threshold
        self.greatest_mean = float(max(trials))
        n_injected = np.array(sorted(trials), dtype=np.float64)
        self._n_trials = np.array([trials[int(n)].size for n in n_injected], dtype=np.float64)
        self._n_above = np.array([trials[int(n)].n_above(threshold) for n in n_injected], dtype=np.float64)
        self._powers = np.arange(min(_GREATEST_DEGREE, n_injected.size - 1) + 1)
        design = (n_injected[:, np.newaxis] / self.greatest_mean) ** self._powers
        size = self._powers.size
        self._coefficients, self._covariance = fit_probit(
            design, self._n_above, self._n_trials, np.zeros(size), np.full(size, _RIDGE)
        )
        numbers = np.arange(int(self.greatest_mean) + 1)
        self._design = (numbers[:, np.newaxis] / self.greatest_mean) ** self._powers
        self._probit = np.maximum.accumulate(self._design @ self._coefficients)

    def efficiency(self, mean: float) -> float:
        """Return the share of trials above the threshold at a Poisson mean of injected events."""
        weights, numbers = _poisson_weights(mean, self._probit.size - 1)
        return float(weights @ ndtr(self._probit[numbers]))

    def efficiency_error(self, mean: float) -> float:
        """Return the error of the efficiency that comes from finite trials behind the curve."""
        weights, numbers = _poisson_weights(mean, self._probit.size - 1)
        density = np.exp(-0.5 * self._probit[numbers] ** 2) / math.sqrt(2.0 * math.pi)
        gradient = (weights * density) @ self._design[numbers]
        return math.sqrt(max(float(gradient @ self._covariance @ gradient), 0.0))

    def crossing(self, efficiency: float) -> Estimate | None:
        """Return the mean at which the efficiency reaches a value; None if background alone has it already.

        Raises PhysicsError if the greatest number of injected events is too small to reach it.
        """
        from scipy.optimize import brentq

        if self.efficiency(0.0) >= efficiency:
            return None
        reached = self.efficiency(self.greatest_mean)
        if reached <= efficiency:
            raise PhysicsError(
                f"only {reached:.3f} of trials with up to {self.greatest_mean:.0f} injected events exceed the "
                f"threshold, {efficiency:.3f} are asked for: make signal trials with more events"
            )
        mean = float(brentq(lambda m: self.efficiency(m) - efficiency, 0.0, self.greatest_mean, xtol=1e-6))
        step = 0.01 * mean
        rise = (self.efficiency(mean + step) - self.efficiency(mean - step)) / (2.0 * step)
        return Estimate(mean, self.efficiency_error(mean) / rise)


def sensitivity(
    background: Trials,
    signal: Mapping[int, Trials],
    confidence: float = CONFIDENCE,
) -> Sensitivity:
    """Return sensitivity and bands from signed test statistics: background trials, and signal trials by n_injected.

    background: (n_trials,), or counted in bins. signal: the same by n_injected; numbers from about 0.25 to 5 sigma(n_s)
    serve.
    Raises PhysicsError if the trials do not reach the confidence level.
    """
    ordered = _statistic(background)
    signal = {n: _statistic(trials) for n, trials in signal.items()}
    median, cls_median = _against_quantile(ordered, signal, 0.5, confidence)
    bands = {name: _against_quantile(ordered, signal, q, confidence) for name, q in BAND_QUANTILES.items()}
    return Sensitivity(
        sensitivity=_certain(median),
        band={name: limit for name, (limit, _) in bands.items()},
        cls_median=cls_median,
        cls_band={name: cls_limit for name, (_, cls_limit) in bands.items()},
        median_test_statistic=float(ordered.quantile(0.5)),
        confidence=confidence,
        n_background_trials=ordered.size,
        n_signal_trials=sum(int(trials.size) for n, trials in signal.items() if n > 0),
    )


def upper_limit(
    background: Trials,
    signal: Mapping[int, Trials],
    observed: float,
    *,
    one_sky: bool,
    confidence: float = CONFIDENCE,
    never_below_sensitivity: bool = True,
) -> UpperLimit:
    """Return the upper limit on n_s of an observed signed test statistic; trials as in `sensitivity`.

    one_sky says whether all sources of a trial share one event set, as those of the data do. An observation below
    nearly all background trials gets the CL_s limit of the lowest that is known well enough, which is larger. Raises
    PhysicsError if sources do not share a sky, or if the observed TS is no number.
    """
    _refuse_separate_skies(one_sky)
    _refuse_no_number(observed)
    curve = EfficiencyCurve(background, signal, observed)
    limit = curve.crossing(confidence)
    is_sensitivity = False
    if never_below_sensitivity:
        median, _ = _against_quantile(_statistic(background), signal, 0.5, confidence)
        if limit is None or limit.n_s < _certain(median).n_s:
            limit, is_sensitivity = median, True
    background = _statistic(background)
    lowest = float(background.quantile(min(LEAST_BELOW / background.size, 0.5)))
    if observed < lowest:
        curve, observed_share = EfficiencyCurve(background, signal, lowest), lowest
    else:
        observed_share = observed
    share = max(1.0 - background.n_above(observed_share) / background.size, 1.0 / background.size)
    share_error = math.sqrt(share * (1.0 - share) / background.size)
    cls_limits = [
        curve.crossing(1.0 - (1.0 - confidence) * min(max(s, 0.5 / background.size), 1.0))
        for s in (share - share_error, share, share + share_error)
    ]
    return UpperLimit(limit, is_sensitivity, _with_spread(*cls_limits), observed, confidence)


def discovery_potential(
    background: Trials,
    signal: Mapping[int, Trials],
    threshold: float,
    threshold_error: float = 0.0,
    share: float = 0.5,
) -> Estimate:
    """Return the Poisson mean at which a share of trials exceeds a discovery threshold and its error.

    Raises PhysicsError if the greatest number of injected events does not reach it: 4 and 6.5 sigma(n_s) do for
    the 3 and 5 sigma thresholds.
    """
    thresholds = (threshold - threshold_error, threshold, threshold + threshold_error)
    return _with_spread(*(EfficiencyCurve(background, signal, t).crossing(share) for t in thresholds))


def p_value(background: Trials, observed: float, *, one_sky: bool) -> PValue:
    """Return the share of background trials (n_trials,) at or above an observed test statistic, with binomial error.

    The observation counts as one more trial, so that no p-value is 0. one_sky: as in `upper_limit`. Raises PhysicsError
    for an observation that is no number, and without background trials.
    """
    _refuse_separate_skies(one_sky)
    _refuse_no_number(observed)
    background = _statistic(background)
    if background.size == 0:
        raise PhysicsError("there are no background trials: make some before asking for a p-value")
    share = (background.n_at_least(observed) + 1.0) / (background.size + 1.0)
    return PValue(share, math.sqrt(share * (1.0 - share) / (background.size + 1.0)))


def _against_quantile(
    ordered: TrialStatistic, signal: Mapping[int, Trials], quantile: float, confidence: float
) -> tuple[Estimate | None, Estimate]:
    """Return the mean at which trials exceed a quantile of background (ordered) often enough, and that of CL_s."""
    if ordered.size == 0:
        raise PhysicsError("there are no background trials: make some before asking for a sensitivity")
    rank_error = math.sqrt(quantile * (1.0 - quantile) / ordered.size)
    quantiles = np.clip([quantile - rank_error, quantile, quantile + rank_error], 0.0, 1.0)
    curves = [EfficiencyCurve(ordered, signal, float(threshold)) for threshold in ordered.quantile(quantiles)]
    cls_limit = _with_spread(*(curve.crossing(1.0 - (1.0 - confidence) * quantile) for curve in curves))
    limits = [curve.crossing(confidence) for curve in curves]
    if 1.0 - quantile >= confidence or limits[1] is None:
        return None, cls_limit
    return _with_spread(*limits), cls_limit


def _with_spread(low: Estimate | None, central: Estimate | None, high: Estimate | None) -> Estimate:
    """Return the central estimate with half the distance of its neighbours added to its error in quadrature."""
    here = _certain(central)
    distances = [abs(neighbour.n_s - here.n_s) for neighbour in (low, high) if neighbour is not None]
    spread = sum(distances) / len(distances) if distances else 0.0
    return Estimate(here.n_s, math.hypot(here.error, spread))


def _certain(estimate: Estimate | None) -> Estimate:
    if estimate is None:
        raise PhysicsError("background alone exceeds the threshold often enough: there is no positive number of events")
    return estimate


def _refuse_separate_skies(one_sky: bool) -> None:
    if not one_sky:
        raise PhysicsError(
            "each source of these trials was drawn on a sky of its own, the data have one: their tail is understated; "
            "use one-sky or joint trials for a p-value or limit"
        )


def _refuse_no_number(observed: float) -> None:
    if math.isnan(observed):
        raise PhysicsError("the observed test statistic is no number: fit the events again")


def _checked_trials(background: Trials, signal: Mapping[int, Trials]) -> dict[int, TrialStatistic]:
    trials = {int(n): _statistic(values) for n, values in signal.items()} | {0: _statistic(background)}
    empty = [n for n, values in trials.items() if values.size == 0]
    if len(trials) < 3 or empty:
        raise PhysicsError(
            f"trials with {sorted(trials)} injected events, none for {empty}: give background and at least two numbers"
        )
    few = {n: values.size for n, values in trials.items() if values.size < LEAST_TRIALS}
    if few:
        number, size = next(iter(few.items()))
        raise PhysicsError(
            f"{size} trials with {number} injected events give no share of 90 %: make at least {LEAST_TRIALS} of each"
        )
    return trials


def _statistic(trials: Trials) -> TrialStatistic:
    return trials if isinstance(trials, TrialStatistic) else TrialStatistic.of_values(trials)


def _poisson_weights(mean: float, greatest: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return probabilities and numbers of a Poisson mean; what lies above the greatest number counts there."""
    from scipy.stats import poisson

    reach = 9.0 * math.sqrt(mean) + 12.0
    numbers = np.arange(max(0, math.floor(mean - reach)), math.ceil(mean + reach) + 1)
    weights = np.asarray(poisson.pmf(numbers, mean))
    return weights / weights.sum(), np.minimum(numbers, greatest)
