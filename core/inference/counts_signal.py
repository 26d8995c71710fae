"""The shape of a signal in the measured bins: what dark matter in the sources puts into each, per strength."""

import numpy as np
from numpy.typing import NDArray

from core.dark_matter.channels import FLAVOURS
from core.events.classes import INTERACTIONS
from core.response.angular import expected_counts
from core.response.folded import N_CELLS
from core.response.hyperplanes import NEUTRINO_GROUPS, neutrino_group
from core.signal.expected_signal import ExpectedSignal

Reals = NDArray[np.float64]


def source_counts(signal: ExpectedSignal) -> Reals:
    """Return the expected events of all sources per strength of the process, (4 groups, N_CELLS), e.g. per cm³ s⁻¹.

    Groups are NEUTRINO_GROUPS, bins those of the measured counts: class, reconstructed energy, cos zenith.
    """
    weights = signal.acceptance.signal_counts
    dec, extent = (signal.sources[name].to_numpy() for name in ("dec", "half_light_radius"))
    groups = np.array([[neutrino_group(f, i) for i in range(len(INTERACTIONS))] for f in range(len(FLAVOURS))])
    counts = np.zeros((len(NEUTRINO_GROUPS), N_CELLS))
    for of_source, declination, width in zip(weights, dec, extent, strict=True):
        for group in range(len(NEUTRINO_GROUPS)):
            own = np.where((groups == group)[:, :, None, None], of_source, 0.0)
            found = expected_counts(signal.response, own, float(-np.sin(declination)), float(width))
            counts[group] += found.ravel()
    return counts
