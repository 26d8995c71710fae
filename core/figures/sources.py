"""The dwarf galaxies of the search: where they stand and how bright dark matter would make them."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from numpy.typing import NDArray

from core.dark_matter.processes import process_of
from core.errors import ProductError
from core.figures import sky, style
from core.units import DEGREE

N_NAMED_ON_SKY = 10
COLOURS = "viridis_r"


def sources_figure(sources: pa.Table, caveats: Sequence[str] = style.PUBLIC_SAMPLE_CAVEATS[:1]) -> Figure:
    """Draw the `sources` product: a map of the sky coloured by J or D factor, and these with their 68 % errors.

    ProductError if the table is empty or lacks a column.
    """
    if sources.num_rows == 0:
        raise ProductError("there are no sources to draw: the table has no rows; run the stage of sources")
    column = f"log10_{process_of(sources).factor}"
    ordered = sources.sort_by([(column, "descending")])
    figure = style.new_figure(12.4, max(5.0, 1.4 + 0.19 * ordered.num_rows))
    grid = figure.add_gridspec(1, 2, width_ratios=(1.7, 1.0))
    values = style.reals(ordered, column)
    norm = Normalize(float(values.min()) - 0.1, float(values.max()))
    _draw_positions(figure, figure.add_subplot(grid[0, 0]), ordered, column, norm)
    _draw_factors(figure.add_subplot(grid[0, 1]), ordered, column, norm)
    style.caveat_line(figure, caveats)
    return figure


def _draw_positions(figure: Figure, axes: Axes, sources: pa.Table, column: str, norm: Normalize) -> None:
    x, y = sky.project(style.reals(sources, "ra"), style.reals(sources, "dec"))
    values = style.reals(sources, column)
    points = axes.scatter(x, y, c=values, norm=norm, cmap=COLOURS, s=46, edgecolors=style.INK, linewidths=0.6, zorder=3)
    sky.frame_sky(axes, "Dwarf galaxies of the search", on_map=False)
    names = style.texts(sources, "source")[:N_NAMED_ON_SKY]
    above = _above_nearest(x[: names.size], y[: names.size])
    for name, right, up, is_above in zip(names, x, y, above, strict=False):
        axes.annotate(
            str(name),
            (right, up),
            xytext=(6, 4 if is_above else -10),
            textcoords="offset points",
            fontsize=style.TEXT_SIZE - 2.0,
        )
    bar = figure.colorbar(points, ax=axes, orientation="horizontal", shrink=0.6, pad=0.05, aspect=40)
    bar.set_label(style.axis_label(column), fontsize=style.LABEL_SIZE - 1, color=style.INK)
    bar.ax.tick_params(labelsize=style.TEXT_SIZE - 1.0, color=style.FAINT)


def _above_nearest(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which points lie above their nearest neighbour, whose name must then stand below."""
    distance = np.hypot(x[:, None] - x, y[:, None] - y)
    np.fill_diagonal(distance, np.inf)
    above: NDArray[np.bool_] = y >= y[np.argmin(distance, axis=1)]
    return above


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
