"""Spectra of the published analysis (arXiv:2511.19385): a pickled dict `[channel][mass]["Energy" | "EdNdE"]`.

They are spectra at Earth, averaged over the three flavours, so that every species has the same one; oscillation does
not move them any more. EdNdE = dN/dlnE per species and annihilation on the nodes x = E/m of PPPC, whose lines are half
Gaussians.
"""

import math
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from core.dark_matter.channels import FLAVOURS, Channel
from core.errors import InputError
from core.legacy.nested import mapping_at, numbers_at, pairs_in
from core.legacy.pickles import load_pickled
from core.spectra.grid import LOG10_X, Array, X, shared_among_nodes, trapezoid_widths
from core.spectra.pppc import split_line
from core.spectra.spectrum import ProducedSpectra
from core.spectra.table import SpectrumTable

MOST_NEUTRINOS = 1e6  # of a species, per ln E and annihilation


def read_published_spectra(path: Path) -> SpectrumTable:
    """Return the spectra in a file; InputError names what the dict lacks or holds wrongly."""
    pairs: dict[Channel, dict[float, ProducedSpectra]] = defaultdict(dict)
    for where, channel, mass, columns in pairs_in(path, load_pickled(path)):
        pairs[channel][mass] = _produced(path, where, channel, mass, mapping_at(path, where, columns))
    return SpectrumTable(f"the published spectra in {path}", dict(pairs), at_earth=True)


def _produced(
    path: Path, where: str, channel: Channel, mass: float, columns: Mapping[object, object]
) -> ProducedSpectra:
    energy, density = (numbers_at(path, where, columns, name) for name in ("Energy", "EdNdE"))
    if len(energy) != len(density) or len(energy) < 2:
        raise InputError(f"{path}: {where}: Energy has {len(energy)} values and EdNdE {len(density)}")
    if not (np.diff(energy) > 0.0).all() or energy[0] <= 0.0 or energy[-1] > mass * (1.0 + 1e-6):
        raise InputError(f"{path}: {where}, column Energy: must rise from above 0 to at most the mass")
    if (density < 0.0).any():
        raise InputError(f"{path}: {where}, column EdNdE: is negative, no number of neutrinos is")
    if density.max() > MOST_NEUTRINOS:
        raise InputError(
            f"{path}: {where}, column EdNdE: {density.max():g} neutrinos per ln E and annihilation; up to "
            f"{MOST_NEUTRINOS:g} are allowed, some hundred are the most that an annihilation gives"
        )
    log10_x: Array = np.log10(energy / mass)
    log10_x = log10_x.round(9)
    continuum, line = split_line(log10_x, density * math.log(10.0))
    counts = shared_among_nodes(continuum * trapezoid_widths(log10_x), 10.0**log10_x, X)
    n_species = len(FLAVOURS)
    return ProducedSpectra(channel, mass, LOG10_X, np.tile(counts, (n_species, 1)), np.full(n_species, line))
