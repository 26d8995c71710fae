# mypy: allow-untyped-calls
"""Maps of the sky in right ascension and declination, to point at: densities from pixels, and the sources on them."""

from typing import Any

import healpy
import numpy as np
import pyarrow as pa
from bokeh.models import ColumnDataSource, LinearColorMapper, LogColorMapper
from bokeh.models.annotations import ColorBar
from numpy.typing import NDArray

from dashboards import plots

N_RA, N_DEC = 240, 120
FULL_SKY = 4.0 * np.pi


def on_pixels(table: pa.Table, column: str) -> NDArray[np.float64]:
    """Return a probability of `signal_pdf`, summed over energies and classes, (n_pixels,) per sr."""
    n_pixels = healpy.nside2npix(table["nside"][0].as_py())
    summed = np.bincount(table["pixel"].to_numpy(), weights=table[column].to_numpy(), minlength=n_pixels)
    return np.asarray(summed * n_pixels / FULL_SKY)


def sky_plot(
    name: str, values: NDArray[np.float64], label: str, sources: pa.Table | None = None, is_log: bool = False
) -> Any:
    """Return a map of values on HEALPix pixels (n_pixels,) in ring order, with the sources as rings."""
    nside = healpy.npix2nside(values.size)
    ra = (np.arange(N_RA) + 0.5) * 360.0 / N_RA
    dec = -90.0 + (np.arange(N_DEC) + 0.5) * 180.0 / N_DEC
    image = values[healpy.ang2pix(nside, ra[None, :], dec[:, None], lonlat=True)]
    made = sky_frame(name)
    known = values[np.isfinite(values)]
    if is_log:
        top = float(known.max())
        mapper: Any = LogColorMapper(palette="Viridis256", low=max(float(known[known > 0].min()), 1e-4 * top), high=top)
    else:
        mapper = LinearColorMapper(palette="Viridis256", low=float(known.min()), high=float(known.max()))
    held = ColumnDataSource({"image": [image.astype(np.float32)]}, name=name)
    drawn = made.image("image", x=0, y=-90, dw=360, dh=180, source=held, color_mapper=mapper)
    plots.hover(made, [drawn], {"right ascension": "$x{0.0}°", "declination": "$y{0.0}°", label: "@image"})
    made.add_layout(
        ColorBar(color_mapper=mapper, title=label, height=10, padding=2, title_text_font_size="12px"), "below"
    )
    if sources is not None:
        places = plots.source(
            f"{name}-sources",
            ra=np.rad2deg(sources["ra"].to_numpy()),
            dec=np.rad2deg(sources["dec"].to_numpy()),
            source=sources["source"].to_pylist(),
        )
        rings = made.scatter("ra", "dec", source=places, size=9, fill_alpha=0, line_color="white", line_width=1.2)
        plots.hover(made, [rings], {"source": "@source", "right ascension": "@ra{0.0}°", "declination": "@dec{0.0}°"})
    return made


def sky_frame(name: str, height: int = 400) -> Any:
    """Return an empty sky, right ascension growing to the left."""
    made = plots.plot(
        name, "right ascension [deg]", "declination [deg]", height=height, x_range=(360, 0), y_range=(-90, 90)
    )
    made.xaxis.ticker, made.yaxis.ticker = list(range(0, 361, 60)), list(range(-90, 91, 30))
    return made
