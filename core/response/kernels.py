"""The angular error as von Mises-Fisher kernels on the sphere, and what is left of them in cos zenith alone."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import i0e

Reals = NDArray[np.float64]

# Gauss-Legendre on 64 nodes a bin: exact to 1e-7 up to kappa = 1200 in bins 0.25 wide.
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(64)


def kernel_density(kappa: Reals, angle: Reals) -> Reals:
    """Return the von Mises-Fisher density per sr at an angle (rad) from its centre; the arguments broadcast.

    κ / (4π sinh κ) · exp(κ cos ψ), written so that nothing overflows (Fisher 1953, doi:10.1098/rspa.1953.0064).
    """
    falling = np.exp(-2.0 * kappa * np.sin(0.5 * angle) ** 2)
    return np.asarray(kappa / (2.0 * np.pi * -np.expm1(-2.0 * kappa)) * falling)


def zenith_density(kappa: Reals, cos_zenith: Reals, reco_cos_zenith: Reals) -> Reals:
    """Return the density in reconstructed cos zenith c' of a kernel around a direction at c; the arguments broadcast.

    The exact integral over azimuth: p(c'|c) = κ/(2 sinh κ) · exp(κ c c') · I0(κ s s') with s = √(1 - c²).
    """
    sines = np.sqrt((1.0 - cos_zenith**2) * (1.0 - reco_cos_zenith**2))
    exponent = kappa * (cos_zenith * reco_cos_zenith + sines - 1.0)
    return np.asarray(kappa / -np.expm1(-2.0 * kappa) * np.exp(exponent) * i0e(kappa * sines))


def zenith_probabilities(kappa: Reals, cos_zenith: Reals, edges: Reals) -> Reals:
    """Return the probability of each bin in reconstructed cos zenith, (n_kappa, n_directions, n_bins).

    `kappa`: (n_kappa,). `cos_zenith`: (n_directions,) of the true direction. `edges`: (n_bins + 1,) from -1 to 1, so
    that each row sums to 1.
    """
    if len(cos_zenith) != 1:
        return _zenith_probabilities(kappa, cos_zenith, edges)
    given = (np.ascontiguousarray(values, dtype=np.float64).tobytes() for values in (kappa, cos_zenith, edges))
    return _of_one_direction(*given)


@lru_cache(maxsize=1024)
def _of_one_direction(kappa: bytes, cos_zenith: bytes, edges: bytes) -> Reals:
    """Return them, kept: a detector's kernels about one direction are the same for every spectrum."""
    found = _zenith_probabilities(*(np.frombuffer(values) for values in (kappa, cos_zenith, edges)))
    found.flags.writeable = False
    return found


def _zenith_probabilities(kappa: Reals, cos_zenith: Reals, edges: Reals) -> Reals:
    half_width = 0.5 * np.diff(edges)
    nodes = 0.5 * (edges[1:] + edges[:-1])[:, None] + half_width[:, None] * _NODES
    density = zenith_density(kappa[:, None, None, None], cos_zenith[:, None, None], nodes)
    probability = (density @ _WEIGHTS) * half_width
    return np.asarray(probability / probability.sum(axis=-1, keepdims=True))


def mean_cosine(kappa: Reals) -> Reals:
    """Return the mean cosine of the angle to the centre, coth κ - 1/κ."""
    return np.asarray(1.0 / np.tanh(kappa) - 1.0 / kappa)


def widened_kappa(kappa: Reals, extent: float) -> Reals:
    """Return the concentration of kernels that are folded with a source of angular extent (rad, rms per axis).

    The mean cosines of two isotropic errors multiply: exact in the first moment. `extent` = 0 changes nothing.
    """
    if extent == 0.0:
        return kappa
    wanted = mean_cosine(kappa) * np.exp(-(extent**2))
    widened = kappa.copy()
    for _ in range(50):
        slope = 1.0 / widened**2 - 1.0 / np.sinh(np.minimum(widened, 300.0)) ** 2
        step = (mean_cosine(widened) - wanted) / slope
        widened = np.clip(widened - step, 0.5 * widened, 1.5 * widened)
        if np.all(np.abs(step) < 1e-12 * widened):
            break
    return widened
