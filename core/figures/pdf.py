"""Signal and background densities of one (channel, mass) pair, and the ratio cells that the likelihood sees."""

from collections.abc import Sequence
from typing import Any

import healpy
import numpy as np
import pyarrow as pa
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator
from numpy.typing import NDArray

from core.coordinates import angular_separation
from core.dark_matter.processes import process_of
from core.errors import ProductError
from core.figures import sky, style
from core.pdfs.ratio import ratio_step
from core.units import DEGREE, FULL_SKY

N_NAMED_SOURCES = 4
ANGLE_BIN_DEG = 4.0
MARGINS = {"left": 0.06, "right": 0.985, "bottom": 0.09, "top": 0.915, "wspace": 0.16, "hspace": 0.27}
MAP_DECADES = 2.5
RATIO_SCALE = 0.3
HEADROOM_OF_LEGEND = 5.0
RATIO_TICKS = [-100, -30, -10, -3, -1, -0.3, 0, 0.3, 1, 3, 10, 30, 100, 300, 1000]
LINES = (("signal_probability", "-", "signal"), ("background_probability", ":", "background"))
MOST_NAMED_EDGES = 10
N_RATIO_STEPS = 64
BACKGROUND_COLOUR = "#666666"
SIGNAL_COLOUR = "#D55E00"
_LEGEND: dict[str, Any] = {"frameon": False, "fontsize": style.TEXT_SIZE - 0.5}


def pdf_figure(
    signal_pdf: pa.Table,
    ratio_cells: pa.Table,
    sources: pa.Table,
    caveats: Sequence[str] = style.PUBLIC_SAMPLE_CAVEATS,
) -> Figure:
    """Draw where signal and background lie: on the sky, about the brightest source, in energy, in ratio cells.

    signal_pdf: one row a cell (pixel, reconstructed energy, class) of one pair; ratio_cells: the merged cells of the
    pair; sources: the `sources` product. ProductError if a table is empty or lacks a column.
    """
    for name, table in (("signal_pdf", signal_pdf), ("ratio_cells", ratio_cells), ("sources", sources)):
        if table.num_rows == 0:
            raise ProductError(f"there is nothing to draw: the table of {name} has no rows; run its stage")
    figure = style.new_figure(12.4, 8.4, MARGINS)
    grid = figure.add_gridspec(2, 2, width_ratios=(1.25, 1.0))
    sky_axes = figure.add_subplot(grid[0, 0])
    _draw_sky(figure, sky_axes, signal_pdf, sources)
    _draw_angles(figure.add_subplot(grid[0, 1]), signal_pdf, sources)
    _draw_energies(figure.add_subplot(grid[1, 0]), signal_pdf)
    _draw_ratio(figure.add_subplot(grid[1, 1]), ratio_cells)
    channel, mass = str(style.texts(signal_pdf, "channel")[0]), float(style.reals(signal_pdf, "mass")[0])
    figure.suptitle(style.pair_title(channel, mass), fontsize=style.TITLE_SIZE + 1, x=0.012, y=0.985, ha="left")
    style.caveat_line(figure, caveats)
    return figure


def _on_sky(signal_pdf: pa.Table, column: str, event_class: str) -> NDArray[np.float64]:
    """Return a probability of one class summed over energies as a density (n_pixels,) per sr."""
    of_class = style.texts(signal_pdf, "event_class") == event_class
    return sky.density_on_sky(signal_pdf.filter(pa.array(of_class)), column)


def _classes(signal_pdf: pa.Table) -> list[str]:
    return [str(name) for name in np.unique(style.texts(signal_pdf, "event_class"))]


def _draw_sky(figure: Figure, axes: Axes, signal_pdf: pa.Table, sources: pa.Table) -> None:
    """Draw the ratio of the summed densities, whose bright spots are the sources as the detector sees them."""
    background = sky.density_on_sky(signal_pdf, "background_probability")
    signal = sky.density_on_sky(signal_pdf, "signal_probability")
    ratio = np.divide(signal, background, out=np.zeros_like(signal), where=background > 0.0)
    highest = float(ratio.max())
    lowest = max(float(ratio.min()), highest / 10.0**MAP_DECADES)
    norm = LogNorm(lowest, highest)
    mesh = sky.draw_map(axes, np.maximum(ratio, lowest), sky.nside_of(signal_pdf), norm, style.SKY_COLOURS)
    sky.frame_sky(axes, "Signal over background, all energies and classes", on_map=True)
    bar = figure.colorbar(mesh, ax=axes, orientation="horizontal", shrink=0.62, pad=0.03, aspect=38)
    bar.set_label("$S/B$", fontsize=style.LABEL_SIZE - 1, color=style.INK)
    bar.ax.tick_params(which="both", labelsize=style.TEXT_SIZE - 1.0, color=style.FAINT)
    style.plain_log_ticks(bar.ax.xaxis)
    sky.mark_sources(axes, sources, N_NAMED_SOURCES)


