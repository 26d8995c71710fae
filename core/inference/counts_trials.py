"""Limits on a signal from the counts by trials: drawn histograms, each fitted with and without signal.

A trial draws the priors' centres about the true values (each prior is a measurement), a factor for the error of each
bin's expectation, and Poisson counts. Its statistic is the signed one: -2 ln [L(0)/L(μ̂)] with the sign of μ̂. The upper
limit is the strength at which 90 % of the trials lie above what was measured; parameters are those fitted to the data
with that strength held (parametric bootstrap).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from core.errors import PhysicsError
from core.inference.atmospheric_fit import CountsFit
from core.inference.atmospheric_model import NOMINAL_VALUES, PRIOR_UNCERTAINTIES, CountsModel, public_counts_model
from core.inference.counts_expansion import ExpandedFits, ExpandedModel, expanded_model, fit_expanded
from core.inference.counts_limit import BAND_SIGMAS, CONFIDENCE, CountsLimit, MeasuredBackground, ProfiledCounts
from core.inference.strength_curve import StrengthCurve

Reals = NDArray[np.float64]

# Strengths of the trials, about the observed and the expected limits by the asymptotic law, as shares of them.
_LOWEST_SHARE, _HIGHEST_SHARE, _N_STRENGTHS = 0.6, 1.5, 5
LEAST_TRIALS = 100
_ONE_AT_A_TIME = Lock()


@dataclass(frozen=True)
class DrawnHistograms:
    """Drawn counts (n, n_cells) and the drawn centres of the priors (n, 15)."""

    counts: Reals
    priors: Reals


@dataclass(frozen=True)
class TrialsLimit:
    """Limits on the strength by trials.

    `upper_limit`: not below the median that background alone gives; `upper_limit_plain`: without that floor, None where
    even no signal is excluded; `upper_limit_cls`: where CL_s of the trials is 1 - confidence. `upper_limit_error`
    of `upper_limit`, from the number of trials. `expected` by the names of BAND_SIGMAS,
    None where no positive strength is excluded. `p_value` of the measured statistic without signal, `goodness_of_fit`:
    the share of trials without signal that fit worse than the data.
    """

    upper_limit: float
    upper_limit_plain: float | None
    upper_limit_cls: float
    upper_limit_error: float
    expected: Mapping[str, float | None]
    p_value: float
    goodness_of_fit: float
    n_trials: int


def drawn_histograms(model: CountsModel, truth: CountsFit, n: int, random: np.random.Generator) -> DrawnHistograms:
    """Return n histograms of what a fit expects, with everything drawn that a repeated experiment would draw anew."""
    has_prior = np.isfinite(PRIOR_UNCERTAINTIES)
    priors = np.repeat(truth.values[None], n, axis=0)
    priors[:, has_prior] += PRIOR_UNCERTAINTIES[has_prior] * random.standard_normal((n, int(has_prior.sum())))
    factors = 1.0 + model.relative_error * random.standard_normal((n, len(truth.expected)))
    counts = random.poisson(truth.expected * np.maximum(factors, 0.0))
    return DrawnHistograms(counts.astype(np.float64), priors)


def signed_statistics(
    model: CountsModel,
    truth: CountsFit,
    histograms: DrawnHistograms,
    fixed: Mapping[str, float] | None = None,
    series: ExpandedModel | None = None,
    without: ExpandedFits | None = None,
) -> tuple[Reals, Reals]:
    """Return the signed statistic of each histogram and -2 ln L of its fit without signal, (n,) each.

    `series` of the model about the truth, and the fits `without` signal, where they are known.
    """
    known = series or expanded_model(model, np.append(truth.values, truth.strength))
    held = without or fit_expanded(known, histograms.counts, histograms.priors, 0.0, fixed)
    free = fit_expanded(known, histograms.counts, histograms.priors, None, fixed, held.values)
    statistic = np.sign(free.strength) * np.maximum(held.minimum - free.minimum, 0.0)
    return np.asarray(statistic), held.minimum


@dataclass(frozen=True)
class BackgroundTrials:
    """Histograms drawn without signal, and their fits without: the same for every signal looked for in some counts."""

    measured: MeasuredBackground
    histograms: DrawnHistograms
    without: ExpandedFits

    @classmethod
    def of(
        cls,
        model: CountsModel,
        measured: MeasuredBackground,
        n_trials: int,
        seed: int,
        fixed: Mapping[str, float] | None = None,
    ) -> "BackgroundTrials":
        """Return n_trials of them; PhysicsError for less than LEAST_TRIALS."""
        if n_trials < LEAST_TRIALS:
            raise PhysicsError(f"{n_trials} trials are too few for a limit: take {LEAST_TRIALS} or more")
        histograms = drawn_histograms(model, measured.fit, n_trials, _random(seed, 0))
        fits = fit_expanded(measured.series, histograms.counts, histograms.priors, 0.0, fixed)
        return cls(measured, histograms, fits)


def public_background_trials(counts: Reals, n_trials: int, seed: int) -> BackgroundTrials:
    """Return the trials without signal of counts in the public sample's bins, made once a process."""
    with _ONE_AT_A_TIME:
        return _public_background_trials(tuple(counts.tolist()), n_trials, seed)


