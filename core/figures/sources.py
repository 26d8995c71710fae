"""The dwarf galaxies of the search: where they stand and how bright dark matter would make them."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from core.dark_matter.processes import process_of
from core.errors import ProductError
from core.figures import sky, style
from core.units import DEGREE

COLOURS = "viridis_r"
NAME_SIZE = style.TEXT_SIZE - 1.0


def sources_figure(sources: pa.Table, caveats: Sequence[str] = style.PUBLIC_SAMPLE_CAVEATS[:1]) -> Figure:
    """Draw the `sources` product: a map of the sky with all names, J or D factors with their 68 % errors, and sizes.

    Points are coloured by their factor. Sizes are half-light radii beside the cone in which the factor is taken; those
    that are not known are left out. ProductError if the table is empty or lacks a column.
    """
    if sources.num_rows == 0:
        raise ProductError("there are no sources to draw: the table has no rows; run the stage of sources")
    column = f"log10_{process_of(sources).factor}"
    ordered = sources.sort_by([(column, "descending")])
    list_height = max(2.6, 0.19 * ordered.num_rows)
    height = 6.6 + list_height
    margins = {"left": 0.13, "right": 0.985, "bottom": 0.95 / height, "top": 1.0 - 0.4 / height}
    figure = style.new_figure(12.4, height, {**margins, "wspace": 0.06, "hspace": 0.1})
    grid = figure.add_gridspec(2, 2, height_ratios=(4.9, list_height), width_ratios=(1.25, 1.0))
    values = style.reals(ordered, column)
    norm = Normalize(float(values.min()) - 0.1, float(values.max()))
    _draw_positions(figure, figure.add_subplot(grid[0, :]), ordered, column, norm)
    factors = figure.add_subplot(grid[1, 0])
    _draw_factors(factors, ordered, column, norm)
    _draw_sizes(figure.add_subplot(grid[1, 1], sharey=factors), ordered)
    style.caveat_line(figure, caveats)
    return figure


def _draw_positions(figure: Figure, axes: Axes, sources: pa.Table, column: str, norm: Normalize) -> None:
    x, y = sky.project(style.reals(sources, "ra"), style.reals(sources, "dec"))
    values = style.reals(sources, column)
    points = axes.scatter(x, y, c=values, norm=norm, cmap=COLOURS, s=46, edgecolors=style.INK, linewidths=0.6, zorder=3)
    sky.frame_sky(axes, "Dwarf galaxies of the search", on_map=False)
    bar = figure.colorbar(points, ax=axes, orientation="vertical", shrink=0.7, pad=0.02, aspect=30)
    bar.set_label(style.axis_label(column), fontsize=style.LABEL_SIZE - 1, color=style.INK)
    bar.ax.tick_params(labelsize=style.TEXT_SIZE - 1.0, color=style.FAINT)
    names = [str(name) for name in style.texts(sources, "source")]
    sky.write_names(axes, x, y, np.arange(x.size), names, NAME_SIZE, style.INK)


def _draw_sizes(axes: Axes, sources: pa.Table) -> None:
    """Draw half-light radius and cone of each source, by rows as `_draw_factors` has them."""
    rows = np.arange(sources.num_rows)[::-1]
    radius, aperture = (style.reals(sources, name) / DEGREE for name in ("half_light_radius", "j_aperture"))
    known = np.isfinite(radius) & (radius > 0.0)
    axes.plot(radius[known], rows[known], "o", color=style.CLASS_COLOURS["cascade"], label="half-light radius")
    axes.plot(
        aperture, rows, "|", color=style.CLASS_COLOURS["track"], markersize=9.0, markeredgewidth=1.6, label="cone"
    )
    axes.set_xscale("log")
    shown = np.concatenate([radius[known], aperture])
    axes.set_xlim(0.6 * float(shown.min()), 8.0 * float(shown.max()))
    style.frame(axes, "angle on the sky [°]", title="Sizes on the sky, and the cone of the factor")
    style.plain_log_ticks(axes.xaxis)
    axes.tick_params(axis="y", length=0, labelleft=False)
    axes.legend(fontsize=style.TEXT_SIZE, frameon=False, loc="upper right")


def _draw_factors(axes: Axes, sources: pa.Table, column: str, norm: Normalize) -> None:
    values = style.reals(sources, column)
    errors = [style.reals(sources, f"{column}_error_{side}") for side in ("low", "high")]
    rows = np.arange(values.size)[::-1]
    axes.errorbar(values, rows, xerr=errors, fmt="none", ecolor=style.FAINT, elinewidth=1.2)
    axes.scatter(values, rows, c=values, norm=norm, cmap=COLOURS, s=30, edgecolors=style.INK, linewidths=0.6, zorder=3)
    apertures = np.unique(style.reals(sources, "j_aperture")) / DEGREE
    within = (
        f"{apertures[0]:g}°" if apertures.size == 1 else f"{apertures[0]:g}° to {apertures[-1]:g}°: they do not compare"
    )
    style.frame(axes, style.axis_label(column), title=f"{style.AXIS_TERMS[column]}s within {within}")
    axes.set_yticks(rows, [str(name) for name in style.texts(sources, "source")], fontsize=style.TEXT_SIZE - 1.5)
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(-0.8, values.size - 0.2)
