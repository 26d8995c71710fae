"""Weights of simulated events, and how much livetime a simulation is worth."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.errors import InputError

Floats = NDArray[np.float64]


def oneweight_per_event(
    oneweight: ArrayLike, n_generated: ArrayLike, n_files: int, generated_fraction: ArrayLike
) -> Floats:
    """Return the canonical weight in GeV cm² sr of simulated neutrinos, (n_events,).

    w = OneWeight / (N_generated · N_files · f): `oneweight` (n_events,) GeV cm² sr, `n_generated` events a file, f the
    share of them of the event's own kind, neutrino or antineutrino. Then N = T Σ w · flux of the event's species.
    Raises InputError where N_files, N_generated or f is not positive, or f above 1.
    """
    n_generated = np.asarray(n_generated, dtype=np.float64)
    fraction = np.asarray(generated_fraction, dtype=np.float64)
    if n_files < 1:
        raise InputError(f"the number of simulated files is {n_files}, 1 or more are due")
    if not (n_generated > 0).all():
        raise InputError(f"NEvents is {n_generated.min()} in a simulated event, it must be above 0")
    if not ((fraction > 0) & (fraction <= 1)).all():
        raise InputError(f"the generated fraction is {fraction.min()} to {fraction.max()}, it must be in (0, 1]")
    weight: Floats = np.asarray(oneweight, dtype=np.float64) / (n_generated * n_files * fraction)
    return weight


def effective_livetime(rates: ArrayLike) -> float:
    """Return the livetime in s whose statistics a simulation has, Σw / Σw², of rates w (n_events,) per s.

    A measurement of that length would have the same relative error as the sum of the weights. Raises InputError if no
    rate is positive.
    """
    rates = np.asarray(rates, dtype=np.float64)
    return effective_livetime_of_sums(float(rates.sum()), float(np.square(rates).sum()))


def effective_livetime_of_sums(total: float, total_of_squares: float) -> float:
    """Return the effective livetime in s from the sum of the rates and the sum of their squares."""
    if not (total > 0.0 and np.isfinite(total_of_squares)):
        raise InputError(f"the rates of simulated events add up to {total}: positive rates are due")
    return total / total_of_squares
