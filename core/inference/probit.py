"""The share of trials above a threshold as a smooth function: its probit is a polynomial, fitted to counts of trials.

Fisher scoring of the binomial likelihood times a normal prior of each coefficient. The prior keeps coefficients finite
that the counts do not fix: where all trials of most points lie above the threshold, any steep curve fits them.
"""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr, ndtri

Reals = NDArray[np.float64]

_GREATEST_PROBIT = 8.0
_N_SCORING_STEPS = 60


def fit_probit(design: Reals, n_above: Reals, n_trials: Reals, mean: Reals, precision: Reals) -> tuple[Reals, Reals]:
    """Return coefficients (n_coefficients,) of the probit of a share, and their covariance.

    design: (n_points, n_coefficients); n_above of n_trials: (n_points,); mean and precision (1/variance) of the
    coefficients' priors: (n_coefficients,). Where the polynomial misses the counts by more than binomial errors the
    covariance is widened to match.
    """
    start = ndtri((n_above + 0.5) / (n_trials + 1.0))
    coefficients: Reals = np.linalg.lstsq(design, start, rcond=None)[0].astype(np.float64)
    for _ in range(_N_SCORING_STEPS):
        probit, above, below = _log_shares(design, coefficients)
        log_density = -0.5 * probit**2 - 0.5 * math.log(2.0 * math.pi)
        weight = n_trials * np.exp(2.0 * log_density - above - below)
        score = n_above * np.exp(log_density - above) - (n_trials - n_above) * np.exp(log_density - below)
        information = (design.T * weight) @ design + np.diag(precision)
        step = np.linalg.solve(information, design.T @ score - precision * (coefficients - mean))
        coefficients = coefficients + step / max(1.0, float(np.abs(step).max()) / 2.0)
        if np.abs(step).max() < 1e-10:
            break
    _, above, below = _log_shares(design, coefficients)
    expected = n_trials * np.exp(above)
    pearson = float(np.sum((n_above - expected) ** 2 / (expected * np.exp(below))))
    widening = max(1.0, pearson / max(1, design.shape[0] - design.shape[1]))
    return coefficients, np.linalg.inv(information) * widening


def _log_shares(design: Reals, coefficients: Reals) -> tuple[Reals, Reals, Reals]:
    """Return the probit (n_points,), kept where its share is a number, and ln of the shares above and below."""
    probit: Reals = np.clip(design @ coefficients, -_GREATEST_PROBIT, _GREATEST_PROBIT)
    return probit, np.asarray(log_ndtr(probit)), np.asarray(log_ndtr(-probit))
