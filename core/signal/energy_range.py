"""Windows in reconstructed energy: signal over the root of background in every one of them.

Sums over a window are differences of cumulative sums, so all windows of a grid cost one subtraction each.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.dark_matter.channels import listed
from core.dark_matter.processes import ANNIHILATION, Process
from core.errors import InputError, PhysicsError
from core.response.angular import expected_counts
from core.response.model import Response
from core.signal.acceptance import Acceptance

Reals = NDArray[np.float64]

PLATEAU_TOLERANCE = 0.01


@dataclass(frozen=True)
class EnergyWindows:
    """Every window between two edges of a grid; each array (n_windows,), ordered by lower, then upper edge.

    Edges in GeV, `n_signal` and `n_background` in the window. `signal_over_sqrt_background` is 0 where the window
    holds no signal and NaN where it holds signal without background: there the figure of merit has no meaning.
    """

    low: Reals
    high: Reals
    n_signal: Reals
    n_background: Reals
    signal_over_sqrt_background: Reals

    @property
    def optimum(self) -> int:
        """The index of the window of the largest figure of merit; the narrowest where several are largest."""
        merit = np.nan_to_num(self.signal_over_sqrt_background, nan=-1.0)
        largest = np.flatnonzero(merit == merit.max())
        return int(largest[np.argmin((self.high - self.low)[largest])])

    def plateau(self, tolerance: float = PLATEAU_TOLERANCE) -> NDArray[np.bool_]:
        """Return which windows are within a relative tolerance of the optimum, (n_windows,)."""
        merit = np.nan_to_num(self.signal_over_sqrt_background, nan=-1.0)
        return np.asarray(merit >= (1.0 - tolerance) * merit.max())


def energy_windows(edges: Reals, signal: Reals, background: Reals) -> EnergyWindows:
    """Return signal, background and S/√B of every window on a grid of energies.

    `edges`: (n + 1,) GeV, increasing. `signal`, `background`: (n,) expected events in the bins, not negative. All
    n (n + 1)/2 windows are returned. PhysicsError if a bin is negative or not a number, or if there is no window with
    both signal and background.
    """
    edges, signal, background = (np.asarray(values, dtype=np.float64) for values in (edges, signal, background))
    if len(edges) != len(signal) + 1 or len(signal) != len(background) or not np.all(np.diff(edges) > 0.0):
        raise PhysicsError(
            f"windows need increasing edges one longer than signal and background: {len(edges)} edges, "
            f"{len(signal)} and {len(background)} bins"
        )
    for name, values in (("signal", signal), ("background", background)):
        bad = ~((values >= 0.0) & np.isfinite(values))
        if bad.any():
            raise PhysicsError(f"{name} {values[bad][0]} at {edges[:-1][bad][0]:g} GeV: needed is 0 or more events")
    lower, upper = np.triu_indices(len(edges), k=1)
    n_signal, n_background = _sums(signal, lower, upper), _sums(background, lower, upper)
    with np.errstate(divide="ignore", invalid="ignore"):
        merit = np.where(n_signal > 0.0, n_signal / np.sqrt(n_background), 0.0)
    merit = np.where(np.isfinite(merit), merit, np.nan)
    if not (merit > 0.0).any():
        raise PhysicsError("no window holds both signal and background: there is no optimal one")
    return EnergyWindows(edges[lower], edges[upper], n_signal, n_background, merit)


def _sums(counts: Reals, lower: NDArray[np.int64], upper: NDArray[np.int64]) -> Reals:
    below = np.concatenate([[0.0], np.cumsum(counts)])
    first_above = np.searchsorted(below, below[upper], side="left")
    # Bins without events add exact zeros: a difference that only rounding keeps from 0 is 0.
    return np.asarray(np.where(first_above <= lower, 0.0, below[upper] - below[lower]))


def reconstructed_signal(response: Response, acceptance: Acceptance, dec: Reals, extent: Reals) -> Reals:
    """Return the expected events of all sources per strength of the process by reconstructed energy, (nr,).

    `dec`, `extent` (rms per axis): (n_sources,) rad, in the order of the acceptance.
    """
    by_energy = np.zeros(len(response.reco_energy_edges) - 1)
    for weights, declination, width in zip(acceptance.signal_counts, dec, extent, strict=True):
        counts = expected_counts(response, weights, float(-np.sin(declination)), float(width))
        by_energy += counts.sum(axis=(0, 2))
    return by_energy


def binned_background_energies(events: pa.Table) -> tuple[Reals, Reals]:
    """Return edges (n + 1,) GeV and events (n,) by reconstructed energy of a table of binned events.

    `events` has the columns reco_energy_low, reco_energy_high, n_events. InputError if its bins leave gaps.
    """
    low, high = (events[name].to_numpy() for name in ("reco_energy_low", "reco_energy_high"))
    edges, index = np.unique(low, return_inverse=True)
    edges = np.append(edges, high.max())
    if not np.allclose(high, edges[index + 1]):
        raise InputError(
            f"bins of reconstructed energy leave gaps or overlap: lower edges {listed(edges[:-1].tolist())}"
        )
    n_events = np.bincount(index, weights=events["n_events"].to_numpy())
    return np.asarray(edges, dtype=np.float64), np.asarray(n_events, dtype=np.float64)


def energy_range_table(windows: EnergyWindows, process: Process = ANNIHILATION) -> pa.Table:
    """Return the `energy_range` product: a row a window, the best ones flagged; null where S/√B has no meaning."""
    optimal = np.zeros(len(windows.low), dtype=bool)
    optimal[windows.optimum] = True
    merit = windows.signal_over_sqrt_background
    return pa.table(
        {
            "window_low": windows.low,
            "window_high": windows.high,
            f"n_signal_per_{process.strength}": windows.n_signal,
            "n_background": windows.n_background,
            "signal_over_sqrt_background": pa.array(merit, mask=np.isnan(merit)),
            "is_optimal": optimal,
            "is_plateau": windows.plateau(),
        }
    )


def energy_range_of_histograms(
    edges: Reals, signal: Reals, background: Reals, process: Process = ANNIHILATION
) -> pa.Table:
    """Return the `energy_range` product of histograms in reconstructed energy; the arguments of `energy_windows`.

    Signal in events per strength of the process: per cross section (cm⁻³ s), of decay per rate (s).
    """
    return energy_range_table(energy_windows(edges, signal, background), process)
