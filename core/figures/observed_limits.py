"""Observed limits from the measured counts, as lines beside sensitivities."""

from typing import Any

import numpy as np
import pyarrow as pa
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from core.figures import style

BY_TRIALS = "atmospheric_trials"
LINES: dict[str, dict[str, Any]] = {
    "none": {"color": style.INK, "linestyle": "-", "marker": "v", "markersize": 4.0, "linewidth": 1.0},
    "halo": {"color": "#AA3377", "linestyle": "-", "marker": "v", "markersize": 4.0, "linewidth": 1.0},
}


def draw_observed(axes: Axes, observed: pa.Table | None, channel: str) -> None:
    """Draw the limits by trials of one channel, galaxies alone and with the halo; nothing where there are none."""
    if observed is None:
        return
    for profile in _profiles(observed):
        rows = _rows(observed, profile, channel)
        axes.plot(style.reals(rows, "mass"), _strengths(rows), zorder=3.5, **_line(profile))


def observed_handles(observed: pa.Table | None) -> list[Line2D]:
    """Return a legend entry for each line that `draw_observed` draws."""
    if observed is None:
        return []
    names = {profile: "dwarfs" if profile == "none" else f"dwarfs + {profile} halo" for profile in _profiles(observed)}
    return [Line2D([], [], label=f"observed limit, counts: {name}", **_line(p)) for p, name in names.items()]


def observed_strengths(observed: pa.Table | None) -> NDArray[np.float64]:
    """Return all that `draw_observed` draws, (n,)."""
    if observed is None:
        return np.zeros(0)
    return _strengths(observed.filter(pa.array(style.texts(observed, "method") == BY_TRIALS)))


def _profiles(observed: pa.Table) -> list[str]:
    by_trials = style.texts(observed, "method") == BY_TRIALS
    return list(dict.fromkeys(style.texts(observed, "profile")[by_trials].tolist()))


def _rows(observed: pa.Table, profile: str, channel: str) -> pa.Table:
    wanted = {"method": BY_TRIALS, "profile": profile, "channel": channel}
    chosen = np.all([style.texts(observed, name) == value for name, value in wanted.items()], axis=0)
    return observed.filter(pa.array(chosen)).sort_by("mass")


def _strengths(rows: pa.Table) -> NDArray[np.float64]:
    """Return cross sections, or of decay lifetimes, (n,)."""
    if "decay_rate_upper_limit" in rows.column_names:
        return 1.0 / style.reals(rows, "decay_rate_upper_limit")
    return style.reals(rows, "sigma_v_upper_limit")


def _line(profile: str) -> dict[str, Any]:
    return LINES["none" if profile == "none" else "halo"]
