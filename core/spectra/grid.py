"""The nodes in x = E/m on which every table of ours stands, and how neutrinos are counted onto them.

A neutrino between two nodes is shared between them such that both its number and its energy stay what they were. With
the trapezoid rule in log10 x as the integral of a spectrum, multiplicity and energy of a table are then those of the
generated events, whatever the spacing.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# (log10 x from, to, nodes per decade): fine where the effective area weighs, coarse where only the count matters.
_STRETCHES = ((-8.0, -3.0, 20), (-3.0, -0.3, 50), (-0.3, 0.0, 100))


def _nodes() -> Array:
    pieces = [low + np.arange(round((high - low) * density)) / density for low, high, density in _STRETCHES]
    return np.round(np.append(np.concatenate(pieces), 0.0), 6)


LOG10_X: Array = _nodes()
X: Array = 10.0**LOG10_X
N_NODES: int = len(X)


def trapezoid_widths(log10_x: Array) -> Array:
    """Return the weight of each node, (n_nodes,), in the trapezoid rule over log10 x."""
    widths = np.zeros_like(log10_x)
    steps = np.diff(log10_x)
    widths[:-1] += steps / 2.0
    widths[1:] += steps / 2.0
    return widths


NODE_WIDTHS: Array = trapezoid_widths(LOG10_X)


def node_counts(n_neutrinos: Array, sum_of_x: Array) -> Array:
    """Return counts on the nodes, (…, n_nodes), from the content of the intervals between them.

    Within an interval [x_k, x_k+1] with n neutrinos of summed x equal to s, the lower node takes
    (n x_k+1 - s)/(x_k+1 - x_k) and the upper one the rest, so that Σ counts = Σ n and Σ counts · x = Σ s.

    Parameters: `n_neutrinos` and `sum_of_x`, each (…, n_nodes - 1).
    """
    lower, upper = X[:-1], X[1:]
    to_upper = (sum_of_x - n_neutrinos * lower) / (upper - lower)
    counts = np.zeros((*np.shape(n_neutrinos)[:-1], N_NODES))
    counts[..., :-1] += n_neutrinos - to_upper
    counts[..., 1:] += to_upper
    return np.asarray(np.maximum(counts, 0.0))


def shared_among_nodes(counts: Array, position: Array, nodes: Array) -> Array:
    """Return counts (…, k) that stood at `position` (k,), each shared between its two neighbouring `nodes` (n,).

    Number and Σ counts · x are kept for positions within the nodes; what lies outside goes to the last node there.
    """
    place = np.clip(position, nodes[0], nodes[-1])
    index = np.clip(np.searchsorted(nodes, place, side="right") - 1, 0, len(nodes) - 2)
    upper = (place - nodes[index]) / (nodes[index + 1] - nodes[index])
    rows = np.arange(len(place))
    shares = np.zeros((len(place), len(nodes)))
    shares[rows, index] = 1.0 - upper
    shares[rows, index + 1] += upper
    return np.asarray(counts @ shares)
