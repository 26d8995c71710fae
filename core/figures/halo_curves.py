"""What galaxies and the Galactic halo of one strength would exclude, drawn beside the sensitivity of galaxies alone."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from core.dark_matter.processes import strength_column
from core.figures import style

COLUMN = "{}_sensitivity_asimov_same_cross_section"
PROFILE_LABELS = {"nfw": "NFW", "einasto": "Einasto", "burkert": "Burkert", "isothermal": "isothermal"}
# The halo with a cusp and the one with a core: the two ends between which others lie or near which they come.
SHOWN_PROFILES = ("nfw", "burkert")
LINES = {"nfw": (0, (6, 1.5)), "burkert": (0, (1.5, 1.2))}


class HaloCurve(NamedTuple):
    """Expected sensitivity of one channel against mass (GeV), both (n,): cm³ s⁻¹, of decay s."""

    profile: str
    mass: NDArray[np.float64]
    value: NDArray[np.float64]


def halo_curves(halo: pa.Table | None, channel: str, profiles: Sequence[str] = SHOWN_PROFILES) -> Iterator[HaloCurve]:
    """Yield the curves of a channel by profile; `halo`: rows of the `halo` product of any pairs, None for none."""
    if halo is None or halo.num_rows == 0:
        return
    column = strength_column(halo, COLUMN)
    rows = halo.filter(pa.array(style.texts(halo, "channel") == channel)).sort_by("mass")
    for profile in profiles:
        own = rows.filter(pa.array(style.texts(rows, "profile") == profile))
        values = style.reals(own, column)
        if own.num_rows:
            yield HaloCurve(profile, style.reals(own, "mass"), 1.0 / values if _is_of_decay(halo) else values)


def draw_halo_curves(axes: Axes, curves: Sequence[HaloCurve], colour: str) -> None:
    """Draw curves of one channel; one of a single mass as a mark."""
    for curve in curves:
        mark: dict[str, Any] = {"marker": "_", "markersize": 9.0} if curve.mass.size == 1 else {}
        axes.plot(
            curve.mass, curve.value, color=colour, linewidth=1.6, linestyle=LINES[curve.profile], zorder=3.5, **mark
        )


def halo_handles(halo: pa.Table | None, colour: str, profiles: Sequence[str] = SHOWN_PROFILES) -> list[Line2D]:
    """Return a legend entry a profile; none without rows."""
    if halo is None or halo.num_rows == 0:
        return []
    strength = "$\\tau$" if _is_of_decay(halo) else "⟨σv⟩"
    there = set(style.texts(halo, "profile").tolist())
    return [
        Line2D(
            [],
            [],
            color=colour,
            linewidth=1.6,
            linestyle=LINES[profile],
            label=f"+ {PROFILE_LABELS[profile]} halo at one {strength}, expected",
        )
        for profile in profiles
        if profile in there
    ]


def _is_of_decay(halo: pa.Table) -> bool:
    return strength_column(halo, COLUMN).startswith("decay_rate")
