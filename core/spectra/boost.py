"""The spectra of a pair of bosons in flight, from those of the pair at rest.

A boson of mass m₁, of a pair of summed energy 2 m whose other has the mass m₂, has the energy
E₁ = m + (m₁² - m₂²)/(4 m) and the speed β₁ = p/E₁. A neutrino that takes ε of its boson's energy at rest has
x = ε E₁/m (1 + β₁ cos θ), with cos θ even in [-1, 1]: a box. The masses follow the two resonances and the room that is
left to the pair, so that the edges of the boxes are as soft as the boson is broad.

Decays into two leptons are a line at ε = ½, which nodes can only hold smeared, and a sample that is nearly at rest too;
its neighbourhood is put back onto its mean, for it makes the edges.
"""

import math
from typing import NamedTuple

import numpy as np

from core.dark_matter.channels import Channel
from core.spectra.grid import Array
from core.spectra.spectrum import ProducedSpectra


class Boson(NamedTuple):
    """Mass and width of a boson, GeV."""

    mass: float
    width: float


# As the generator has them in flight; the Higgs boson's 4 MeV are none.
BOSONS: dict[Channel, Boson] = {"WW": Boson(80.385, 2.085), "ZZ": Boson(91.1876, 2.4952), "hh": Boson(125.0, 0.0)}
MASSES_PER_BOSON = 17
LOWEST_BOSON_MASS = 10.0
LINE_SPREAD = 0.06


def boosted(at_rest: ProducedSpectra, mass: float, boson: Boson) -> Array:
    """Return the counts (6, n) of a pair of this mass (GeV) whose partners at rest make the spectra `at_rest`."""
    nodes = 10.0**at_rest.log10_x
    energy, speed, weight = pair_kinematics(mass, boson)
    if not speed.any():
        return at_rest.counts
    slowest, fastest = energy * (1.0 - speed), energy * (1.0 + speed)
    boxes = np.zeros_like(at_rest.counts)
    for box, counts in zip(boxes, at_rest.counts, strict=True):
        at = _with_line(counts, nodes)
        low, high = (np.clip(np.outer(at, edge), nodes[0], 1.0).ravel() for edge in (slowest, fastest))
        # A box narrower than rounding would divide by zero.
        high = np.maximum(high, low * (1.0 + 1e-7))
        density = np.outer(counts, weight).ravel() / (high - low)
        box += np.maximum(hats_below(density, high, nodes) - hats_below(density, low, nodes), 0.0)
    return boxes


def _with_line(counts: Array, nodes: Array) -> Array:
    """Return where the counts (n,) of one species stand: on the nodes, those near ε = ½ together on their mean."""
    near = np.abs(nodes / 0.5 - 1.0) < LINE_SPREAD
    number = counts[near].sum()
    return nodes if number <= 0.0 else np.where(near, counts[near] @ nodes[near] / number, nodes)


def pair_kinematics(mass: float, boson: Boson) -> tuple[Array, Array, Array]:
    """Return E₁/m, β₁ and the probability of each pair of boson masses, (k,) each, the last summing to 1.

    Each mass takes the quantiles of a Cauchy law of the boson's width; a pair is weighted by the resonances
    m³/((m² - M²)² + (m² Γ/M)²) over that law, and by the pair's momentum. Without width, or where no pair of
    quantiles is light enough, both have the boson's mass.
    """
    at_mass = np.array([1.0]), np.array([math.sqrt(max(1.0 - (boson.mass / mass) ** 2, 0.0))]), np.array([1.0])
    if boson.width == 0.0:
        return at_mass
    tangent = np.tan(np.pi * ((np.arange(MASSES_PER_BOSON) + 0.5) / MASSES_PER_BOSON - 0.5))
    masses = boson.mass + boson.width / 2.0 * tangent
    resonance = masses**3 / ((masses**2 - boson.mass**2) ** 2 + (masses**2 * boson.width / boson.mass) ** 2)
    share = np.where(masses > LOWEST_BOSON_MASS, resonance * (1.0 + tangent**2), 0.0)
    first, second = (grid.ravel() for grid in np.meshgrid(masses, masses))
    weight = np.outer(share, share).ravel()
    allowed = (weight > 0.0) & (first + second < 2.0 * mass)
    if not allowed.any():
        return at_mass
    first, second, weight = first[allowed], second[allowed], weight[allowed]
    energy = mass + (first**2 - second**2) / (4.0 * mass)
    momentum = np.sqrt(((2.0 * mass) ** 2 - (first + second) ** 2) * ((2.0 * mass) ** 2 - (first - second) ** 2))
    momentum /= 4.0 * mass
    weight *= momentum
    return energy / mass, momentum / energy, weight / weight.sum()


def hats_below(density: Array, upper: Array, nodes: Array) -> Array:
    """Return Σ_k density_k ∫ hat_j from the first node up to `upper_k`, for each node j: (k,), (k,) → (n,).

    The hats are linear in x, sum to 1, and Σ hat · node = x: what is shared by them keeps its number and its energy.
    """
    n_nodes = len(nodes)
    index = np.clip(np.searchsorted(nodes, upper, side="right") - 1, 0, n_nodes - 2)
    steps = np.diff(nodes)
    halves = np.zeros(n_nodes)
    halves[:-1] += steps / 2.0
    halves[1:] += steps / 2.0
    part = (upper - nodes[index]) / steps[index]
    rising = steps[index] * part**2 / 2.0
    falling = np.where(index > 0, steps[index - 1] / 2.0, 0.0) + steps[index] * part - rising
    in_interval = np.bincount(index, weights=density, minlength=n_nodes)
    landed: Array = np.bincount(index, weights=density * falling, minlength=n_nodes).astype(np.float64)
    landed += np.bincount(index + 1, weights=density * rising, minlength=n_nodes)
    # The whole hat of every node below the interval of `upper`; summed from above, where densities are small.
    landed[:-1] += np.cumsum(in_interval[:0:-1])[::-1] * halves[:-1]
    return landed
