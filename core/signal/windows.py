"""The window in reconstructed energy that a pair is searched in: given, published, or the best one of its scan."""

from typing import Literal

import pyarrow as pa

from core.dark_matter.channels import PUBLISHED_WINDOWS, Channel, listed
from core.errors import InputError, PhysicsError

Window = tuple[float, float]
WindowName = Literal["published", "optimal"]


def window_of(
    window: Window | WindowName | None, channel: Channel, mass: float, energy_range: pa.Table | None = None
) -> Window | None:
    """Return the window (GeV) of a pair for the setting `statistic.window`; None: all energies.

    "optimal" needs the pair's `energy_range` product: InputError without. PhysicsError if the published analysis has no
    window of the pair.
    """
    if window == "published":
        return published_window(channel, mass)
    if window == "optimal":
        if energy_range is None:
            raise InputError(f"the optimal window of {channel} at {mass:g} GeV needs its energy_range product")
        return optimal_window(energy_range)
    return window


def published_window(channel: Channel, mass: float) -> Window:
    """Return the window (GeV) in which the published analysis, arXiv:2511.19385, searched a pair.

    Its window of `nunu` is for the mean of the three lines. PhysicsError, with what there is, if it has none.
    """
    of_channel = PUBLISHED_WINDOWS.get(channel, {})
    if not of_channel:
        raise PhysicsError(f"there is no published window of {channel}, only of {listed(PUBLISHED_WINDOWS)}")
    if mass not in of_channel:
        masses = listed(f"{known:g}" for known in of_channel)
        raise PhysicsError(f"there is no published window of {channel} at {mass:g} GeV, only at {masses} GeV")
    low, high = of_channel[mass]
    return float(low), float(high)


def optimal_window(energy_range: pa.Table) -> Window:
    """Return the window (GeV) of the largest S/√B in an `energy_range` product; InputError if none is flagged."""
    best = energy_range.filter(energy_range["is_optimal"])
    if best.num_rows != 1:
        raise InputError(f"energy_range flags {best.num_rows} windows as optimal: one is due; make it again")
    return float(best["window_low"][0].as_py()), float(best["window_high"][0].as_py())