def _draw_angles(axes: Axes, signal_pdf: pa.Table, sources: pa.Table) -> None:
    """Draw densities on rings about the source with the largest J factor, each class summing to one."""
    brightest = int(np.argmax(process_of(sources).factors(sources)))
    name = str(style.texts(sources, "source")[brightest])
    ra, dec = (style.reals(sources, column)[brightest] for column in ("ra", "dec"))
    nside = sky.nside_of(signal_pdf)
    colatitude, longitude = healpy.pix2ang(nside, np.arange(healpy.nside2npix(nside)))
    angle = angular_separation(ra, dec, longitude, np.pi / 2.0 - colatitude)
    edges = np.arange(0.0, 180.0 + ANGLE_BIN_DEG, ANGLE_BIN_DEG)
    n_pixels, _ = np.histogram(angle / DEGREE, edges)
    for event_class in _classes(signal_pdf):
        for column, line, label in LINES:
            density = _on_sky(signal_pdf, column, event_class)
            density /= density.mean() * FULL_SKY
            total, _ = np.histogram(angle / DEGREE, edges, weights=density)
            mean = np.divide(total, n_pixels, out=np.full(total.size, np.nan), where=n_pixels > 0)
            axes.stairs(
                mean,
                edges,
                baseline=None,
                color=style.CLASS_COLOURS.get(event_class, style.INK),
                linestyle=line,
                linewidth=1.8,
                label=f"{label}, {event_class}",
            )
    style.frame(axes, f"angle to {name} [°]", "density [sr⁻¹]", "About the brightest source")
    axes.set_yscale("log")
    style.plain_log_ticks(axes.yaxis)
    axes.set_xlim(0.0, 180.0)
    axes.xaxis.set_major_locator(FixedLocator(list(range(0, 181, 30))))
    axes.legend(loc="upper right", **_LEGEND)


def _draw_energies(axes: Axes, signal_pdf: pa.Table) -> None:
    """Draw the share of signal and background in each bin of reconstructed energy and class."""
    low, high = style.reals(signal_pdf, "reco_energy_low"), style.reals(signal_pdf, "reco_energy_high")
    edges = np.append(np.unique(low), high.max())
    bins = np.searchsorted(edges, low)
    event_class = style.texts(signal_pdf, "event_class")
    for name in _classes(signal_pdf):
        for column, line, label in LINES:
            probability = np.where(event_class == name, style.reals(signal_pdf, column), 0.0)
            axes.stairs(
                np.bincount(bins, weights=probability, minlength=edges.size - 1),
                edges,
                color=style.CLASS_COLOURS.get(name, style.INK),
                linestyle=line,
                linewidth=1.8,
                label=f"{label}, {name}",
            )
    style.frame(axes, style.axis_label("reco_energy_low"), "share of events per bin", "Reconstructed energy")
    axes.set_xscale("log")
    axes.set_xlim(edges[0], edges[-1])
    axes.set_ylim(0.0, 1.28 * axes.get_ylim()[1])
    every = -(-edges.size // MOST_NAMED_EDGES)
    axes.xaxis.set_major_locator(FixedLocator(edges[::every].tolist()))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: style.three_digits(value)))
    axes.legend(loc="upper right", ncols=2, **_LEGEND)


def _draw_ratio(axes: Axes, ratio_cells: pa.Table) -> None:
    """Draw what share of background and of signal has which ratio: where they differ, the data decide."""
    ratio_cells = _by_ratio(ratio_cells)
    ratio = style.reals(ratio_cells, "ratio")
    order = np.argsort(ratio)
    excess = ratio[order] - 1.0
    for column, colour, label in (
        ("background_probability", BACKGROUND_COLOUR, "background $p_b$"),
        ("signal_probability", SIGNAL_COLOUR, "signal $p_s$"),
    ):
        share = style.reals(ratio_cells, column)[order]
        axes.step(excess, np.where(share > 0, share, np.nan), where="mid", color=colour, linewidth=1.4, label=label)
    axes.axvline(0.0, color=style.FAINT, linestyle="--", linewidth=1.0)
    style.frame(axes, "ratio $R - 1$", f"share of events in each of {ratio.size} cells", "Cells of the likelihood")
    axes.set_xscale("asinh", linear_width=RATIO_SCALE)
    axes.xaxis.set_major_locator(FixedLocator(RATIO_TICKS))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.set_xlim(excess[0], excess[-1])
    axes.set_yscale("log")
    highest = float(style.reals(ratio_cells, "signal_probability").max())
    low, high = axes.get_ylim()
    axes.set_ylim(max(low, 1e-6 * highest), HEADROOM_OF_LEGEND * high)
    axes.legend(loc="upper right", **_LEGEND)


def _by_ratio(ratio_cells: pa.Table) -> pa.Table:
    """Return cells of two ratios added up where the first is nearly the same; cells of one ratio as they are."""
    if "ratio_beside" not in ratio_cells.column_names:
        return ratio_cells
    ratio, background, signal = (
        style.reals(ratio_cells, name) for name in ("ratio", "background_probability", "signal_probability")
    )
    step = ratio_step(ratio, N_RATIO_STEPS)
    sums = [np.bincount(step, weights) for weights in (background, signal, background * ratio)]
    kept = sums[0] > 0.0
    return pa.table(
        {
            "ratio": sums[2][kept] / sums[0][kept],
            "background_probability": sums[0][kept],
            "signal_probability": sums[1][kept],
        }
    )
