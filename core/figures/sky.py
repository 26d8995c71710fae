"""Maps of the whole sky in equatorial coordinates, equal-area, right ascension growing to the left."""

import healpy
import numpy as np
import pyarrow as pa
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.colors import Normalize
from numpy.typing import NDArray

from core.figures import style

PROJECTION = "mollweide"
N_LONGITUDES, N_LATITUDES = 720, 360
CENTRE = np.pi
MERIDIANS_DEG = (-120, -60, 0, 60, 120)
PARALLELS_DEG = (-60, -30, 0, 30, 60)


def draw_map(axes: Axes, density: NDArray[np.float64], nside: int, norm: Normalize, colours: str) -> QuadMesh:
    """Draw a value per HEALPix pixel in ring order, density (n_pixels,), on axes of the sky projection."""
    x = np.linspace(-np.pi, np.pi, N_LONGITUDES + 1)
    dec = np.linspace(-np.pi / 2.0, np.pi / 2.0, N_LATITUDES + 1)
    x_grid, dec_grid = np.meshgrid((x[1:] + x[:-1]) / 2.0, (dec[1:] + dec[:-1]) / 2.0)
    pixels = healpy.ang2pix(nside, np.pi / 2.0 - dec_grid, np.mod(CENTRE - x_grid, 2.0 * np.pi))
    return axes.pcolormesh(x, dec, density[pixels], norm=norm, cmap=colours, rasterized=True, shading="flat")


def mark_sources(axes: Axes, sources: pa.Table, n_named: int) -> None:
    """Draw a ring at each row of the `sources` product and name those with the largest J factors."""
    x = sky_longitude(style.reals(sources, "ra"))
    dec = style.reals(sources, "dec")
    axes.plot(
        x,
        dec,
        linestyle="none",
        marker="o",
        markersize=4.0,
        markerfacecolor="none",
        markeredgecolor="white",
        markeredgewidth=0.9,
    )
    names = style.texts(sources, "source")
    for row in np.argsort(style.reals(sources, "j_factor"))[::-1][:n_named]:
        text = axes.annotate(
            str(names[row]),
            (x[row], dec[row]),
            xytext=(0, 6),
            textcoords="offset points",
            fontsize=style.TEXT_SIZE - 1.5,
            color="white",
            horizontalalignment="center",
        )
        text.set_path_effects([patheffects.withStroke(linewidth=1.6, foreground="#222222")])


def sky_longitude(ra: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the horizontal coordinate (rad) of right ascensions: 12 h in the middle, growing to the left."""
    longitude: NDArray[np.float64] = CENTRE - np.mod(ra, 2.0 * np.pi)
    return longitude


def frame_sky(axes: Axes, title: str, on_map: bool) -> None:
    """Label a sky map: hours of right ascension along the equator, degrees of declination at the rim.

    on_map: whether a map fills the sky, so that grid and hours must be bright.
    """
    axes.set_xticks(np.radians(MERIDIANS_DEG))
    axes.set_xticklabels([f"{(180 - degree) // 15} h" for degree in MERIDIANS_DEG])
    axes.set_yticks(np.radians(PARALLELS_DEG))
    axes.set_yticklabels([f"{degree:+d}°".replace("-", "−") if degree else "0°" for degree in PARALLELS_DEG])
    axes.tick_params(labelsize=style.TEXT_SIZE - 1.0, color=style.FAINT)
    axes.tick_params(axis="x", labelcolor="white" if on_map else style.FAINT)
    for label in axes.get_xticklabels() if on_map else ():
        label.set_path_effects([patheffects.withStroke(linewidth=1.4, foreground="#222222")])
    axes.grid(visible=True, color="white" if on_map else style.GRID, alpha=0.35 if on_map else 1.0, linewidth=0.7)
    axes.set_axisbelow(not on_map)
    axes.set_title(title, fontsize=style.TITLE_SIZE, color=style.INK, loc="left", pad=12)
