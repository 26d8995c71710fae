"""What a sensitivity hangs on, in closed form: other J factors, sources left out, J factors known with errors.

With I_kl the information of pairs of sources (core.pdfs.source_information) and weights w of the J factors relative to
nominal, a fit with the pattern of w has the error 1/sqrt(w·I·w) of the strength, and finds (w·I·v)/(w·I·w) of the true
strength where the true J factors are v. So the sensitivity is z/sqrt(w·I·w), and a ratio of sensitivities needs no
trial. It holds where fits are Gaussian: for the public sample to 2 % in the sensitivity, and better in ratios.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

from core.errors import InputError, PhysicsError
from core.likelihood.j_profile import CONFIDENCE, FactorErrors

if TYPE_CHECKING:
    import pandas as pd


Reals = NDArray[np.float64]

BAND = (0.05, 0.95)


def asymptotic_sensitivity(
    information: Reals, weights: ArrayLike = 1.0, true_weights: ArrayLike | None = None, confidence: float = CONFIDENCE
) -> float:
    """Return the strength at which a share `confidence` of Gaussian fits lies above 0, the median without signal.

    `information`: I_kl per square of the strength; `weights` (n_sources,): of the J factors that are fitted with,
    relative to nominal, and `true_weights` of those that are true; the same where not given. PhysicsError if nothing is
    seen of the true signal.
    """
    fitted = _weights(weights, len(information))
    true = fitted if true_weights is None else _weights(true_weights, len(information))
    found, error = float(fitted @ information @ true), float(fitted @ information @ fitted)
    if not (found > 0.0 and error > 0.0):
        raise PhysicsError("these weights leave no signal that can be told from the background: give other ones")
    return float(ndtri(confidence)) * float(np.sqrt(error)) / found


def sensitivity_ratio(information: Reals, weights: ArrayLike, true_weights: ArrayLike | None = None) -> float:
    """Return by how much the sensitivity is worse than with nominal J factors; arguments as asymptotic_sensitivity."""
    return asymptotic_sensitivity(information, weights, true_weights) / asymptotic_sensitivity(information)


def signal_found(information: Reals, true_weights: ArrayLike) -> Reals:
    """Return the signal that a fit with nominal J factors finds per strength, over nominal, (n_draws,).

    `true_weights`: (n_draws, n_sources), the J factors that are true, relative to nominal.
    """
    drawn = np.atleast_2d(np.asarray(true_weights, dtype=np.float64))
    return np.asarray(drawn @ information.sum(axis=1) / information.sum())


def drawn_factors(errors: FactorErrors, n_draws: int, generator: np.random.Generator) -> Reals:
    """Return J over its observed value in draws within its errors, (n_draws, n_sources), log-normal on each side.

    Its mean lies above its median, 1: by exp(σ²/2) where the errors of ln J are both σ.
    """
    return np.asarray(np.exp(errors.shifts(generator.normal(size=(n_draws, errors.low.size)))))


def marginalised_ratio(information: Reals, factors: Reals, confidence: float = CONFIDENCE) -> float:
    """Return the sensitivity of trials with drawn J factors over that with fixed ones; `factors` (n_draws, n_sources).

    The strength at which the mean over draws of the share of fits above 0 is `confidence`. It lies below 1 where the
    errors are wide: the long upper tail of a log-normal adds signal to many trials, while the tenth that may fail is
    filled by the lowest draws. So a marginalised sensitivity is no conservative one; see `signal_found` for the band.
    """
    from scipy.optimize import brentq

    found = signal_found(information, factors)
    pull = float(ndtri(confidence))

    def missing(log_ratio: float) -> float:
        return float(np.mean(ndtr(np.exp(log_ratio) * pull * found))) - confidence

    return float(np.exp(brentq(missing, -20.0, 20.0, xtol=1e-10)))


def weights_without(sources: Sequence[str], left_out: Sequence[str]) -> Reals:
    """Return weights (n_sources,) of 1, and 0 for the sources left out; InputError for one that there is not."""
    unknown = sorted(set(left_out) - set(sources))
    if unknown:
        raise InputError(f"{', '.join(unknown)} are not among the sources: there are {', '.join(sources)}")
    return np.array([0.0 if name in left_out else 1.0 for name in sources])


def weights_of_aperture(sources: pa.Table, catalogue: pd.DataFrame, aperture_deg: float) -> Reals:
    """Return J within an aperture over J of the `sources` product, (n_sources,), 0 where the catalogue has none."""
    name = f"log10_j_factor_{aperture_deg:g}deg"
    if name not in catalogue:
        raise InputError(f"the catalogue has no column {name}")
    within = catalogue.set_index("source")[name].reindex(sources["source"].to_pylist()).to_numpy(dtype=float)
    return np.asarray(np.nan_to_num(10.0 ** (within - sources["log10_j_factor"].to_numpy()), nan=0.0))


def robustness_table(
    information: Reals,
    variants: Mapping[str, ArrayLike],
    strength: str = "sigma_v",
    ratios: Mapping[str, float] | None = None,
) -> pa.Table:
    """Return the `robustness` product: a row a variant, with its sensitivity and ratio to nominal.

    `variants`: by name the weights (n_sources,) of the J factors relative to nominal; nominal itself is the first row.
    `ratios`: of variants of anything else, by name; they follow, and have no weights.
    """
    every = {"nominal": np.ones(len(information)), **variants}
    found = {name: sensitivity_ratio(information, weights) for name, weights in every.items()} | dict(ratios or {})
    nominal = asymptotic_sensitivity(information)
    return pa.table(
        {
            "variant": list(found),
            f"{strength}_sensitivity": [nominal * ratio for ratio in found.values()],
            "ratio": list(found.values()),
            "factor_ratios": pa.array(
                [_weights(every[name], len(information)).tolist() if name in every else None for name in found],
                pa.list_(pa.float64()),
            ),
        }
    )


def _weights(given: ArrayLike, n_sources: int) -> Reals:
    weights = np.broadcast_to(np.asarray(given, dtype=np.float64), (n_sources,))
    if not (np.all(np.isfinite(weights)) and np.all(weights >= 0.0)):
        raise PhysicsError(f"weights {weights}: needed are numbers >= 0, one a source")
    return weights
