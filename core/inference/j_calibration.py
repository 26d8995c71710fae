"""How far 2 ln L must fall at a one-sided limit with profiled J factors, by trials.

With log-normal nuisances as wide as those of dwarf galaxies (0.2 to 0.5 dex and more) Wilks' theorem fails: where the
J factors weigh as much as the counts, the strength times J is a curved line in the space of both, and 2 ln L falls by
more than z² from its maximum to the truth in more than a tenth of skies. The fall that covers is found by trials of
Gaussian skies, d normal about I s with covariance I, in which each J factor is observed about its true one with its own
errors: at each true strength the quantile of

    q(s) = 2 ln L(best) - 2 ln L(s) where best < s, else 0,

and of these the largest. The true J factors of the trials are the observed ones: a parametric bootstrap.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import PhysicsError
from core.likelihood.j_profile import (
    CONFIDENCE,
    FactorErrors,
    SkyLikelihood,
    gaussian_drop,
    profile_curve,
    profiled_strength,
)

Reals = NDArray[np.float64]

# In errors of the strength at fixed J factors. Far below 1 counts alone decide, far above it the J factors alone.
STRENGTHS = (0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 10.0, 20.0)
N_TRIALS = 2000


@dataclass(frozen=True)
class CalibratedDrop:
    """The fall of 2 ln L that covers at true strengths (in errors at fixed J factors), with its error, (n,) each.

    `coverage`: (n,), the share of trials that the fall of Gaussian errors covers.
    """

    strengths: Reals
    drop: Reals
    drop_error: Reals
    coverage: Reals

    @property
    def greatest(self) -> float:
        """The fall that covers at all of these strengths, not less than that of Gaussian errors."""
        return max(float(self.drop.max()), gaussian_drop())


def calibrated_drop(
    information: Reals,
    errors: FactorErrors,
    seed: int,
    n_trials: int = N_TRIALS,
    strengths: tuple[float, ...] = STRENGTHS,
    confidence: float = CONFIDENCE,
) -> CalibratedDrop:
    """Return how far 2 ln L falls from its maximum to the truth in a share `confidence` of trials.

    `information`: I_kl per square of the strength, (n_sources, n_sources). PhysicsError for fewer than 100 trials, and
    for sources without information.
    """
    if n_trials < 100:
        raise PhysicsError(f"{n_trials} trials give no quantile at {confidence:.0%}: ask for at least 100")
    unit = 1.0 / SkyLikelihood.gaussian(np.zeros(len(information)), information).scale
    root = _root(information)
    falls = np.array(
        [
            [
                _fall(information, root, errors, strength / unit, generator)
                for generator in [np.random.default_rng([seed, place])]
                for _ in range(n_trials)
            ]
            for place, strength in enumerate(strengths)
        ]
    )
    rank = np.sqrt(confidence * (1.0 - confidence) / n_trials)
    low, drop, high = np.quantile(falls, [confidence - rank, confidence, min(confidence + rank, 1.0)], axis=1)
    coverage = np.mean(falls <= gaussian_drop(confidence), axis=1)
    return CalibratedDrop(np.array(strengths), drop, 0.5 * (high - low), coverage)


def _fall(
    information: Reals, root: Reals, errors: FactorErrors, strength: float, generator: np.random.Generator
) -> float:
    """Return q of one trial at its true strength."""
    n_sources = len(information)
    projections = information @ np.full(n_sources, strength) + root @ generator.normal(size=n_sources)
    observed = np.exp(-errors.shifts(generator.normal(size=n_sources)))
    sky = SkyLikelihood.gaussian(projections * observed, information * np.outer(observed, observed))
    found = profiled_strength(sky, errors)
    if found.best >= strength:
        return 0.0
    return max(found.fall_at_zero - float(profile_curve(sky, errors, [strength])[0]), 0.0)


def _root(information: Reals) -> Reals:
    """Return a square root of a positive semidefinite matrix: sources of one pattern make it singular."""
    values, directions = np.linalg.eigh(information)
    return np.asarray(directions * np.sqrt(np.maximum(values, 0.0)))
