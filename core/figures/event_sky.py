"""Where on the sky events lie."""

from collections.abc import Sequence

import healpy
import numpy as np
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from core.errors import ProductError
from core.events.distributions import FINEST_NSIDE, EventSums
from core.figures import sky, style
from core.units import DEGREE, FULL_SKY

# A map of counts shows structure, and not only Poisson's, where a pixel holds so many events on average.
LEAST_EVENTS_A_PIXEL = 8.0


def sky_counts_figure(
    events: EventSums, title: str = "", nside: int | None = None, caveats: Sequence[str] = ()
) -> Figure:
    """Draw how many events lie in each HEALPix pixel of the sky, reconstructed directions, not weighted.

    events: sums over data or simulation; nside: HEALPix resolution, by default the finest up to 64 that leaves 8 events
    in a pixel. ProductError if there are no events or no such resolution.
    """
    if events.n_events == 0:
        raise ProductError("there are no events to draw on the sky: convert event files first")
    nside = fitting_nside(events.n_events) if nside is None else nside
    if not healpy.isnsideok(nside, nest=True) or nside > FINEST_NSIDE:
        raise ProductError(f"nside is {nside}: HEALPix needs a power of two, {FINEST_NSIDE} at most here")
    counts = events.counts_on_sky(nside)
    figure = style.new_figure(8.4, 5.2)
    axes = figure.subplots()
    image = sky.draw_map(axes, counts.astype(np.float64), nside, Normalize(0.0, float(counts.max())), style.SKY_COLOURS)
    sky.frame_sky(axes, f"{title}: {_sort_of(events)}" if title else _sort_of(events), on_map=True)
    bar = figure.colorbar(image, ax=axes, orientation="horizontal", shrink=0.62, pad=0.03, aspect=38)
    area = FULL_SKY / counts.size / DEGREE**2
    bar.set_label(
        f"events per pixel of {style.grouped(area) if area > 100.0 else f'{area:.3g}'} square degrees",
        fontsize=style.LABEL_SIZE - 1,
        color=style.INK,
    )
    bar.ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
    bar.ax.tick_params(labelsize=style.TEXT_SIZE - 1.0, color=style.FAINT)
    style.caveat_line(figure, caveats)
    return figure


def fitting_nside(n_events: int) -> int:
    """Return the resolution of a map of counts: pixels that hold 8 events on average, 1 to 64."""
    nside = 1
    while nside < FINEST_NSIDE and n_events >= LEAST_EVENTS_A_PIXEL * healpy.nside2npix(2 * nside):
        nside *= 2
    return nside


def _sort_of(events: EventSums) -> str:
    if events.is_simulated:
        return f"{style.grouped(events.n_events)} simulated events, not weighted"
    right_ascension = "right ascension scrambled" if events.is_blind else "right ascension as measured"
    return f"{style.grouped(events.n_events)} events, {right_ascension}"
