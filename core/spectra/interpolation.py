"""Spectra at a mass between two tabulated ones.

In x = E/m the spectra of neighbouring masses nearly agree, and each is a mixture of what happens in one event; so the
mixture (1 - w) left + w right, w linear in ln m, is the interpolation: its multiplicity and its energy are those of
the neighbours, mixed alike.

Pairs of bosons need more, for the edges of their decays' spectra, x = (1 ± β)/2, move fast with the mass. There the
boost is taken from kinematics (`core.spectra.boost`): with the spectrum g of a pair at rest and its boost B_m,
f_m = B_m g is exact as long as nothing but the boost changes, and only what is left of the tabulated spectra, f - B g,
is mixed.
"""

import math

import numpy as np

from core.spectra.boost import BOSONS, boosted
from core.spectra.grid import Array
from core.spectra.spectrum import ProducedSpectra


def between(
    left: ProducedSpectra, right: ProducedSpectra, mass: float, at_rest: ProducedSpectra | None = None
) -> ProducedSpectra:
    """Return the spectra at a mass between those of `left` and `right`, which share channel and nodes.

    w = ln(m/m_left)/ln(m_right/m_left). `at_rest`: the spectra of the pair next to its threshold, for bosons.
    """
    weight = math.log(mass / left.mass) / math.log(right.mass / left.mass)
    counts = (1.0 - weight) * left.counts + weight * right.counts
    if at_rest is not None:
        here, below, above = (boosted(at_rest, of, BOSONS[left.channel]) for of in (mass, left.mass, right.mass))
        counts = without_negative(counts + here - (1.0 - weight) * below - weight * above, 10.0**left.log10_x)
    line = (1.0 - weight) * left.line + weight * right.line
    return ProducedSpectra(left.channel, mass, left.log10_x, counts, line, *_mixed_errors(left, right, weight))


def without_negative(counts: Array, x: Array) -> Array:
    """Return counts (6, n) without what statistics left below zero, with number and energy as before.

    The negative part is taken from the nodes around it: clipped, then scaled and tilted by a + b x.
    """
    clipped = np.maximum(counts, 0.0)
    fixed = clipped.copy()
    for species, (before, after) in enumerate(zip(counts, clipped, strict=True)):
        if not after.any() or np.array_equal(before, after):
            continue
        moments = np.array([[after.sum(), after @ x], [after @ x, after @ x**2]])
        if np.linalg.det(moments) <= 0.0:
            continue
        offset, slope = np.linalg.solve(moments, [before.sum(), before @ x])
        fixed[species] = np.maximum(after * (offset + slope * x), 0.0)
    return fixed


def _mixed_errors(
    left: ProducedSpectra, right: ProducedSpectra, weight: float
) -> tuple[Array | None, Array | None, int]:
    """Return the errors of the mixture of two independent runs, and the events of the smaller."""

    def mixed(first: Array | None, second: Array | None) -> Array | None:
        if first is None or second is None:
            return None
        return np.asarray(np.hypot((1.0 - weight) * first, weight * second))

    return (
        mixed(left.multiplicity_error, right.multiplicity_error),
        mixed(left.energy_fraction_error, right.energy_fraction_error),
        min(left.n_events, right.n_events),
    )
