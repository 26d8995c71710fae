"""The strength of a signal at which a share of trials lies above a threshold, read off trials at a few strengths."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from core.errors import PhysicsError
from core.inference.probit import fit_probit
from core.inference.sensitivity import LEAST_BELOW

Reals = NDArray[np.float64]

_FURTHEST = 1.5  # beyond the highest strength by this factor the curve of the trials still serves
# How far the probit's coefficients may lie from the asymptotic law: the constant by itself, slope and curvature in
# slopes. No curve of 4000 trials a point lay farther off than 0.63, 0.40 and 0.28 (8 pairs, 6 thresholds each). With
# 400 trials they leave limits a bias far below their error (docs/counts-limit.md).
_CONSTANT_WIDTH, _SLOPE_WIDTH, _CURVATURE_WIDTH = 3.0, 0.5, 0.3


@dataclass(frozen=True)
class StrengthCurve:
    """Signed statistics of trials at strengths (n,): the share above a threshold as a smooth function of strength.

    The probit of the share is a parabola in strength, fitted to the numbers of trials. About the threshold most of them
    lie on one side, so the fit also knows the asymptotic law, to the widths below: there the probit is a straight line,
    a unit for each `uncertainty` of the strength, which is 0 where the signed root of the threshold is expected.
    strengths: (n_strengths,), the first 0; statistics: the trials of each.
    """

    strengths: Reals
    statistics: list[Reals]
    uncertainty: float

    def strength_at(self, threshold: float, share: float) -> tuple[float | None, float]:
        """Return the positive strength at which a share of trials lies above a threshold, or None, and its error.

        PhysicsError where the strengths that were drawn do not reach it.
        """
        coefficients, covariance = self.probit(threshold)
        constant, slope, curvature = coefficients.tolist()
        missing = float(ndtri(share)) - constant
        if missing <= 0.0:
            return None, 0.0
        discriminant = slope**2 + 4.0 * curvature * missing
        rise = math.sqrt(max(discriminant, 0.0))  # of the parabola where it first reaches the share
        if discriminant <= 0.0 or 2.0 * missing > _FURTHEST * (slope + rise):
            raise PhysicsError("the limit by trials lies far beyond the strengths that were drawn: draw more trials")
        root = 2.0 * missing / (slope + rise)
        terms, scale = root ** np.arange(3), float(self.strengths[-1])
        return root * scale, math.sqrt(float(terms @ covariance @ terms)) / rise * scale

    def strength_by_cls(self, observed: float, confidence: float) -> float:
        """Return the strength at which CL_s, the share of trials below over that without signal, is 1 - confidence.

        An observed statistic below nearly all trials gets the limit of the lowest threshold whose share is known well
        enough, which is larger. PhysicsError as of `strength_at`.
        """
        without = self.statistics[0]
        known = max(observed, float(np.quantile(without, min(LEAST_BELOW / len(without), 0.5))))
        share_below = max(float(np.mean(without < known)), 1.0 / len(without))
        return self.strength_at(known, 1.0 - (1.0 - confidence) * share_below)[0] or 0.0

    def probit(self, threshold: float) -> tuple[Reals, Reals]:
        """Return the coefficients of the probit in powers of strength over the highest, and their covariance."""
        above = np.array([np.count_nonzero(statistics >= threshold) for statistics in self.statistics])
        n_trials = np.array([len(statistics) for statistics in self.statistics])
        slope = float(self.strengths[-1]) / self.uncertainty
        law = np.array([-math.copysign(math.sqrt(abs(threshold)), threshold), slope, 0.0])
        widths = np.array([_CONSTANT_WIDTH, _SLOPE_WIDTH * slope, _CURVATURE_WIDTH * slope])
        powers = np.vander(self.strengths / self.strengths[-1], 3, increasing=True)
        return fit_probit(powers, above, n_trials, law, 1.0 / widths**2)
