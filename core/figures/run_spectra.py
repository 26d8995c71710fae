"""The spectra that a run used, as its products hold them: what dark matter makes and what arrives at Earth."""

from typing import Any

import matplotlib as mpl
import numpy as np
import pyarrow as pa
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from core.dark_matter.channels import Flavour
from core.errors import ProductError
from core.figures import style
from core.figures.spectra import FLAVOUR_LABELS

FLAVOUR: Flavour = "numu"  # oscillation makes much the same of all three
LINE_WIDTH = 0.01  # of its energy, over which a line is spread for its height to be drawn
LEAST_SHOWN = 1e-3  # of a mass: energies below it are left out, no detector sees them
DECADES_SHOWN = 4.0
# What is drawn: label, column of the continuum, column of lines, and how.
PLACES: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("at Earth", "dn_de", "line_weight", {"linewidth": 1.5}),
    ("where made", "dn_de_production", "line_weight_production", {"linewidth": 1.0, "linestyle": (0, (4, 2))}),
)


def run_spectra_figure(spectra: pa.Table) -> Figure:
    """Draw E dN/dE of muon neutrinos against energy: a panel a channel, a colour a mass, dashed where they are made.

    spectra: rows of the `spectra` product of any pairs. A line, which has no height, is an arrow of its weight over 1 %
    of its energy. ProductError if there are no rows or a column is missing.
    """
    if spectra.num_rows == 0:
        raise ProductError("there are no spectra to draw: the table has no rows; run the analysis first")
    own = spectra.filter(pa.array(style.texts(spectra, "flavour") == FLAVOUR))
    channels = style.in_channel_order(style.texts(own, "channel").tolist())
    masses = sorted(set(style.reals(own, "mass").tolist()))
    colours = dict(zip(masses, mpl.colormaps["viridis"](np.linspace(0.0, 0.88, len(masses))), strict=True))
    n_columns = 2 if len(channels) == 3 else min(3, len(channels) + 1)
    n_rows = -(-(len(channels) + 1) // n_columns)
    width, height = 0.3 + 3.9 * n_columns, 0.3 + 3.3 * n_rows
    margins = {"left": 0.75 / width, "right": 1.0 - 0.15 / width, "bottom": 0.6 / height, "top": 1.0 - 0.4 / height}
    figure = style.new_figure(width, height, {**margins, "wspace": 0.27, "hspace": 0.32})
    panels = list(figure.subplots(n_rows, n_columns, sharex=True, sharey=True, squeeze=False).flat)
    for axes, channel in zip(panels, channels, strict=False):
        rows = own.filter(pa.array(style.texts(own, "channel") == channel))
        for mass in sorted(set(style.reals(rows, "mass").tolist())):
            _draw_mass(axes, rows.filter(pa.array(style.reals(rows, "mass") == mass)), mass, colours[mass])
        axes.tick_params(labelbottom=True, labelleft=True)
        label = f"$E$ d$N$/d$E$ of {FLAVOUR_LABELS[FLAVOUR]}"
        style.frame(axes, "neutrino energy $E$ [GeV]", label, style.channel_label(channel))
    _scale(panels[0])
    _legend(panels[len(channels) :], colours)
    return figure


def _draw_mass(axes: Axes, rows: pa.Table, mass: float, colour: Any) -> None:
    is_line = np.array(rows["is_line"].to_pylist(), dtype=bool)
    energy = style.reals(rows, "energy")
    for label, density, weight, look in PLACES:
        height = np.where(is_line, style.reals(rows, weight) / LINE_WIDTH, energy * style.reals(rows, density))
        shown = ~is_line & (energy >= LEAST_SHOWN * mass) & (height > 0.0)
        axes.plot(energy[shown], height[shown], color=colour, label=f"{mass:g} GeV, {label}", **look)
        for at, top in zip(energy[is_line], height[is_line], strict=True):
            if label == "at Earth" and top > 0.0:
                axes.plot([at], [top], marker="^", markersize=6, color=colour)
                axes.vlines(at, 0.0, top, color=colour, linewidth=1.0)


def _scale(axes: Axes) -> None:
    """Set logarithmic axes that all panels share: few enough decades below what is highest."""
    axes.set_xscale("log")
    axes.set_yscale("log")
    drawn = [np.asarray(line.get_ydata(), dtype=np.float64) for panel in axes.figure.axes for line in panel.get_lines()]
    top = float(np.max(np.concatenate(drawn)))
    axes.set_ylim(top * 3.0 * 10.0**-DECADES_SHOWN, top * 3.0)


def _legend(left: list[Axes], colours: dict[float, Any]) -> None:
    """Write masses and kinds of lines into the first panel without a channel, and leave the others empty."""
    for axes in left:
        style.text_panel(axes)
    handles = [Line2D([], [], color=style.INK, label=label, **look) for label, _, _, look in PLACES]
    handles += [Line2D([], [], color=colour, label=f"{mass:g} GeV") for mass, colour in colours.items()]
    left[0].legend(
        handles=handles, loc="upper left", frameon=False, fontsize=style.TEXT_SIZE, ncols=1 + len(colours) // 10
    )
