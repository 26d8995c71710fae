"""Probability densities of single sources, of one (channel, mass) pair: the angle between event and source."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator
from numpy.typing import NDArray

from core.dark_matter.processes import process_of
from core.errors import ProductError
from core.figures import style
from core.units import DEGREE

N_SOURCES_SHOWN = 4
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")
MARGINS = {"left": 0.06, "right": 0.985, "bottom": 0.165, "top": 0.85, "wspace": 0.18}


def source_pdf_figure(
    source_background_pdf: pa.Table,
    source_signal_pdf: pa.Table,
    sources: pa.Table,
    caveats: Sequence[str] = style.PUBLIC_SAMPLE_CAVEATS + style.SEPARATE_SKIES_CAVEATS,
) -> Figure:
    """Draw signal and background against the angle to a source, and their ratio, of the brightest.

    The products of one pair, a row a source and angle bin, and the `sources` product. ProductError if a table is empty
    or lacks a column, or if one lacks a source.
    """
    tables = {
        "source_background_pdf": source_background_pdf,
        "source_signal_pdf": source_signal_pdf,
        "sources": sources,
    }
    for name, table in tables.items():
        if table.num_rows == 0:
            raise ProductError(f"there is nothing to draw: the table of {name} has no rows; run its stage")
    figure = style.new_figure(12.4, 4.6, MARGINS)
    densities, ratios = figure.subplots(1, 2)
    brightest = np.argsort(-process_of(sources).factors(sources))[:N_SOURCES_SHOWN]
    for source, colour in zip(style.texts(sources, "source")[brightest], COLOURS, strict=False):
        edges, background = _histogram(source_background_pdf, "background_probability", str(source))
        signal_edges, signal = _histogram(source_signal_pdf, "signal_probability", str(source))
        _draw(densities, signal_edges, signal, colour, "-", f"signal, {source}")
        _draw(densities, edges, background, colour, ":", f"background, {source}")
        if edges.size == signal_edges.size:
            ratio = np.divide(signal, background, out=np.full(signal.size, np.nan), where=background > 0.0)
            _draw(ratios, edges, ratio, colour, "-", str(source))
    style.frame(densities, "angle between event and source [°]", "probability per bin", "Brightest sources")
    style.frame(ratios, "angle between event and source [°]", "ratio $R$ = signal/background", "What a fit sees")
    ratios.axhline(1.0, color=style.FAINT, linestyle="--", linewidth=1.0)
    for axes in (densities, ratios):
        axes.set_xlim(0.0, 180.0)
        axes.xaxis.set_major_locator(FixedLocator(list(range(0, 181, 30))))
        axes.legend(loc="upper right", frameon=False, fontsize=style.TEXT_SIZE - 0.5)
    ratios.set_yscale("log")
    channel = str(style.texts(source_signal_pdf, "channel")[0])
    mass = float(style.reals(source_signal_pdf, "mass")[0])
    figure.suptitle(style.pair_title(channel, mass), fontsize=style.TITLE_SIZE + 1, x=0.012, y=0.98, ha="left")
    style.caveat_line(figure, caveats)
    return figure


def _histogram(table: pa.Table, column: str, source: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return edges (deg) and probabilities of one source's bins."""
    own = style.texts(table, "source") == source
    if not own.any():
        raise ProductError(f"the densities hold no source {source}: make them again from the same sources")
    low, high = style.reals(table, "angle_low")[own], style.reals(table, "angle_high")[own]
    return np.append(low, high[-1]) / DEGREE, style.reals(table, column)[own]


def _draw(
    axes: Axes, edges: NDArray[np.float64], values: NDArray[np.float64], colour: str, line: str, label: str
) -> None:
    axes.stairs(values, edges, color=colour, linestyle=line, linewidth=1.7, baseline=None, label=label)