@lru_cache(maxsize=4)
def _public_background_trials(counts: tuple[float, ...], n_trials: int, seed: int) -> BackgroundTrials:
    model = public_counts_model()
    return BackgroundTrials.of(model, MeasuredBackground.of(model, np.array(counts)), n_trials, seed)


def trials_limit(
    model: CountsModel,
    counts: Reals,
    asymptotic: CountsLimit,
    background: BackgroundTrials,
    seed: int,
    confidence: float = CONFIDENCE,
    fixed: Mapping[str, float] | None = None,
) -> TrialsLimit:
    """Return the limits by trials, as many at each of five strengths as there are of the background.

    `asymptotic`: the same data's limits. The numbers depend on the seeds, the background's and this, alone.
    """
    n_trials, series = len(background.without.minimum), background.measured.series.with_signal(model)
    profile = ProfiledCounts(model, counts, NOMINAL_VALUES, fixed or {}, asymptotic.signal, series)
    observed = float(np.sign(asymptotic.significance) * asymptotic.significance**2)
    without, minimum = signed_statistics(
        model, asymptotic.background, background.histograms, fixed, series, background.without
    )
    strengths = _strengths(asymptotic)
    signal = [
        _statistics_at(profile, strength, n_trials, _random(seed, place))
        for place, strength in enumerate(strengths.tolist(), start=1)
    ]
    curve = StrengthCurve(np.append(0.0, strengths), [without, *signal], asymptotic.uncertainty)
    plain, plain_error = curve.strength_at(observed, confidence)
    p_value = float(np.mean(without >= observed))
    expected = {
        name: curve.strength_at(float(np.quantile(without, float(ndtr(n_sigma)))), confidence)[0]
        for name, n_sigma in BAND_SIGMAS.items()
    }
    median, median_error = _median(curve, without, confidence)
    is_floored = (plain or 0.0) < median
    return TrialsLimit(
        upper_limit=median if is_floored else float(plain or 0.0),
        upper_limit_plain=plain,
        upper_limit_cls=curve.strength_by_cls(observed, confidence),
        upper_limit_error=median_error if is_floored else plain_error,
        expected=expected,
        p_value=p_value,
        goodness_of_fit=float(np.mean(minimum >= asymptotic.background.minimum)),
        n_trials=n_trials * (1 + len(strengths)),
    )


def _median(curve: StrengthCurve, without: Reals, confidence: float) -> tuple[float, float]:
    """Return the limit at the median trial without signal (n,), and its error: of the curve, and of the median."""
    half = 0.5 / np.sqrt(len(without))
    low, high = (
        curve.strength_at(float(np.quantile(without, 0.5 + side)), confidence)[0] or 0.0 for side in (-half, half)
    )
    median, error = curve.strength_at(float(np.median(without)), confidence)
    return median or 0.0, float(np.hypot(error, 0.5 * (high - low)))


def _statistics_at(profile: ProfiledCounts, strength: float, n_trials: int, random: np.random.Generator) -> Reals:
    """Return the signed statistics of trials with a signal, parameters fitted to the data with it, (n_trials,)."""
    truth = profile.at(strength)
    drawn = drawn_histograms(profile.model, truth, n_trials, random)
    return signed_statistics(profile.model, truth, drawn, profile.fixed)[0]


def _random(seed: int, place: int) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(key=seed, counter=[0, 0, 0, place]))


def _strengths(asymptotic: CountsLimit) -> Reals:
    observed = asymptotic.upper_limit_plain or asymptotic.expected["lo68"]
    limits = (observed, asymptotic.expected["median"], asymptotic.expected["lo95"], asymptotic.expected["hi95"])
    return np.linspace(_LOWEST_SHARE * min(limits), _HIGHEST_SHARE * max(limits), _N_STRENGTHS)
