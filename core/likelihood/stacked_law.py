"""What Gaussian fits say of the stacked statistic of sources that each have a sky of their own."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri, wofz

from core.likelihood.closed_form import CONFIDENCE
from core.likelihood.model import TrialModel

Reals = NDArray[np.float64]

# Frequencies of the law's characteristic function, times the standard deviation of the sum.
_FREQUENCIES = np.geomspace(1e-5, 1e4, 2001)
# Every fourth is enough where more than so many sources count: the function falls faster, shares move by 1e-4 at most.
_MANY_SOURCES = 6.0
_SERIES_BELOW = 1e-2  # of an angle: there its integrals are taken from their series


@dataclass(frozen=True)
class StackedLaw:
    """What Gaussian fits say of the stacked statistic.

    `weights`: (n_sources,). `pulls`: (n_sources,), the mean fit of a source in its standard deviations per injected
    event of all sources. With z_k normal about mean n_s times its pull the signed statistic is sum_k w_k sign(z_k)
    z_k^2, the bounded one sum_k w_k max(0, z_k)^2.
    """

    weights: Reals
    pulls: Reals
    bounded: bool = False

    @classmethod
    def of(cls, model: TrialModel) -> "StackedLaw":
        """Return the law of a model's trials: a source's fit has the variance N / sum_b p_b (R - 1)^2.

        Of the statistic that the sensitivity is from: the bounded one on the published grid, else the signed one.
        """
        information = (model.background * (model.ratio - 1.0) ** 2).sum(axis=1)
        return cls(model.weights, model.draw_weights * np.sqrt(information / model.draw_events), model.grid)

    @property
    def n_s_uncertainty(self) -> float:
        """The standard deviation of the signed statistic without signal in injected events, by its slope at none.

        z |z| has variance 3, and its mean rises by 2 sqrt(2/pi) per standard deviation of its shift.
        """
        spread = math.sqrt(3.0 * float(np.sum(self.weights**2)))
        return spread / (2.0 * math.sqrt(2.0 / math.pi) * float(self.weights @ self.pulls))

    def share_above(self, threshold: float, n_s: float) -> float:
        """Return the share of trials whose statistic exceeds a threshold at n_s injected events."""
        return float(self.shares_above(np.array([threshold]), n_s)[0])

    def shares_above(self, thresholds: Reals, n_s: float) -> Reals:
        """Return the shares of trials whose statistic exceeds thresholds (n,) at n_s injected events.

        From the characteristic function phi (Gil-Pelaez 1951): 1/2 + 1/pi int_0^inf Im[phi(t) exp(-i t T)]/t dt, of a
        bounded statistic without what lies at 0 in all sources. phi falls slowly where there are few sources, so that
        the wave is integrated exactly between frequencies (Filon 1928), phi(t)/t being straight there. Within 1e-4.
        """
        means = n_s * self.pulls
        spread = math.sqrt(float(np.sum(self.weights**2 * (3.0 + 6.0 * means**2 + means**4))))
        many = float(np.sum(self.weights)) ** 2 > _MANY_SOURCES * float(np.sum(self.weights**2))
        frequencies = _FREQUENCIES[::4] if many else _FREQUENCIES
        phases, shifts = frequencies * self.weights[:, None] / spread, means[:, None]
        below = ndtr(-shifts) if self.bounded else _half(-phases, -shifts)
        phi = (_half(phases, shifts) + below).prod(axis=0)
        at_zero = float(np.prod(ndtr(-means))) if self.bounded else 0.0
        found = (
            0.5 * (1.0 - at_zero) + _waves((phi - at_zero) / frequencies, frequencies, thresholds / spread) / math.pi
        )
        return np.asarray(found + at_zero * (thresholds < 0.0) if self.bounded else found)

    def median(self) -> float:
        """Return the median of the statistic without signal."""
        from scipy.optimize import brentq

        if not self.bounded:
            return 0.0
        greatest = 10.0 * float(self.weights.sum())
        return float(brentq(lambda threshold: self.share_above(threshold, 0.0) - 0.5, 0.0, greatest, rtol=1e-6))

    def sensitivity(self, confidence: float = CONFIDENCE) -> float:
        """Return the injected events at which a share `confidence` of trials exceeds the median of none."""
        from scipy.optimize import root_scalar

        median, scale = self.median(), float(ndtri(confidence)) * self.n_s_uncertainty
        # The deviate of the share is nearly linear in n_s: a secant needs a few evaluations.
        wanted = float(ndtri(confidence))

        def missing(n_s: float) -> float:
            return float(ndtri(self.share_above(median, n_s))) - wanted

        return float(root_scalar(missing, x0=scale, x1=1.1 * scale, rtol=1e-5).root)


def _half(phase: Reals, mean: Reals) -> NDArray[np.complex128]:
    """Return int_0^inf exp(i phase z^2) g(z) dz with g normal about a mean with variance 1; the arguments broadcast.

    With c = 1/2 - i phase it is exp(-mean^2/2) w(-i mean/(2 sqrt(c)))/(2 sqrt(2 c)), w the Faddeeva function.
    """
    root = np.sqrt(0.5 - 1j * phase)
    return np.asarray(np.exp(-0.5 * mean**2) * wofz(-0.5j * mean / root) / (2.0 * math.sqrt(2.0) * root))


def _waves(values: NDArray[np.complex128], frequencies: Reals, thresholds: Reals) -> Reals:
    """Return int Im[f(t) exp(-i t T)] dt for thresholds T (n,), f straight between its values at the frequencies.

    With theta = T dt a step gives dt exp(-i t T) [f a + f_next b]; over 0 < s < 1, a is int (1 - s) exp(-i theta s) ds
    and b int s exp(-i theta s) ds.
    """
    steps = np.diff(frequencies)
    angle = thresholds[:, None] * steps
    near = np.abs(angle) < _SERIES_BELOW
    safe = np.where(near, 1.0, angle)
    turned = np.exp(-1j * safe)
    first = np.where(near, 0.5 - 1j * angle / 6.0 - angle**2 / 24.0, (1.0 - 1j * safe - turned) / safe**2)
    second = np.where(near, 0.5 - 1j * angle / 3.0 - angle**2 / 8.0, (turned * (1.0 + 1j * safe) - 1.0) / safe**2)
    waves = np.exp(-1j * thresholds[:, None] * frequencies[:-1]) * steps
    return np.asarray((waves * (values[:-1] * first + values[1:] * second)).imag.sum(axis=1))
