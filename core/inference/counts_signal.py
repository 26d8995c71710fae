"""The shape of a signal in the measured bins: what dark matter in galaxies and halo puts into each, per strength.

Groups are NEUTRINO_GROUPS, bins those of the measured counts: class, reconstructed energy, cos zenith.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.dark_matter.channels import FLAVOURS
from core.dark_matter.halo import HaloProfile
from core.dark_matter.halo_map import halo_map
from core.dark_matter.processes import ANNIHILATION, Process
from core.events.classes import INTERACTIONS
from core.pdfs.halo import LEAST_MAP_NSIDE, node_shares, ring_heights, sky_breaks, sky_nodes, unit_sources
from core.pdfs.sky import ring_sums
from core.response.angular import expected_counts_by_species
from core.response.hyperplanes import NEUTRINO_GROUPS, neutrino_group
from core.response.model import Response
from core.signal.expected_signal import ExpectedSignal, expected_signal

Reals = NDArray[np.float64]

_GROUPS = np.array([[neutrino_group(f, i) for i in range(len(INTERACTIONS))] for f in range(len(FLAVOURS))])


def counts_by_source(signal: ExpectedSignal) -> Reals:
    """Return the expected events of each source per strength of the process, (n_sources, 4 groups, n_cells)."""
    weights = signal.acceptance.signal_counts
    dec, extent = (signal.sources[name].to_numpy() for name in ("dec", "half_light_radius"))
    found = []
    for of_source, declination, width in zip(weights, dec, extent, strict=True):
        by_species = expected_counts_by_species(signal.response, of_source, float(-np.sin(declination)), float(width))
        found.append([by_species[group == _GROUPS].sum(axis=0).ravel() for group in range(len(NEUTRINO_GROUPS))])
    return np.array(found)


def source_counts(signal: ExpectedSignal) -> Reals:
    """Return the expected events of all sources per strength of the process, (4 groups, n_cells), e.g. per cm³ s⁻¹."""
    return np.asarray(counts_by_source(signal).sum(axis=0))


def halo_counts_by_group(
    response: pa.Table,
    spectra: pa.Table,
    mass: float,
    profiles: Sequence[HaloProfile],
    process: Process = ANNIHILATION,
) -> dict[str, Reals]:
    """Return the expected events of the Galactic halo per strength, (4 groups, n_cells), by the name of its profile.

    `response` and `spectra`: products; mass in GeV. Summed over the groups it is `core.pdfs.halo.halo_counts`.
    """
    breaks = sky_breaks(Response.from_table(response))
    expected = expected_signal(response, spectra, unit_sources(sky_nodes(breaks), process), mass)
    at_nodes = counts_by_source(expected)
    shares = node_shares(breaks, -ring_heights(LEAST_MAP_NSIDE))
    found = {}
    for profile in profiles:
        on_rings = ring_sums(halo_map(profile, LEAST_MAP_NSIDE, process), LEAST_MAP_NSIDE)
        found[str(profile.name)] = np.tensordot(shares @ on_rings, at_nodes, axes=1)
    return found
