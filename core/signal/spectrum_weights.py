"""The weight that a spectrum gives to each simulated event, lines spread over a narrow window."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.dark_matter.channels import FLAVOURS, Flavour, listed
from core.errors import InputError, PhysicsError
from core.spectra.spectrum import Spectrum

Reals = NDArray[np.float64]

LINE_HALF_WIDTH = 0.04  # simulated energies that stand for a line, relative to it


def spectrum_weights(simulation: pa.Table, spectra: Mapping[Flavour, Spectrum]) -> Reals:
    """Return dN/dE at Earth (per GeV) of each event's species at its true energy, (n_events,), lines spread out.

    A line of N neutrinos at m stands as N over the width of m (1 -+ 4 %) for the events therein, times (m/E)^g: g is
    the local slope of the species' summed weights, so that a response that changes with energy moves nothing.
    InputError for an event of unknown species, PhysicsError for a line with no event near it.
    """
    if simulation["flavour"].null_count:
        raise InputError(
            f"{simulation['flavour'].null_count} simulated events have no species: their spectrum is unknown"
        )
    energy, weight = simulation["true_energy"].to_numpy(), simulation["weight"].to_numpy()
    missing = [name for name in sorted(pc.unique(simulation["flavour"]).to_pylist()) if name not in spectra]
    if missing:
        raise PhysicsError(f"spectra lack the species {listed(missing)}; needed are those of the simulation")
    species = pc.index_in(simulation["flavour"], value_set=pa.array(FLAVOURS)).to_numpy()
    dn_de = np.zeros(len(energy))
    for index, name in enumerate(FLAVOURS):
        own = np.flatnonzero(species == index)
        if not len(own):
            continue
        spectrum = spectra[name]
        dn_de[own] = np.interp(
            np.log(energy[own]), np.log(spectrum.energy), spectrum.energy * spectrum.dn_de, left=0.0, right=0.0
        )
        dn_de[own] /= energy[own]
        for line_energy, n_neutrinos in spectrum.lines:
            dn_de[own] += n_neutrinos * _line_shape(energy[own], weight[own], line_energy)
    return dn_de


def _line_shape(energy: Reals, weight: Reals, line_energy: float) -> Reals:
    """Return what stands for a line of one neutrino, per GeV, (n_events,): flat within its window, slope taken out."""
    relative = energy / line_energy
    near = np.abs(relative - 1.0) <= LINE_HALF_WIDTH
    if not (weight[near] > 0.0).any():
        raise PhysicsError(f"no simulated event lies within {LINE_HALF_WIDTH:.0%} of the line at {line_energy:g} GeV")
    upper, lower = weight[near & (relative > 1.0)].sum(), weight[near & (relative <= 1.0)].sum()
    # Halves of the window of a power law x^g differ by 1 + g w/2 and 1 - g w/2.
    slope = 2.0 * (upper - lower) / (upper + lower) / LINE_HALF_WIDTH
    flat = np.where(near, 1.0 / (2.0 * LINE_HALF_WIDTH * line_energy), 0.0)
    return np.asarray(flat * np.clip(relative, 1.0 - LINE_HALF_WIDTH, 1.0 + LINE_HALF_WIDTH) ** -slope)
