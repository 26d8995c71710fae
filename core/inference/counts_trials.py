"""Limits on a signal from the counts by trials: drawn histograms, each fitted with and without signal.

A trial draws the priors' centres about the true values (each prior is a measurement), a factor for the error of each
bin's expectation, and Poisson counts. Its statistic is the signed one: -2 ln [L(0)/L(μ̂)] with the sign of μ̂. The upper
limit is the strength at which 90 % of the trials lie above what was measured; parameters are those fitted to the data
with that strength held (parametric bootstrap).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr, ndtri

from core.errors import PhysicsError
from core.inference.atmospheric_fit import CountsFit
from core.inference.atmospheric_model import NOMINAL_VALUES, PRIOR_UNCERTAINTIES, CountsModel
from core.inference.counts_expansion import expanded_model, fit_expanded
from core.inference.counts_limit import BAND_SIGMAS, CONFIDENCE, CountsLimit, ProfiledCounts

Reals = NDArray[np.float64]

# Strengths of the trials, between the lower and the higher of expected and observed limit, as shares of them.
_LOWEST_SHARE, _HIGHEST_SHARE, _N_STRENGTHS = 0.6, 2.0, 7


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
    of `upper_limit_plain`, from the number of trials. `expected` by the names of BAND_SIGMAS,
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
    model: CountsModel, truth: CountsFit, histograms: DrawnHistograms, fixed: Mapping[str, float] | None = None
) -> tuple[Reals, Reals]:
    """Return the signed statistic of each histogram and -2 ln L of its fit without signal, (n,) each."""
    series = expanded_model(model, np.append(truth.values, truth.strength))
    free = fit_expanded(series, histograms.counts, histograms.priors, None, fixed)
    without = fit_expanded(series, histograms.counts, histograms.priors, 0.0, fixed)
    statistic = np.sign(free.strength) * np.maximum(without.minimum - free.minimum, 0.0)
    return np.asarray(statistic), without.minimum


def trials_limit(
    model: CountsModel,
    counts: Reals,
    asymptotic: CountsLimit,
    n_trials: int,
    seed: int,
    confidence: float = CONFIDENCE,
    fixed: Mapping[str, float] | None = None,
) -> TrialsLimit:
    """Return the limits by trials, n_trials of them at each of eight strengths; `asymptotic`: the same data's limits.

    The numbers depend on the seed alone. PhysicsError for less than 100 trials.
    """
    if n_trials < 100:
        raise PhysicsError(f"{n_trials} trials are too few for a limit: take 100 or more")
    profile = ProfiledCounts(model, counts, NOMINAL_VALUES, fixed or {}, asymptotic.signal)
    observed = float(np.sign(asymptotic.significance) * asymptotic.significance**2)
    background = _statistics_at(model, asymptotic.background, n_trials, seed, 0, fixed)
    strengths = _strengths(asymptotic)
    signal = [
        _statistics_at(model, profile.at(strength), n_trials, seed, place, fixed)[0]
        for place, strength in enumerate(strengths.tolist(), start=1)
    ]
    curve = _Curve(np.append(0.0, strengths), [background[0], *signal])
    plain, error = curve.strength_at(observed, confidence)
    p_value = float(np.mean(background[0] >= observed))
    # CL_s = share below at the strength / share below without signal; the latter is not 0, the data being a trial too.
    share_below = max(1.0 - p_value, 1.0 / n_trials)
    by_cls, _ = curve.strength_at(observed, 1.0 - (1.0 - confidence) * share_below)
    expected = {
        name: curve.strength_at(float(np.quantile(background[0], _quantile(n_sigma))), confidence)[0]
        for name, n_sigma in BAND_SIGMAS.items()
    }
    median = expected["median"] or 0.0
    return TrialsLimit(
        upper_limit=max(plain or 0.0, median),
        upper_limit_plain=plain,
        upper_limit_cls=by_cls or 0.0,
        upper_limit_error=error,
        expected=expected,
        p_value=p_value,
        goodness_of_fit=float(np.mean(background[1] >= asymptotic.background.minimum)),
        n_trials=n_trials * (1 + len(strengths)),
    )


@dataclass(frozen=True)
class _Curve:
    """Signed statistics of trials at strengths (n,): the share above a threshold as a smooth function of strength."""

    strengths: Reals
    statistics: list[Reals]

    def strength_at(self, threshold: float, share: float) -> tuple[float | None, float]:
        """Return the positive strength at which a share of trials lies above a threshold, or None, and its error.

        The probit of the share is a parabola in strength, fitted to the numbers of trials (binomial likelihood).
        """
        from scipy.optimize import brentq, minimize

        above = np.array([np.count_nonzero(statistics >= threshold) for statistics in self.statistics])
        n_trials = np.array([len(statistics) for statistics in self.statistics])
        scale = float(self.strengths[-1])
        powers = np.vander(self.strengths / scale, 3, increasing=True)

        def minus_log_likelihood(coefficients: Reals) -> float:
            probit = powers @ coefficients
            return -float(above @ log_ndtr(probit) + (n_trials - above) @ log_ndtr(-probit))

        fit = minimize(minus_log_likelihood, np.array([0.0, 2.0, 0.0]), method="BFGS", options={"gtol": 1e-4})
        wanted = float(ndtri(share))

        def excess(strength: float) -> float:
            return float(fit.x @ np.array([1.0, strength, strength**2])) - wanted

        if excess(0.0) >= 0.0:
            return None, 0.0
        if excess(1.0) <= 0.0:
            raise PhysicsError("the limit by trials lies beyond the strengths that were drawn: draw at higher ones")
        root = float(brentq(excess, 0.0, 1.0))
        terms = np.array([1.0, root, root**2])
        slope = float(fit.x[1] + 2.0 * fit.x[2] * root)
        return root * scale, float(np.sqrt(terms @ fit.hess_inv @ terms)) / abs(slope) * scale


def _statistics_at(
    model: CountsModel, truth: CountsFit, n_trials: int, seed: int, place: int, fixed: Mapping[str, float] | None
) -> tuple[Reals, Reals]:
    random = np.random.Generator(np.random.Philox(key=seed, counter=[0, 0, 0, place]))
    return signed_statistics(model, truth, drawn_histograms(model, truth, n_trials, random), fixed)


def _strengths(asymptotic: CountsLimit) -> Reals:
    observed = asymptotic.upper_limit_plain or asymptotic.expected["lo68"]
    limits = (observed, asymptotic.expected["median"], asymptotic.expected["lo95"], asymptotic.expected["hi95"])
    return np.linspace(_LOWEST_SHARE * min(limits), _HIGHEST_SHARE * max(limits), _N_STRENGTHS)


def _quantile(n_sigma: float) -> float:
    return float(np.exp(log_ndtr(n_sigma)))
