"""Mixtures of channels: dark matter that annihilates into several final states, each with its branching fraction.

The spectra of a mixture are the weighted sums of those of its parts, continuum and lines alike, at one mass.
"""

from collections.abc import Sequence

import numpy as np

from core.dark_matter.channels import listed
from core.errors import PhysicsError
from core.spectra.grid import Array, trapezoid_widths
from core.spectra.spectrum import ProducedSpectra

EDGE = 1e-9  # in log10 x: where a spectrum that ends between two nodes falls to zero


def mixed_channels(name: str, parts: Sequence[tuple[float, ProducedSpectra]]) -> ProducedSpectra:
    """Return the spectra of a mixture of fractions and spectra of one mass; statistical errors add in quadrature.

    PhysicsError if there are none or their masses differ.
    """
    masses = sorted({spectra.mass for _, spectra in parts})
    if len(masses) != 1:
        raise PhysicsError(f"mixture {name}: its parts have the masses {listed(masses)}; allowed is one")
    spectra = on_common_nodes([part for _, part in parts])
    fractions = np.array([fraction for fraction, _ in parts])
    return ProducedSpectra(
        channel=name,
        mass=masses[0],
        log10_x=spectra[0].log10_x,
        counts=np.tensordot(fractions, np.array([part.counts for part in spectra]), axes=1),
        line=fractions @ np.array([part.line for part in spectra]),
        multiplicity_error=_quadrature(fractions, [part.multiplicity_error for part in spectra]),
        energy_fraction_error=_quadrature(fractions, [part.energy_fraction_error for part in spectra]),
        n_events=min(part.n_events for part in spectra),
    )


def on_common_nodes(spectra: Sequence[ProducedSpectra]) -> list[ProducedSpectra]:
    """Return spectra on the nodes of all of them together, unchanged: E dN/dE stays linear in ln E between nodes.

    Below its own first node and above its last one a spectrum is zero, but for a step of 1e-9 in log10 x.
    """
    first = spectra[0].log10_x
    if all(np.array_equal(one.log10_x, first) for one in spectra):
        return list(spectra)
    low, high = (side([one.log10_x[end] for one in spectra]) for side, end in ((min, 0), (max, -1)))
    steps = [one.log10_x[0] - EDGE for one in spectra if one.log10_x[0] > low]
    steps += [one.log10_x[-1] + EDGE for one in spectra if one.log10_x[-1] < high]
    nodes = np.unique(np.concatenate([*(one.log10_x for one in spectra), steps]))
    return [_on_nodes(one, nodes) for one in spectra]


def _on_nodes(spectra: ProducedSpectra, nodes: Array) -> ProducedSpectra:
    """Return spectra on finer nodes, which hold their own."""
    density = spectra.counts / trapezoid_widths(spectra.log10_x)
    finer = np.array([np.interp(nodes, spectra.log10_x, row, left=0.0, right=0.0) for row in density])
    return ProducedSpectra(
        spectra.channel,
        spectra.mass,
        nodes,
        finer * trapezoid_widths(nodes),
        spectra.line,
        spectra.multiplicity_error,
        spectra.energy_fraction_error,
        spectra.n_events,
    )


def _quadrature(fractions: Array, errors: Sequence[Array | None]) -> Array | None:
    """Return the error of a weighted sum of independent parts, None if one is unknown."""
    known = [error for error in errors if error is not None]
    if len(known) < len(errors):
        return None
    return np.asarray(np.sqrt(np.square(fractions) @ np.square(np.array(known))))
