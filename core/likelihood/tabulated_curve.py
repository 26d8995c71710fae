"""A likelihood of one strength, ⟨σv⟩ or 1/τ, of which values at some strengths are known: smooth between them.

Between the strengths cubics that are exact for parabolas and bend at kinks alone (Akima 1970,
doi:10.1145/321607.321609), beyond the last one a parabola.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from core.errors import PhysicsError

Reals = NDArray[np.float64]

LEAST_POINTS = 4


@dataclass(frozen=True, eq=False)
class TabulatedCurve:
    """How far 2 ln L falls, told at rising `strengths` from 0 on; `falls` (n,) from any origin, both (n,).

    PhysicsError for fewer than LEAST_POINTS, strengths that do not rise from 0, and values that fall at the last one.
    """

    strengths: Reals
    falls: Reals

    def __post_init__(self) -> None:
        n = self.strengths.size
        if n < LEAST_POINTS or self.falls.shape != (n,) or self.strengths[0] != 0.0:
            raise PhysicsError(f"a curve of {n} strengths and {self.falls.shape} values: {LEAST_POINTS} from 0 are due")
        if not (np.diff(self.strengths) > 0.0).all() or not self.falls[-1] > self.falls[-2]:
            raise PhysicsError("strengths must rise, and the likelihood must fall at the last of them")

    @property
    def end(self) -> float:
        """The greatest strength at which the curve is told; beyond it a parabola goes on."""
        return float(self.strengths[-1])

    @property
    def least(self) -> float:
        """The value, from the origin of `falls`, of the greatest likelihood at strengths of 0 or above."""
        return float(self._between(self.best))

    @cached_property
    def best(self) -> float:
        """The strength, 0 or above, of the greatest likelihood."""
        from scipy.optimize import minimize_scalar

        lowest = int(np.argmin(self.falls))
        if lowest == 0 and not self._slope(0.0) < 0.0:
            return 0.0
        low, high = self.strengths[max(lowest - 1, 0)], self.strengths[min(lowest + 1, self.falls.size - 1)]
        # In shares of the bracket: the tolerance of the search is absolute.
        found = minimize_scalar(
            lambda share: float(self._between(low + share * (high - low))),
            bounds=(0.0, 1.0),
            method="bounded",
            options={"xatol": 1e-9},
        )
        best = float(low + found.x * (high - low))
        return best if self._between(best) < self.falls[lowest] else float(self.strengths[lowest])

    def fall(self, strengths: ArrayLike) -> Reals:
        """Return 2 ln [L(best)/L(s)] at strengths >= 0, of their shape."""
        asked = np.asarray(strengths, dtype=np.float64)
        inside = np.minimum(asked, self.end)
        beyond = asked - inside
        slope, curvature = self._slope(self.end), self._last_curvature
        fall = self._between(inside) - self._between(self.best) + slope * beyond + 0.5 * curvature * beyond**2
        return np.maximum(fall, 0.0)

    def upper_limit(self, confidence: float = 0.9) -> float:
        """Return the strength above the best at which 2 ln L has fallen by z², z the quantile of the confidence."""
        from scipy.optimize import brentq

        drop, low, high = float(ndtri(confidence)) ** 2, self.best, self.end
        while float(self.fall(high)) < drop:
            low, high = high, 2.0 * high
        return float(brentq(lambda s: float(self.fall(s)) - drop, low, high, rtol=1e-10, xtol=1e-10 * high))

    @cached_property
    def _last_curvature(self) -> float:
        """The curvature of the parabola through the last three points, 0 where it would turn down."""
        (s0, s1, s2), (f0, f1, f2) = self.strengths[-3:], self.falls[-3:]
        return max(float(2.0 * ((f2 - f1) / (s2 - s1) - (f1 - f0) / (s1 - s0)) / (s2 - s0)), 0.0)

    @cached_property
    def _cubic(self) -> Any:
        from scipy.interpolate import Akima1DInterpolator

        return Akima1DInterpolator(self.strengths, self.falls)

    def _between(self, strengths: ArrayLike) -> Reals:
        return np.asarray(self._cubic(strengths), dtype=np.float64)

    def _slope(self, strength: float) -> float:
        return float(self._cubic(strength, 1))
