"""The angular error of an event as the published analysis takes it, from the energy alone."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

AMPLITUDE = 0.89318577  # rad
SLOPE = 0.03439216  # per GeV
FLOOR = 0.08273342  # rad


def published_angular_error(reco_energy: ArrayLike) -> NDArray[np.float64]:
    """Return the angular error in rad for reconstructed energies in GeV, (n_events,).

    σ = 0.89318577 exp(-0.03439216 E) + 0.08273342, the fit of the published analysis (arXiv:2511.19385) to its
    reconstruction of DeepCore events. One width for all events of an energy: the true error has strong tails.
    """
    error: NDArray[np.float64] = AMPLITUDE * np.exp(-SLOPE * np.asarray(reco_energy, dtype=np.float64)) + FLOOR
    return error
