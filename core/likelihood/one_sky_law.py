"""What Gaussian fits say of the stacked statistic of sources that share the events of one sky.

The fits z_k, in their standard deviations, are normal with the correlations of the sources' scores under background,
cov = sum_cells p (R_k - 1)(R_l - 1). Moments are in closed form; shares of trials are counted over normal numbers of a
fixed seed, p-values over such that are spread out to where they count.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from core.likelihood.closed_form import CONFIDENCE
from core.likelihood.model import TrialModel

Reals = NDArray[np.float64]

N_SAMPLES = 2**16
_SEED = 20251119
_N_TAIL_SAMPLES = 2**17
_REACH = 0.9  # q below: how near the spread comes to the tail's own


@dataclass(frozen=True)
class OneSkyLaw:
    """The law of sum_k w_k sign(z_k) z_k^2, bounded sum_k w_k max(0, z_k)^2, with correlated z_k of variance 1.

    `weights`: (n_sources,). `pulls`: (n_sources,), the mean of z_k per injected event of all sources, those of other
    sources near it among them. `correlation`: (n_sources, n_sources).
    """

    weights: Reals
    pulls: Reals
    correlation: Reals
    bounded: bool = False

    @classmethod
    def of(cls, model: TrialModel) -> "OneSkyLaw":
        """Return the law of a model's trials, which share one sky; bounded on the published grid, else signed."""
        excess = model.ratio - 1.0
        if model.patterns is not None:
            excess = np.take_along_axis(excess, model.patterns, axis=1)
        covariance = (excess * model.background[0]) @ excess.T
        spread = np.sqrt(np.maximum(np.diag(covariance), np.finfo(float).tiny))
        pulls = (excess @ model.signal[0]) / (spread * math.sqrt(model.n_events))
        correlation = np.clip(covariance / np.outer(spread, spread), -1.0, 1.0)
        return cls(model.weights, pulls, correlation, model.grid)

    @property
    def n_s_uncertainty(self) -> float:
        """The standard deviation of the signed statistic without signal in injected events, by its slope at none.

        With the correlation r, E[z|z| y|y|] = 2/pi [(1 + 2 r^2) arcsin r + 3 r (1 - r^2)^(1/2)].
        """
        r = self.correlation
        covariance = 2.0 / math.pi * ((1.0 + 2.0 * r**2) * np.arcsin(r) + 3.0 * r * np.sqrt(1.0 - r**2))
        spread = math.sqrt(float(self.weights @ covariance @ self.weights))
        return spread / (2.0 * math.sqrt(2.0 / math.pi) * float(self.weights @ self.pulls))

    def sensitivity(self, confidence: float = CONFIDENCE) -> float:
        """Return the injected events at which a share `confidence` of trials exceeds the median of none."""
        from scipy.optimize import brentq

        z = self._normal
        median = float(np.median(self._statistic(z)))
        scale = float(ndtri(confidence)) * self.n_s_uncertainty

        def excess(n_s: float) -> float:
            # Between two samples on either side of the threshold: a share that moves in steps has no root.
            statistic = np.sort(self._statistic(z + n_s * self.pulls))
            below = float(np.interp(median, statistic, np.arange(N_SAMPLES) + 0.5)) / N_SAMPLES
            return 1.0 - below - confidence

        return float(brentq(excess, 0.1 * scale, 10.0 * scale, rtol=1e-4))

    def shares_above(self, thresholds: Reals, n_s: float) -> Reals:
        """Return the shares of trials whose statistic exceeds thresholds (n,) at n_s injected events."""
        statistic = np.sort(self._statistic(self._normal + n_s * self.pulls))
        return np.asarray(1.0 - np.interp(thresholds, statistic, np.arange(N_SAMPLES) + 0.5) / N_SAMPLES)

    def p_value(self, threshold: float) -> float:
        """Return the probability of a bounded statistic above a threshold without signal."""
        statistic, weight = self._tail()
        return float(np.mean(weight * (statistic > threshold)))

    def tail_thresholds(self, p_values: Reals) -> Reals:
        """Return the bounded statistics that background exceeds with small probabilities, (n,)."""
        statistic, weight = self._tail()
        order = np.argsort(-statistic)
        return np.asarray(np.interp(p_values, np.cumsum(weight[order]) / statistic.size, statistic[order]))

    def _tail(self) -> tuple[Reals, Reals]:
        """Return bounded statistics without signal, spread out to the tail, and their weights.

        By importance sampling: along each axis a of the form sum_k w_k z_k^2, in which z has independent components y_a
        and the form is sum_a e_a y_a^2, normal numbers of the variance 1/(1 - q e_a/max e) are drawn.
        """
        root = self._root()
        form, axes = np.linalg.eigh(root.T @ (self.weights[:, None] * root))
        spread = 1.0 / np.sqrt(1.0 - _REACH * form / form.max())
        drawn = np.random.default_rng(_SEED).standard_normal((_N_TAIL_SAMPLES, form.size))
        log_weight = (0.5 * drawn**2 * (1.0 - spread**2) + np.log(spread)).sum(axis=1)
        z = (drawn * spread) @ (root @ axes).T
        return np.maximum(z, 0.0) ** 2 @ self.weights, np.exp(log_weight)

    def _statistic(self, z: Reals) -> Reals:
        """Return the statistic of fits z (n_samples, n_sources)."""
        positive = np.maximum(z, 0.0) ** 2
        return np.asarray((positive if self.bounded else positive - np.minimum(z, 0.0) ** 2) @ self.weights)

    @cached_property
    def _normal(self) -> Reals:
        """Return fits without signal, (N_SAMPLES, n_sources), as many of each sign."""
        half = np.random.default_rng(_SEED).standard_normal((N_SAMPLES // 2, self.weights.size)) @ self._root().T
        return np.concatenate([half, -half])

    def _root(self) -> Reals:
        """Return what turns independent normal numbers into fits, (n_sources, n_sources)."""
        variance, axes = np.linalg.eigh(self.correlation)
        return np.asarray(axes * np.sqrt(np.maximum(variance, 0.0)))
