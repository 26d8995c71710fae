"""Maps of the whole sky in equatorial coordinates: Mollweide's equal-area projection, right ascension to the left.

x = (2√2/π) λ cos θ, y = √2 sin θ with 2θ + sin 2θ = π sin(dec), λ counted from 12 h. The map is drawn as one image,
which is some hundred times faster than as many small cells.
"""

from functools import cache
from typing import Any

import healpy
import numpy as np
import pyarrow as pa
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.image import AxesImage
from matplotlib.patches import Ellipse
from matplotlib.text import Text
from numpy.typing import NDArray

from core.dark_matter.processes import process_of
from core.figures import style
from core.units import FULL_SKY

HALF_WIDTH, HALF_HEIGHT = 2.0 * np.sqrt(2.0), np.sqrt(2.0)
N_COLUMNS, N_ROWS = 1000, 500
N_NEWTON_STEPS = 30
CENTRE = np.pi
MERIDIANS_HOURS = (4, 8, 12, 16, 20)
PARALLELS_DEG = (-60, -30, 0, 30, 60)
POINT_RADIUS, LABEL_RADIUS = 0.0075, 0.015  # of a map's width, that names keep away from points and labels of the grid


def project(ra: NDArray[np.float64], dec: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the map coordinates x, y (n,) of right ascensions and declinations (n,) rad."""
    wanted = np.pi * np.sin(dec)
    theta = np.asarray(dec, dtype=np.float64)
    for _ in range(N_NEWTON_STEPS):
        slope = np.maximum(2.0 + 2.0 * np.cos(2.0 * theta), 1e-9)
        theta = np.clip(theta - (2.0 * theta + np.sin(2.0 * theta) - wanted) / slope, -np.pi / 2.0, np.pi / 2.0)
    longitude = CENTRE - np.mod(ra, 2.0 * np.pi)
    return HALF_WIDTH / np.pi * longitude * np.cos(theta), HALF_HEIGHT * np.sin(theta)


def draw_map(axes: Axes, density: NDArray[np.float64], nside: int, norm: Normalize, colours: str) -> AxesImage:
    """Draw a value per HEALPix pixel in ring order, density (n_pixels,)."""
    pixels, is_sky = _pixels_of_image(nside)
    image = np.where(is_sky, density[pixels], np.nan)
    extent = (-HALF_WIDTH, HALF_WIDTH, -HALF_HEIGHT, HALF_HEIGHT)
    drawn = axes.imshow(image, extent=extent, origin="lower", norm=norm, cmap=colours, interpolation="nearest")
    drawn.set_clip_path(Ellipse((0.0, 0.0), 2 * HALF_WIDTH, 2 * HALF_HEIGHT, transform=axes.transData))
    return drawn


@cache
def _pixels_of_image(nside: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return (n_rows, n_columns) HEALPix pixels under the points of the image, and whether a point is on the sky."""
    x = HALF_WIDTH * ((np.arange(N_COLUMNS) + 0.5) / N_COLUMNS * 2.0 - 1.0)
    sin_theta = (np.arange(N_ROWS) + 0.5) / N_ROWS * 2.0 - 1.0
    theta = np.arcsin(sin_theta)
    dec = np.arcsin((2.0 * theta + np.sin(2.0 * theta)) / np.pi)
    longitude = np.pi * x[None, :] / HALF_WIDTH / np.cos(theta)[:, None]
    is_sky = np.abs(longitude) <= np.pi
    colatitude = np.broadcast_to((np.pi / 2.0 - dec)[:, None], longitude.shape)
    return healpy.ang2pix(nside, colatitude, np.mod(CENTRE - longitude, 2.0 * np.pi)), is_sky


def nside_of(signal_pdf: pa.Table) -> int:
    """Return the HEALPix resolution of a `signal_pdf` product."""
    return int(style.reals(signal_pdf, "nside")[0])


def density_on_sky(signal_pdf: pa.Table, column: str) -> NDArray[np.float64]:
    """Return a probability of the `signal_pdf` product, summed over its energies and classes, (n_pixels,) per sr."""
    n_pixels = healpy.nside2npix(nside_of(signal_pdf))
    pixels = style.reals(signal_pdf, "pixel").astype(np.int64)
    summed = np.bincount(pixels, weights=style.reals(signal_pdf, column), minlength=n_pixels)
    return np.asarray(summed * n_pixels / FULL_SKY)


def mark_sources(axes: Axes, sources: pa.Table, n_named: int) -> None:
    """Draw a ring at each row of the `sources` product and name the brightest."""
    x, y = project(style.reals(sources, "ra"), style.reals(sources, "dec"))
    axes.plot(x, y, "o", markersize=4.0, markerfacecolor="none", markeredgecolor="white", markeredgewidth=0.9)
    named = np.argsort(process_of(sources).factors(sources))[::-1][:n_named]
    names = [str(name) for name in style.texts(sources, "source")[named]]
    for text in write_names(axes, x, y, named, names, style.TEXT_SIZE - 1.5, "white"):
        text.set_path_effects([patheffects.withStroke(linewidth=1.6, foreground="#222222")])


def write_names(
    axes: Axes,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    named: NDArray[np.int64],
    names: list[str],
    size: float,
    colour: str,
) -> list[Text]:
    """Write names of some points of a framed sky where none covers another, a point, the rim or a label of the grid.

    x, y: all points, (n,); named: which of them have the names, (n_names,), in the order in which they choose their
    places. A line leads from each name to its point.
    """
    import textalloc

    others = np.array([text.get_position() for text in axes.texts]).reshape(-1, 2)
    axes.apply_aspect()  # names are measured against the map as it will stand
    turn = np.linspace(0.0, 2.0 * np.pi, 181)
    width = float(axes.get_window_extent().width)
    radii: Any = [POINT_RADIUS * width] * x.size + [LABEL_RADIUS * width] * len(others)  # declared as lists of lists
    _, _, texts, _ = textalloc.allocate(
        axes,
        x[named],
        y[named],
        names,
        x_scatter=np.concatenate([x, others[:, 0]]),
        y_scatter=np.concatenate([y, others[:, 1]]),
        scatter_sizes=radii,
        x_lines=[HALF_WIDTH * np.cos(turn)],
        y_lines=[HALF_HEIGHT * np.sin(turn)],
        textsize=size,
        textcolor=colour,
        linecolor=style.FAINT if colour == style.INK else colour,
        linewidth=0.7,
        min_distance=0.012,
        max_distance=0.2,
        nbr_candidates=400,
        avoid_label_lines_overlap=True,
    )
    return [text for text in texts if isinstance(text, Text)]


def frame_sky(axes: Axes, title: str, on_map: bool) -> None:
    """Draw rim and grid; label hours of right ascension along the equator, degrees of declination at the rim.

    on_map: whether a map fills the sky, so that grid and hours must be bright.
    """
    line: dict[str, Any] = {
        "color": "white" if on_map else style.GRID,
        "alpha": 0.35 if on_map else 1.0,
        "linewidth": 0.7,
    }
    every_dec = np.linspace(-np.pi / 2.0, np.pi / 2.0, 91)
    for hours in MERIDIANS_HOURS:
        axes.plot(*project(np.full(every_dec.size, hours * np.pi / 12.0), every_dec), zorder=1.5, **line)
        label = axes.text(*_point(hours * np.pi / 12.0, 0.0), f"{hours} h", **_label("center", "bottom"))
        label.set_color("white" if on_map else style.FAINT)
        if on_map:
            label.set_path_effects([patheffects.withStroke(linewidth=1.4, foreground="#222222")])
    for degree in PARALLELS_DEG:
        right, y = _point(0.0, np.radians(degree))
        axes.plot((-right, right), (y, y), zorder=1.5, **line)
        axes.text(
            -right - 0.06 - 0.14 * abs(y),
            y,
            f"{degree:+d}°".replace("-", "−").replace("+0", "0"),
            **_label("right", "center"),
        )
    rim = Ellipse((0.0, 0.0), 2 * HALF_WIDTH, 2 * HALF_HEIGHT, fill=False, edgecolor=style.INK, linewidth=1.0)
    axes.add_patch(rim)
    axes.set_axis_off()
    axes.set_aspect("equal")
    axes.set_xlim(-1.1 * HALF_WIDTH, 1.02 * HALF_WIDTH)
    axes.set_ylim(-1.03 * HALF_HEIGHT, 1.03 * HALF_HEIGHT)
    axes.set_title(title, fontsize=style.TITLE_SIZE, color=style.INK, loc="left")


def _point(ra: float, dec: float) -> tuple[float, float]:
    x, y = project(np.array([ra]), np.array([dec]))
    return float(x[0]), float(y[0])


def _label(horizontal: str, vertical: str) -> dict[str, Any]:
    return {
        "horizontalalignment": horizontal,
        "verticalalignment": vertical,
        "fontsize": style.TEXT_SIZE - 1.0,
        "color": style.INK,
    }
