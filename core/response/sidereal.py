"""The sky above a detector anywhere on the turning Earth: how long a declination stands in each band of zenith.

A direction of declination δ has at hour angle h above the latitude φ (spherical law of cosines)

    cos z = sin φ sin δ + cos φ cos δ cos h.

It is above a cos z of e for the share arccos((e - sin φ sin δ)/(cos φ cos δ))/π of a sidereal day: where an exposure
lasts for many days, evenly, a response by zenith becomes one by declination. At the South Pole cos z = -sin δ always.
"""

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]

N_NODES = 64  # of Gauss-Legendre in a band of sin δ
LEAST = 1e-12  # of cos φ cos δ: nearer to a pole a direction keeps its zenith


def time_shares(dec: Reals, cos_zenith_edges: Reals, latitude: float) -> Reals:
    """Return the share of a day that declinations stand in each band of cos zenith, (n, n_bands); rows sum to 1.

    `dec`: (n,) rad. `cos_zenith_edges`: (n_bands + 1,) from -1 to 1. `latitude`: rad, north is positive.
    """
    height = np.sin(latitude) * np.sin(dec)
    reach = np.maximum(np.cos(latitude) * np.cos(dec), LEAST)
    cosine = np.clip((cos_zenith_edges - height[:, None]) / reach[:, None], -1.0, 1.0)
    above = np.arccos(cosine) / np.pi
    # All of the sky lies between the outermost edges, a pole in the zenith too.
    above[:, 0], above[:, -1] = 1.0, 0.0
    return np.asarray(above[:, :-1] - above[:, 1:])


def declination_shares(cos_zenith_edges: Reals, sin_dec_edges: Reals, latitude: float) -> Reals:
    """Return the share of each band of cos zenith that lies in bands of sin δ, (n_zeniths, n_declinations).

    Of events that are even in azimuth and within their band; rows sum to 1. Edges rise from -1 to 1.
    """
    position, weight = np.polynomial.legendre.leggauss(N_NODES)
    half = 0.5 * np.diff(sin_dec_edges)
    nodes = 0.5 * (sin_dec_edges[1:] + sin_dec_edges[:-1])[:, None] + half[:, None] * position
    shares = time_shares(np.arcsin(nodes.ravel()), cos_zenith_edges, latitude)
    solid = np.einsum("dnz,n->zd", shares.reshape(*nodes.shape, -1), weight) * half
    return np.asarray(solid / solid.sum(axis=1, keepdims=True))
