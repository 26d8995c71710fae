"""Signal, background and their ratio over the sky, of one (channel, mass) pair."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pyarrow as pa
from matplotlib.axes import Axes
from matplotlib.colors import AsinhNorm, LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator
from numpy.typing import NDArray

from core.errors import ProductError
from core.figures import sky, style

N_NAMED_SOURCES = 3
MARGINS = {"left": 0.035, "right": 0.99, "bottom": 0.09, "top": 0.9, "wspace": 0.06}
SIGNAL_DECADES = 2.0
RATIO_SCALE = 0.3
RATIO_COLOURS = "RdBu_r"
RATIO_TICKS = np.array([-30, -10, -3, -1, 0, 1, 2, 4, 10, 30, 100, 300])


def sky_maps_figure(
    signal_pdf: pa.Table,
    sources: pa.Table,
    background: Literal["data", "known"] = "data",
    reco_energy: float | None = None,
    caveats: Sequence[str] = style.PUBLIC_SAMPLE_CAVEATS,
) -> Figure:
    """Draw the densities of signal and background over the sky and the ratio R, all classes together.

    signal_pdf: one row a cell of one pair; sources: the `sources` product. R is 1 + (S - S̃)/B for a background from the
    data, S̃ being the signal's average over right ascension, and S/B for a known one, of the summed densities.
    reco_energy (GeV): of the bin that holds it alone; all together without. ProductError if a table is empty or lacks a
    column, or if no bin holds the energy.
    """
    for name, table in (("signal_pdf", signal_pdf), ("sources", sources)):
        if table.num_rows == 0:
            raise ProductError(f"there is nothing to draw: the table of {name} has no rows; run its stage")
    shown, energies = _chosen(signal_pdf, reco_energy)
    signal, average, known = (
        sky.density_on_sky(shown, f"{name}_probability") for name in ("signal", "signal_average", "background")
    )
    difference = signal - average if background == "data" else signal - known
    excess = np.divide(difference, known, out=np.zeros_like(signal), where=known > 0.0)
    figure = style.new_figure(12.4, 3.3, MARGINS)
    panels = figure.subplots(1, 3)
    nside = sky.nside_of(shown)
    formula = r"1 + (S - \tilde{S})/B" if background == "data" else "S/B"
    _draw(figure, panels[0], signal, nside, _falling(signal), "Signal", "density [sr⁻¹]")
    _draw(figure, panels[1], known, nside, _linear(known), "Background", "density [sr⁻¹]")
    _draw(figure, panels[2], excess, nside, _about_one(excess), f"Ratio $R = {formula}$", "$R$", RATIO_COLOURS)
    for axes in (panels[0], panels[2]):
        sky.mark_sources(axes, sources, N_NAMED_SOURCES)
    channel, mass = str(style.texts(signal_pdf, "channel")[0]), float(style.reals(signal_pdf, "mass")[0])
    low, high = map(style.three_digits, energies)
    title = f"{style.pair_title(channel, mass)},  reconstructed {low} to {high} GeV"
    figure.suptitle(title, fontsize=style.TITLE_SIZE + 1, x=0.012, y=0.975, ha="left")
    style.caveat_line(figure, caveats)
    return figure


def _chosen(signal_pdf: pa.Table, reco_energy: float | None) -> tuple[pa.Table, tuple[float, float]]:
    """Return the rows of the bin that holds an energy, all without one, and the energies that they span, GeV."""
    low, high = style.reals(signal_pdf, "reco_energy_low"), style.reals(signal_pdf, "reco_energy_high")
    if reco_energy is None:
        return signal_pdf, (float(low.min()), float(high.max()))
    inside = (low <= reco_energy) & (reco_energy < high)
    if not inside.any():
        raise ProductError(
            f"no bin holds {reco_energy:g} GeV: there are those from {low.min():g} to {high.max():g} GeV"
        )
    return signal_pdf.filter(pa.array(inside)), (float(low[inside][0]), float(high[inside][0]))


def _draw(
    figure: Figure,
    axes: Axes,
    values: NDArray[np.float64],
    nside: int,
    norm: Normalize,
    title: str,
    label: str,
    colours: str = style.SKY_COLOURS,
) -> None:
    drawn = sky.draw_map(axes, np.clip(values, norm.vmin, norm.vmax), nside, norm, colours)
    sky.frame_sky(axes, title, on_map=True)
    bar = figure.colorbar(drawn, ax=axes, orientation="horizontal", shrink=0.7, pad=0.04, aspect=34)
    bar.set_label(label, fontsize=style.LABEL_SIZE - 1, color=style.INK)
    bar.ax.tick_params(which="both", labelsize=style.TEXT_SIZE - 1.0, color=style.FAINT)
    if isinstance(norm, LogNorm):
        style.plain_log_ticks(bar.ax.xaxis)
    elif isinstance(norm, AsinhNorm):
        ticks = RATIO_TICKS[np.abs(RATIO_TICKS - 1) <= norm.vmax]
        bar.set_ticks(list(ticks - 1), labels=[f"{tick:g}" for tick in ticks])
        bar.ax.xaxis.set_minor_locator(NullLocator())


def _falling(density: NDArray[np.float64]) -> LogNorm:
    highest = float(density.max())
    return LogNorm(max(float(density.min()), highest / 10.0**SIGNAL_DECADES), highest)


def _linear(density: NDArray[np.float64]) -> Normalize:
    return Normalize(0.0, float(density.max()))


def _about_one(excess: NDArray[np.float64]) -> AsinhNorm:
    """Return colours for R - 1, equally far to both sides of 0."""
    farthest = float(np.abs(excess).max())
    return AsinhNorm(RATIO_SCALE, -farthest, farthest)
