"""The likelihood of one strength, ⟨σv⟩ or 1/τ, from events in cells: as a curve that can be handed on.

With N B expected background events in a cell, E the signal's excess over the background per strength, and k events,

    2 ln L(s) = 2 Σ k ln(1 + s E/(N B)) + constant,

the likelihood of `core.likelihood.fit` with n_s = s · (events per strength). The k may be what is expected without
signal ("Asimov", Cowan et al. 2011, arXiv:1007.1727), no whole numbers. ln L is concave; strengths are not negative.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from core.errors import PhysicsError

Reals = NDArray[np.float64]

# Beyond this share of the greatest strength that can be tested the curve goes on as a parabola.
PARABOLA_FROM = 0.98


@dataclass(frozen=True, eq=False)
class StrengthCurve:
    """How far 2 ln L falls from its maximum over strengths that are not negative.

    `relative_excess`: E/(N B) per strength, `events`: k, both (n_cells,). PhysicsError for cells of unequal number,
    events below 0, or no cell with events in which a strength would change anything.
    """

    relative_excess: Reals
    events: Reals

    def __post_init__(self) -> None:
        excess, events = self.relative_excess, self.events
        if excess.ndim != 1 or excess.shape != events.shape:
            raise PhysicsError(f"excess {excess.shape} and events {events.shape}: needed are one of each a cell")
        if not (np.isfinite(excess).all() and np.isfinite(events).all() and (events >= 0.0).all()):
            raise PhysicsError("excess and events must be finite, and no cell may have less than 0 events")
        if not np.any((events > 0.0) & (excess != 0.0)):
            raise PhysicsError("no cell with events tells signal from background: there is no likelihood to hand on")

    @cached_property
    def end(self) -> float:
        """The greatest strength at which no cell's density is negative; infinite if there is none."""
        least = float(self.relative_excess.min())
        return -1.0 / least if least < 0.0 else np.inf

    @cached_property
    def best(self) -> float:
        """The strength of the greatest likelihood, 0 or above."""
        from scipy.optimize import brentq

        if self._slope(0.0) <= 0.0:
            return 0.0
        low, high = 0.0, min(self._guess(), 0.5 * self.end)
        while self._slope(high) > 0.0:
            low, high = high, min(2.0 * high, 0.5 * (high + self.end))
            if high - low <= 1e-12 * high:
                return high
        return float(brentq(self._slope, low, high, rtol=1e-12, xtol=1e-12 * high))

    def fall(self, strengths: ArrayLike) -> Reals:
        """Return 2 ln [L(best)/L(s)] at strengths >= 0, of their shape.

        Nothing at or beyond `end` can be tested: from PARABOLA_FROM of it on the curve goes on by the parabola that has
        its value, slope and curvature there, which says "excluded" in finite numbers that rise.
        """
        asked = np.asarray(strengths, dtype=np.float64)
        joint = PARABOLA_FROM * self.end
        inside = np.minimum(asked, joint)
        fall = 2.0 * (self._log_likelihood(np.array([self.best]))[0] - self._log_likelihood(inside.ravel()))
        beyond = (asked - inside).ravel()
        if np.any(beyond > 0.0):
            ratio = self.relative_excess / (1.0 + joint * self.relative_excess)
            slope, curvature = -2.0 * self.events @ ratio, 2.0 * self.events @ ratio**2
            fall = fall + slope * beyond + 0.5 * curvature * beyond**2
        return np.asarray(np.maximum(fall, 0.0), dtype=np.float64).reshape(asked.shape)

    def upper_limit(self, confidence: float = 0.9) -> float:
        """Return the strength above the best at which 2 ln L has fallen by z², z the quantile of the confidence.

        Where it does not fall so far before `end`, that is the limit; infinite if there is no end.
        """
        from scipy.optimize import brentq

        drop = float(ndtri(confidence)) ** 2

        def excess(strength: float) -> float:
            return float(self.fall(np.array([strength]))[0]) - drop

        low, high = self.best, self.best + self._guess()
        while excess(min(high, PARABOLA_FROM * self.end)) < 0.0:
            if high >= PARABOLA_FROM * self.end or not np.isfinite(high):
                return self.end
            low, high = high, 2.0 * high
        return float(brentq(excess, low, min(high, PARABOLA_FROM * self.end), rtol=1e-10, xtol=1e-10 * high))

    def _log_likelihood(self, strengths: Reals) -> Reals:
        """Return Σ k ln(1 + s E/(N B)) at strengths (n,), before the end."""
        seen = self.events > 0.0
        return np.asarray(np.log1p(np.outer(strengths, self.relative_excess[seen])) @ self.events[seen])

    def _slope(self, strength: float) -> float:
        return float(self.events @ (self.relative_excess / (1.0 + strength * self.relative_excess)))

    def _guess(self) -> float:
        """Return the standard deviation of the strength from the curvature at 0."""
        return float(1.0 / np.sqrt(self.events @ self.relative_excess**2))
