"""A limit that subtracts no background: how large a signal may be before it exceeds what was measured at all."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import PhysicsError

Reals = NDArray[np.float64]

# Sets of bins that are looked at: the fewest bins that hold these shares of the expected signal.
SIGNAL_SHARES = (0.1, 0.25, 0.5, 1.0)


@dataclass(frozen=True)
class ConservativeLimit:
    """The highest strength of a signal that the counts allow, and the set of bins that tells.

    `bins` (n,) indices of the set, `n_measured` events in it, `n_bound` their upper bound, `confidence` that of the
    bound: 1 - (1 - confidence level)/number of sets.
    """

    strength: float
    bins: NDArray[np.int64]
    n_measured: float
    n_bound: float
    confidence: float


def conservative_limit(signal: Reals, counts: Reals, confidence: float = 0.9) -> ConservativeLimit:
    """Return the limit on the strength of a signal, events (n_bins,) per unit of it, from counts (n_bins,).

    Bins are chosen by the expected signal alone: ordered by it, the fewest that hold each of SIGNAL_SHARES. In each set
    the strength is bounded by n_up/s with n_up the Poisson upper bound of the measured events, ½ χ²⁻¹(1 - α/k; 2n + 2),
    every one of k sets at its share of α: that one of them fails by chance has at most the probability α whatever their
    correlation, so that the lowest bound may be taken. Whatever background there is can only make it higher than the
    truth. PhysicsError without signal, or for counts of another shape.
    """
    from scipy.stats import chi2

    if signal.ndim != 1 or signal.shape != counts.shape or np.any(signal < 0.0) or not signal.sum() > 0.0:
        raise PhysicsError(
            f"a signal of shape {signal.shape} for counts of shape {counts.shape}: needed are as many bins of "
            "both, with some signal and none negative"
        )
    each = 1.0 - (1.0 - confidence) / len(SIGNAL_SHARES)
    limits = []
    for bins in chosen_bins(signal):
        n_measured = float(counts[bins].sum())
        bound = 0.5 * float(chi2.ppf(each, 2.0 * n_measured + 2.0))
        limits.append(ConservativeLimit(bound / float(signal[bins].sum()), bins, n_measured, bound, each))
    return min(limits, key=lambda limit: limit.strength)


def chosen_bins(signal: Reals) -> list[NDArray[np.int64]]:
    """Return the fewest bins that hold each of SIGNAL_SHARES of the expected signal (n_bins,)."""
    order = np.argsort(-signal, kind="stable")
    held = np.cumsum(signal[order]) / signal.sum()
    return [order[: int(np.searchsorted(held, share * (1.0 - 1e-12))) + 1] for share in SIGNAL_SHARES]
