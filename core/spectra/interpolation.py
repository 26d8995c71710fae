"""Spectra at a mass between two tabulated ones.

In x = E/m the spectra of neighbouring masses nearly agree, and each is a mixture of what happens in one event; so the
mixture (1 - w) left + w right, w linear in ln m, is the interpolation: its multiplicity and its energy are those of
the neighbours, mixed alike.

Pairs of bosons need more, for the edges of their decays' spectra, x = (1 ± β)/2, move fast with the mass. There the
boost is taken from kinematics: with the spectrum g of a pair at rest and its boost B_m, f_m = B_m g is exact as long
as nothing but the boost changes, and only what is left of the tabulated spectra, f - B g, is mixed.
"""

import math

import numpy as np

from core.spectra.grid import Array
from core.spectra.spectrum import ProducedSpectra


def between(
    left: ProducedSpectra, right: ProducedSpectra, mass: float, at_rest: ProducedSpectra | None = None
) -> ProducedSpectra:
    """Return the spectra at a mass between those of `left` and `right`, which share channel and nodes.

    w = ln(m/m_left)/ln(m_right/m_left). `at_rest`: the spectra of the pair next to its threshold, for bosons.
    """
    weight = math.log(mass / left.mass) / math.log(right.mass / left.mass)
    shares = ((1.0 - weight, left), (weight, right))
    counts = np.zeros_like(left.counts)
    for share, neighbour in shares:
        counts += share * neighbour.counts
        if at_rest is not None:
            counts -= share * boosted(at_rest, neighbour.mass)
    if at_rest is not None:
        counts = without_negative(counts + boosted(at_rest, mass), 10.0**left.log10_x)
    line = (1.0 - weight) * left.line + weight * right.line
    return ProducedSpectra(left.channel, mass, left.log10_x, counts, line, *_mixed_errors(left, right, weight))


def boosted(at_rest: ProducedSpectra, mass: float) -> Array:
    """Return the counts (6, n) of a pair of this mass whose partners at rest make the spectra `at_rest`.

    A neutrino of x = ε at rest has x = ε (1 + β cos θ) with cos θ even in [-1, 1]: the box [ε (1 - β), ε (1 + β)].
    The mass of `at_rest` counts as that of the boson: β² = 1 - (m_rest/m)².
    """
    speed = math.sqrt(max(1.0 - (at_rest.mass / mass) ** 2, 0.0))
    if speed == 0.0:
        return at_rest.counts
    x = 10.0**at_rest.log10_x
    low, high = np.maximum(x * (1.0 - speed), x[0]), np.minimum(x * (1.0 + speed), 1.0)
    width = np.maximum(high - low, np.finfo(np.float64).tiny)[:, None]
    spread = (hat_integrals(high, x) - hat_integrals(low, x)) / width
    alone = (high - low) <= 0.0
    spread[alone] = np.eye(len(x))[alone]
    return np.asarray(at_rest.counts @ spread)


def hat_integrals(upper: Array, nodes: Array) -> Array:
    """Return ∫ from the first node up to `upper` (k,) of each node's hat function over x, (k, n).

    The hats sum to 1 and Σ hat · node = x: what is shared by them keeps its number and its energy.
    """
    index = np.clip(np.searchsorted(nodes, upper, side="right") - 1, 0, len(nodes) - 2)
    steps = np.diff(nodes)
    halves = np.zeros(len(nodes))
    halves[:-1] += steps / 2.0
    halves[1:] += steps / 2.0
    rows = np.arange(len(upper))
    integral = np.where(np.arange(len(nodes))[None, :] < index[:, None], halves[None, :], 0.0)
    part = (upper - nodes[index]) / steps[index]
    rising = steps[index] * part**2 / 2.0
    before = np.where(index > 0, steps[np.maximum(index - 1, 0)] / 2.0, 0.0)
    integral[rows, index] = before + steps[index] * part - rising
    integral[rows, index + 1] = rising
    return integral


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
