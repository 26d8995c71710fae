"""The upper limit of an observed sky with the J factor of every source profiled within its errors.

It comes from the profile likelihood (`core.likelihood.j_profile`), whose fall at the limit is calibrated by trials
(`core.inference.j_calibration`), and not from the trials of the fixed limit.
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.errors import InputError
from core.inference.j_calibration import calibrated_drop
from core.likelihood.j_profile import FactorErrors, gaussian_drop, profiled_strength
from core.pdfs.background import BinnedBackground
from core.pdfs.one_sky import energies_in_window
from core.pdfs.source_information import source_cells, source_patterns, summed_by
from core.pdfs.source_skies import SourceSky
from core.signal.expected_signal import ExpectedSignal
from core.signal.windows import Window

N_CELLS = 1024
N_CALIBRATION_TRIALS = 400
# In errors of the strength at fixed J factors: where counts alone, both, and J factors alone decide.
CALIBRATION_STRENGTHS = (1.0, 3.0, 10.0)


def profiled_j_limit(
    expected: ExpectedSignal,
    background: BinnedBackground,
    sky: NDArray[np.int64],
    treatment: Literal["data", "known"],
    window: Window | None,
    confidence: float,
    seed: int,
) -> float | None:
    """Return the upper limit on the strength, None if a source's J factor has no error.

    sky: (n_classes, n_energies, n_pixels) events at all energies; `window` in GeV.
    """
    try:
        errors = FactorErrors.of_sources(expected.sources)
    except InputError:
        return None
    nside = int(np.sqrt(sky.shape[2] / 12))
    patterns = source_patterns(expected, background, nside, treatment, window)
    cells = source_cells(patterns, N_CELLS)
    inside = sky[:, energies_in_window(background.reco_energy_edges, window)]
    counts = summed_by(cells.cell_of, inside.ravel().astype(np.float64), len(cells.background))
    calibrated = calibrated_drop(
        patterns.information, errors, seed % 2**32, N_CALIBRATION_TRIALS, CALIBRATION_STRENGTHS, confidence
    )
    drop = max(float(calibrated.drop.max()), gaussian_drop(confidence))
    return profiled_strength(SourceSky(counts, cells.background).likelihood(cells.excess), errors, drop).upper_limit
