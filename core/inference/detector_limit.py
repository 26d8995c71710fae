"""Upper limits whose trials have the parameters of the detector drawn, as they are not known exactly.

A detector that sees more, or sees better, gives a signal more fitted events. To first order the fit counts an event by
its score R - 1, so that n true events of the nominal detector are fitted as n f, with

    f = Σ_p y_p d_p s_p / Σ_p y_p s_p

over parts p of the signal (class and reconstructed energy): y_p their nominal yield, d_p what a drawn detector makes of
it, s_p the mean score of an event. The share of trials above the observed test statistic at a strength is the mean of
nominal ones at n f over drawn f; the limit is where that share is the confidence level. The background comes from the
sky and moves with none of it.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from core.inference.sensitivity import EfficiencyCurve
from core.inference.signal_systematics import SignalParts
from core.trials.statistic import TrialStatistic

Reals = NDArray[np.float64]

N_NODES = 64  # quantiles that stand for the draws: the mean of a smooth share over them is known to 1e-4


def fitted_event_factors(parts: SignalParts, factors: Reals) -> Reals:
    """Return the fitted events of drawn detectors over those of the nominal one, (n_draws,).

    factors: the signal of each part over its nominal, (n_draws, n_parts).
    """
    scored = parts.yields.sum(axis=0) * parts.score
    return np.asarray(factors @ scored / scored.sum())


def quantile_nodes(factors: Reals) -> Reals:
    """Return quantiles that stand for draws (n_draws,), each for the same share of them, (N_NODES,) or fewer."""
    n_nodes = min(N_NODES, factors.size)
    return np.asarray(np.quantile(factors, (np.arange(n_nodes) + 0.5) / n_nodes))


def marginal_efficiency(curve: EfficiencyCurve, mean: float, nodes: Reals) -> float:
    """Return the share of trials above a curve's threshold at a nominal mean, over drawn detectors by their nodes."""
    return float(np.mean([curve.efficiency(mean * node) for node in nodes]))


def marginalised_limit(
    background: TrialStatistic,
    signal: Mapping[int, TrialStatistic],
    observed: float,
    nodes: Reals,
    confidence: float,
) -> float | None:
    """Return the nominal mean n_s at which a share `confidence` of trials with drawn detectors exceeds `observed`.

    None where background alone does. Without floor. PhysicsError if the trials do not reach so far.
    """
    from scipy.optimize import brentq

    curve = EfficiencyCurve(background, signal, observed)
    nominal = curve.crossing(confidence)
    if nominal is None:
        return None
    least, most = nominal.n_s / float(nodes.max()), nominal.n_s / float(nodes.min())
    if most - least < 1e-9 * most:
        return most
    return float(brentq(lambda mean: marginal_efficiency(curve, mean, nodes) - confidence, least, most, xtol=1e-6))
