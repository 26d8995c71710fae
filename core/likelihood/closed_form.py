"""What the likelihood's information says of a fit, without a trial."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from core.errors import PhysicsError

CONFIDENCE = 0.9


@dataclass(frozen=True)
class ClosedForm:
    """What the likelihood's information says without a trial.

    fisher_information: I = sum_b p_b (R_b - 1)^2 of one background event. slope: sum_b p_s (R_b - 1), the mean score
    of one signal event. n_s_uncertainty: sigma(n_s) of background trials. sensitivity: n_s at which a share
    `confidence` of Gaussian trials exceeds the median of background.
    """

    fisher_information: float
    slope: float
    n_s_uncertainty: float
    sensitivity: float


def closed_form(
    background: NDArray[np.float64],
    signal: NDArray[np.float64],
    ratio: NDArray[np.float64],
    n_events: int,
    confidence: float = CONFIDENCE,
    *,
    signal_average: NDArray[np.float64] | None = None,
) -> ClosedForm:
    """Return the asymptotic uncertainty and sensitivity of a joint model; arrays (n_cells,).

    With e = R - 1, I = sum p_b e^2, s = sum p_s e, K = sum p_s e^2 and z the normal quantile of the confidence, the
    score of N events of which a share mu/N is signal has mean mu s and variance (N - mu) I + mu K - mu^2 s^2/N; mu
    is where mu s is z standard deviations. For R = S/B this is mu = z [N/I + mu (K/I^2 - 1/I) - mu^2/N]^(1/2). With a
    background that holds the `signal_average` S~ of the signal, mu I is mu sum S~ e^2. Raises PhysicsError if the
    signal cannot be told from background.
    """
    excess = ratio - 1.0
    information = float(np.sum(background * excess**2))
    slope = float(np.sum(signal * excess))
    if not (information > 0.0 and slope > 0.0):
        raise PhysicsError(
            f"Fisher information {information:.3g} and slope {slope:.3g} must be positive: "
            "signal and background of this model are the same"
        )
    z_square = float(ndtri(confidence)) ** 2
    quadratic = slope**2 * (1.0 + z_square / n_events)
    displaced = background if signal_average is None else signal_average
    linear = z_square * float(np.sum((displaced - signal) * excess**2))
    constant = -z_square * n_events * information
    sensitivity = (-linear + math.sqrt(linear**2 - 4.0 * quadratic * constant)) / (2.0 * quadratic)
    uncertainty = math.sqrt(n_events * information) / slope
    return ClosedForm(information, slope, uncertainty, sensitivity)
