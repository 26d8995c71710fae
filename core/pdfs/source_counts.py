"""Expected events about single sources: within the angle that holds a share of a source's signal."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.pdfs.one_sky import energies_in_window
from core.pdfs.source_background import angle_bins, binned_background_entries, events_in_window
from core.pdfs.source_signal import response_signal
from core.signal.expected_signal import ExpectedSignal
from core.signal.windows import Window

Reals = NDArray[np.float64]

CONTAINMENT = 0.68
N_ANGLES = 36


def containment_angles(entries: Reals, angle_edges: Reals, share: float = CONTAINMENT) -> Reals:
    """Return the angle (rad) that holds a share of each source's entries (n_sources, n_bins), (n_sources,).

    `angle_edges` (n_bins + 1,) rad, from 0. Between them the sum of entries is a monotonic cubic (Fritsch & Butland
    1984, doi:10.1137/0905021).
    """
    below = np.cumsum(np.pad(entries, ((0, 0), (1, 0))), axis=1)
    return np.array([_crossing(angle_edges, row, share * row[-1]) for row in below])


def _crossing(angle_edges: Reals, below: Reals, wanted: float) -> float:
    from scipy.interpolate import PchipInterpolator
    from scipy.optimize import brentq

    curve = PchipInterpolator(angle_edges, below)
    return float(brentq(lambda angle: float(curve(angle)) - wanted, angle_edges[0], angle_edges[-1], xtol=1e-9))


def source_counts(expected: ExpectedSignal, background_pdf: pa.Table, window: Window | None = None) -> pa.Table:
    """Return the `source_counts` product: signal and background within the opening angle of each source.

    The opening angle holds 68 % of the signal that a source has in the window (GeV of reconstructed energy, widened to
    the bins that it cuts), its extent folded in. The background is that of `background_pdf`, even in right ascension:
    exact, whatever other sources lie within the angle. Sources of which no event is expected have no angle, and no row.
    """
    edges, expected = angle_bins(N_ANGLES), expected.of_seen()
    entries = response_signal(expected, edges, window)
    angles = containment_angles(entries, edges)
    n_events, cos_zenith_edges = events_in_window(background_pdf, window)
    background = [
        binned_background_entries(n_events, cos_zenith_edges, np.array([dec]), np.array([0.0, angle, np.pi]))[0, 0]
        for dec, angle in zip(expected.sources["dec"].to_numpy(), angles, strict=True)
    ]
    signal = CONTAINMENT * entries.sum(axis=1)
    energies = expected.response.reco_energy_edges
    inside = energies_in_window(energies, window)
    n_sources = len(angles)
    return pa.table(
        {
            "source": expected.sources["source"],
            "opening_angle": angles,
            f"n_signal_in_angle_per_{expected.acceptance.process.strength}": signal,
            "n_background_in_angle": background,
            "window_low": np.full(n_sources, energies[:-1][inside][0]),
            "window_high": np.full(n_sources, energies[1:][inside][-1]),
        }
    )
