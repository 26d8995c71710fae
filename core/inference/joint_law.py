"""The law of the joint statistic's signed root under any number of signal events, without a trial.

A trial's N events are independent: with mu expected signal events each lies in cell b with p_b + mu/N (s_b - d_b), d_b
what the signal displaces: background, or where that comes from the sky itself the signal's average over right
ascension that is in it. With e_b = R_b - 1 the log-likelihood ratio at the signal share x is a sum over events of
ln(1 + x e), so that a trial's root r = sign(n_s) |TS|^(1/2) exceeds c where, for some x of the sign of c, the sum of
g_x(e) = ln(1 + x e)/x exceeds c^2/(2 x); at c = 0, x = 0 that is the sum of e, the score. At the x for which this is
likeliest the probability of a sum of independent terms follows from its cumulant generating function,
K(t) = N ln E exp(t g), by the saddlepoint:

    P(r > c) = 1 - Phi(r*),  r* = w + ln(u/w)/w,  w = sign(t) [2 (t K'(t) - K(t))]^(1/2),  u = t K''(t)^(1/2)

(Lugannani & Rice 1980, doi:10.2307/1426607; Barndorff-Nielsen 1991, doi:10.1093/biomet/78.3.557). The other x widen
the event a little: u is multiplied by (1 - t v/x)^(1/2), v the share of the score's square at x that g does not fix.
What skewness and kurtosis of e do to quantiles, efficiencies and tails is in it; what is left out falls with 1/N.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from core.errors import PhysicsError
from core.likelihood.fit import n_s_limits

Reals = NDArray[np.float64]

_SERIES_BELOW = 1e-3  # of |x e|: there logarithms are taken from their series
_NO_SHARE = 1e-6  # of |x| (E e^2)^(1/2)
_LIMIT_BELOW = 0.02  # of |w|: there r* is taken from its limit
_INNERMOST = 1.0 - 1e-9  # of the x at which a density would reach 0
_N_STEPS = 300  # 30 do nearly always; a boundary five standard deviations below its mean takes 65
_SETTLED = 1e-6  # of a root, in standard deviations
_LONGEST_STEP, _STEEPEST_TILT = 3.0, 200.0  # in standard deviations of the score


@dataclass
class _Saddlepoints:
    """Where the boundaries of thresholds lie: `share` x and `tilt` t of each, (n,); kept between calls as a start."""

    share: Reals
    tilt: Reals


@dataclass(frozen=True)
class JointLaw:
    """The law of the signed root of the joint statistic.

    `background`, `signal`: probabilities (n_cells,), each summing to 1. `excess`: R - 1, (n_cells,). `n_events`: N of a
    trial, signal among them. `signal_average`: (n_cells,), what the signal displaces; None: background.
    """

    background: Reals
    signal: Reals
    excess: Reals
    n_events: int
    signal_average: Reals | None = None
    information: float = field(init=False)
    slope: float = field(init=False)

    def __post_init__(self) -> None:
        """Refuse, with PhysicsError, a signal that cannot be told from background."""
        information = float(np.sum(self.background * self.excess**2))
        slope = float(np.sum(self.signal * self.excess))
        if not (information > 0.0 and slope > 0.0):
            raise PhysicsError(
                f"Fisher information {information:.3g} and slope {slope:.3g} must be positive: "
                "signal and background of this model are the same"
            )
        object.__setattr__(self, "information", information)
        object.__setattr__(self, "slope", slope)

    def deviate(self, root: ArrayLike, n_s: ArrayLike) -> Reals:
        """Return r* of thresholds of the signed root at mean signal events n_s, (n,): P(r > root) = 1 - Phi(r*)."""
        roots, means = np.broadcast_arrays(np.atleast_1d(np.asarray(root, float)), np.asarray(n_s, dtype=np.float64))
        return self._deviate(roots, means, self._start(roots))

    def thresholds(self, p_values: ArrayLike) -> Reals:
        """Return the signed test statistics that background exceeds with probabilities, (n,)."""
        wanted = -ndtri(np.atleast_1d(np.asarray(p_values, dtype=np.float64)))
        roots, start = wanted.copy(), self._start(wanted)
        for _ in range(_N_STEPS):
            step = wanted - self._deviate(roots, np.zeros_like(roots), start)
            roots = roots + step
            if np.abs(step).max() < _SETTLED:
                return np.asarray(roots * np.abs(roots))
        raise PhysicsError(f"no test statistic was found that background exceeds with p = {p_values!r}")

    def crossings(self, thresholds: ArrayLike, shares: ArrayLike) -> Reals:
        """Return the mean signal events at which shares of trials exceed signed test statistics, each (n,).

        By secants in r*, all thresholds at once. PhysicsError if background alone exceeds one as often, or if it takes
        more events than a trial has.
        """
        roots, z = _signed_root(thresholds), ndtri(np.asarray(shares, dtype=np.float64))
        start, means = self._start(roots), self.gaussian_crossings(thresholds, shares)
        before, moving = np.zeros_like(means), np.ones(means.shape, dtype=bool)
        last = self._deviate(roots, before, start) + z
        if not (last > 0.0).all():
            raise PhysicsError("background alone exceeds a threshold as often as is asked for: no signal is needed")
        for _ in range(_N_STEPS):
            if not (means <= self.n_events).all():
                raise PhysicsError(f"it takes more signal events than the {self.n_events} events of a trial")
            here = self._deviate(roots, means, start) + z
            moving &= np.abs(here) > _SETTLED  # what has settled stays: the others' steps move it by rounding
            if not moving.any():
                return means
            step = np.divide(
                -here * (means - before), here - last, out=np.zeros_like(means), where=moving & (here != last)
            )
            before, last, means = means, here, means + np.clip(step, -0.5 * means, means)
        raise PhysicsError("the number of signal events did not settle: does any cell tell signal from background?")

    @property
    def n_s_uncertainty(self) -> float:
        """The standard deviation of the fitted n_s without signal, (N I)^(1/2)/s."""
        return float(np.sqrt(self.n_events * self.information)) / self.slope

    def gaussian_crossings(self, thresholds: ArrayLike, shares: ArrayLike) -> Reals:
        """Return `crossings` for a Gaussian score, each (n,), in closed form.

        With I = sum p e^2, s = sum s_b e, K = sum (s_b - d_b) e^2, c the signed root and z the deviate of a share,
        mu s - c (N I)^(1/2) = z [N I + mu K - mu^2 s^2/N]^(1/2). For c = 0 and R = S/B, K' = sum s_b e^2, this is
        mu = z [N/I + mu (K'/I^2 - 1/I) - mu^2/N]^(1/2).
        """
        z = ndtri(np.asarray(shares, dtype=np.float64))
        shift = _signed_root(thresholds) * np.sqrt(self.n_events * self.information)
        spread = float(np.sum((self.signal - self._displaced) * self.excess**2))
        quadratic = self.slope**2 * (1.0 + z**2 / self.n_events)
        linear = -2.0 * shift * self.slope - z**2 * spread
        constant = shift**2 - z**2 * self.n_events * self.information
        inside = np.sqrt(np.maximum(linear**2 - 4.0 * quadratic * constant, 0.0))
        return np.asarray((-linear + np.where(z < 0.0, -inside, inside)) / (2.0 * quadratic))

    def _start(self, roots: Reals) -> _Saddlepoints:
        """Return where the boundaries of a Gaussian score without signal lie."""
        share = roots / np.sqrt(self.n_events * self.information)
        return _Saddlepoints(np.clip(share, *self._share_limits), np.zeros_like(roots))

    @property
    def _displaced(self) -> Reals:
        """The probabilities of what stands in the place of the signal without it, (n_cells,)."""
        return self.background if self.signal_average is None else self.signal_average

    @property
    def _share_limits(self) -> tuple[float, float]:
        """The least and the greatest x at which no cell's density is negative."""
        lower, upper = n_s_limits(self.excess + 1.0)
        return lower * _INNERMOST, upper * _INNERMOST

    def _deviate(self, roots: Reals, n_s: Reals, start: _Saddlepoints) -> Reals:
        """Return r* of thresholds (n,) at n_s (n,), from a start that is moved to where the boundaries are.

        PhysicsError for a threshold that no counts of so many events reach.
        """
        share = (n_s / self.n_events)[:, np.newaxis]
        probability = np.maximum(self.background + share * (self.signal - self._displaced), share * self.signal)
        for _ in range(_N_STEPS):
            tilted = _Tilted.of(self.excess, probability, start.share, start.tilt)
            share = np.clip(roots / np.sqrt(self.n_events * tilted.mean_square), *self._share_limits)
            spread = np.sqrt(self.n_events * tilted.variance)
            lacking = _threshold(roots, start.share, tilted.mean_square, self.n_events) - tilted.mean
            step = np.clip(lacking * self.n_events / spread, -_LONGEST_STEP, _LONGEST_STEP)
            moved = np.abs(share - start.share).max() * np.sqrt(self.n_events * self.information)
            if max(moved, np.abs(step).max()) < _SETTLED:
                return tilted.deviate(self.n_events, start.share, start.tilt)
            start.share, start.tilt = share, start.tilt + step / spread
            if np.abs(start.tilt).max() * np.sqrt(self.n_events * self.information) > _STEEPEST_TILT:
                break
        raise PhysicsError(
            f"test statistics {(roots * np.abs(roots)).tolist()}: not all are within reach of {self.n_events} events"
        )


def _signed_root(test_statistic: ArrayLike) -> Reals:
    """Return sign(TS) |TS|^(1/2), (n,)."""
    statistic = np.atleast_1d(np.asarray(test_statistic, dtype=np.float64))
    return np.asarray(np.sign(statistic) * np.sqrt(np.abs(statistic)))


def _threshold(roots: Reals, share: Reals, mean_square: Reals, n_events: int) -> Reals:
    """Return what the mean of g over events has to exceed, c^2/(2 x N), also where x is 0 with c."""
    at_zero = 0.5 * roots * np.sqrt(mean_square / n_events)
    return np.divide(roots**2, 2.0 * share * n_events, out=at_zero, where=share != 0.0)


@dataclass(frozen=True)
class _Tilted:
    """Moments of an event's terms, with its probabilities tilted by exp(t g); each (n,).

    `log_norm`: ln E exp(t g) before. `mean`, `variance` and `skewness` of g. `mean_square` of q = 2 (g - d)/x with the
    score d = e/(1 + x e): at the saddlepoint d has no mean, so that c^2 = N x^2 E q. `unfixed`: the share of E d^2
    that is left when g is fixed.
    """

    log_norm: Reals
    mean: Reals
    variance: Reals
    skewness: Reals
    mean_square: Reals
    unfixed: Reals

    @classmethod
    def of(cls, excess: Reals, probability: Reals, share: Reals, tilt: Reals) -> "_Tilted":
        """Return the moments for shares x and tilts t, (n,), of an event's probabilities (n, n_cells)."""
        term, score, square = _terms(excess, share)
        exponent = tilt[:, np.newaxis] * term
        largest = exponent.max(axis=1)
        weight = probability * np.exp(exponent - largest[:, np.newaxis])
        norm = weight.sum(axis=1)
        weight /= norm[:, np.newaxis]
        mean = np.einsum("nb,nb->n", weight, term)
        centred = term - mean[:, np.newaxis]
        weighted = weight * centred
        variance = np.einsum("nb,nb->n", weighted, centred)
        third = np.einsum("nb,nb,nb->n", weighted, centred, centred)
        mean_score, score_square = (weight * score).sum(axis=1), np.einsum("nb,nb,nb->n", weight, score, score)
        covariance = np.einsum("nb,nb->n", weighted, score)
        unfixed = np.maximum(score_square - mean_score**2 - covariance**2 / variance, 0.0) / score_square
        mean_square = np.einsum("nb,nb->n", weight, square)
        return cls(np.log(norm) + largest, mean, variance, third / variance**1.5, mean_square, unfixed)

    def deviate(self, n_events: int, share: Reals, tilt: Reals) -> Reals:
        """Return r* of the sum of g over events."""
        deviance = 2.0 * n_events * (tilt * self.mean - self.log_norm)
        w = np.sign(tilt) * np.sqrt(np.maximum(deviance, 0.0))
        spread = np.sqrt(n_events * self.variance)
        # The unfixed share falls as the square of x: where its rounding would be divided by nothing there is none.
        has_share = np.abs(share) * np.sqrt(self.mean_square) > _NO_SHARE
        widening = np.divide(self.unfixed, share, out=np.zeros_like(share), where=has_share)
        limit = self.skewness / (6.0 * np.sqrt(n_events)) - 0.5 * widening / spread
        apart = np.abs(w) > _LIMIT_BELOW
        inner = np.where(apart, w, 1.0)
        u = tilt * spread * np.sqrt(np.maximum(1.0 - tilt * widening, 0.1))
        return np.asarray(w + np.where(apart, np.log(np.where(apart, u / inner, 1.0)) / inner, limit))


def _terms(excess: Reals, share: Reals) -> tuple[Reals, Reals, Reals]:
    """Return g = ln(1 + x e)/x, the score d = e/(1 + x e) and q = 2 (g - d)/x, each (n, n_cells); e^2 is q at x = 0."""
    shifted = share[:, np.newaxis] * excess
    score = excess / (1.0 + shifted)
    near = np.abs(shifted) < _SERIES_BELOW
    x = np.where(share == 0.0, 1.0, share)[:, np.newaxis]
    series = excess * (1.0 - shifted * (1.0 / 2.0 - shifted * (1.0 / 3.0 - shifted / 4.0)))
    term = np.where(near, series, np.log1p(shifted) / x)
    square = np.where(near, excess**2 * (1.0 - shifted * (4.0 / 3.0 - 1.5 * shifted)), 2.0 * (term - score) / x)
    return term, score, square
