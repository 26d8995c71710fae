"""Neutrino spectra of annihilation: at production and at Earth, by channel and by mass, against another table."""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from core.dark_matter.channels import FLAVOURS, Flavour
from core.errors import PhysicsError
from core.figures import style
from core.spectra.spectrum import ProducedSpectra, Spectrum
from core.spectra.table_comparison import SMALL_SHARE, ComparisonRow

FLAVOUR_LABELS: dict[Flavour, str] = {
    "nue": r"$\nu_e$",
    "numu": r"$\nu_\mu$",
    "nutau": r"$\nu_\tau$",
    "nuebar": r"$\bar\nu_e$",
    "numubar": r"$\bar\nu_\mu$",
    "nutaubar": r"$\bar\nu_\tau$",
}
FLAVOUR_MARKERS: dict[str, str] = {"nue": "o", "numu": "s", "nutau": "^"}
LOWEST_X = 1e-3
DECADES_SHOWN = 5.0
PANELS = {"left": 0.09, "right": 0.985, "bottom": 0.085, "top": 0.93, "wspace": 0.22, "hspace": 0.28}
TRIANGLE_HEIGHT = np.sqrt(3.0) / 2.0


def spectra_by_channel_figure(
    production: Sequence[ProducedSpectra], at_earth: Sequence[ProducedSpectra], flavour: Flavour = "numu"
) -> Figure:
    """Draw dN/dE and x dN/dx of one species for the channels of one mass, at production and at Earth.

    Both sequences have the same pairs, all of one mass. PhysicsError if there are none or the masses differ.
    """
    masses = {pair.mass for pair in production}
    if len(masses) != 1:
        raise PhysicsError(f"spectra by channel are drawn for one mass, not for {len(masses)}")
    looks = [
        {"label": style.channel_label(pair.channel), "color": style.channel_colour(pair.channel)} for pair in production
    ]
    return _four_panels(production, at_earth, flavour, looks, f"$m_\\chi$ = {masses.pop():g} GeV")


def spectra_by_mass_figure(
    production: Sequence[ProducedSpectra], at_earth: Sequence[ProducedSpectra], flavour: Flavour = "numu"
) -> Figure:
    """Draw dN/dE and x dN/dx of one species for the masses of one channel, at production and at Earth.

    Both sequences have the same pairs, all of one channel. PhysicsError if there are none or the channels differ.
    """
    channels = {pair.channel for pair in production}
    if len(channels) != 1:
        raise PhysicsError(f"spectra by mass are drawn for one channel, not for {len(channels)}")
    colours = mpl.colormaps["viridis"](np.linspace(0.0, 0.92, len(production)))
    by_mass = zip(production, colours, strict=True)
    looks = [{"label": f"{pair.mass:g} GeV", "color": tuple(colour)} for pair, colour in by_mass]
    return _four_panels(production, at_earth, flavour, looks, style.channel_label(channels.pop()))


def spectra_ratio_figure(rows: Sequence[ComparisonRow]) -> Figure:
    """Draw our energy fractions over another table's against mass, a panel a channel, statistical errors as bars.

    Species with less than 1 % of the energy are left out: they are compared absolutely, not as a ratio.
    """
    channels = style.in_channel_order([row.channel for row in rows])
    if not channels:
        raise PhysicsError("there is nothing to compare: no channel and mass is in both tables")
    figure = style.new_figure(3.2 * len(channels) + 1.0, 3.8)
    panels = figure.subplots(1, len(channels), sharey=True, squeeze=False)[0]
    for axes, channel in zip(panels, channels, strict=True):
        for flavour, marker in FLAVOUR_MARKERS.items():
            of_flavour = [row for row in rows if (row.channel, row.flavour) == (channel, flavour)]
            found = [row for row in of_flavour if row.other_energy_fraction > SMALL_SHARE]
            axes.errorbar(
                [row.mass for row in found],
                [row.energy_ratio for row in found],
                [row.energy_fraction_error / row.other_energy_fraction for row in found],
                marker=marker,
                markersize=4.0,
                linewidth=1.0,
                label=FLAVOUR_LABELS[_flavour(flavour)],
            )
        axes.axhline(1.0, color=style.FAINT, linewidth=0.8)
        axes.set_xscale("log")
        style.plain_log_ticks(axes.xaxis)
        style.frame(axes, style.axis_label("mass"), "", style.channel_label(channel))
    panels[0].set_ylabel("energy fraction, own / other", fontsize=style.LABEL_SIZE, color=style.INK)
    panels[0].legend(fontsize=style.TEXT_SIZE, frameon=False)
    return figure


def flavour_triangle_figure(
    production: Mapping[str, NDArray[np.float64]], at_earth: Mapping[str, NDArray[np.float64]], subject: str = ""
) -> Figure:
    """Draw the shares of e, mu and tau of each channel, (3,) summing to 1: open at production, filled at Earth."""
    figure = style.new_figure(6.4, 5.6)
    axes = figure.subplots()
    corners = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, TRIANGLE_HEIGHT], [0.0, 0.0]])
    axes.plot(*corners.T, color=style.INK, linewidth=1.0)
    for level in np.arange(0.2, 1.0, 0.2):
        for corner in range(3):
            ends = level * np.eye(3)[corner] + (1.0 - level) * np.delete(np.eye(3), corner, axis=0)
            axes.plot(*_in_triangle(ends).T, color=style.GRID, linewidth=0.7, zorder=0)
    for channel in style.in_channel_order(list(at_earth)):
        colour = style.channel_colour(channel)
        before, after = _in_triangle(np.stack([production[channel], at_earth[channel]]))
        axes.plot(*np.stack([before, after]).T, color=colour, linewidth=0.8)
        axes.plot(*before, marker="o", markersize=7, color=colour, markerfacecolor="white")
        axes.plot(*after, marker="o", markersize=7, color=colour, label=style.channel_label(channel))
    for name, place, side in ((r"$\nu_e$", (0.0, -0.03), "top"), (r"$\nu_\mu$", (1.0, -0.03), "top")):
        axes.text(*place, name, fontsize=style.TITLE_SIZE, ha="center", va=side, color=style.INK)
    axes.text(0.5, TRIANGLE_HEIGHT + 0.02, r"$\nu_\tau$", fontsize=style.TITLE_SIZE, ha="center", color=style.INK)
    axes.set_aspect("equal")
    axes.set_axis_off()
    title = "shares of the energy, open: at production, filled: at Earth"
    axes.set_title(f"{subject}, {title}" if subject else title, fontsize=style.TEXT_SIZE, color=style.INK)
    axes.legend(fontsize=style.TEXT_SIZE, frameon=False, loc="upper right")
    return figure


def _four_panels(
    production: Sequence[ProducedSpectra],
    at_earth: Sequence[ProducedSpectra],
    flavour: Flavour,
    looks: Sequence[Mapping[str, Any]],
    subject: str,
) -> Figure:
    figure = style.new_figure(10.0, 7.6, PANELS)
    panels = figure.subplots(2, 2)
    name = FLAVOUR_LABELS[flavour]
    for column, (place, pairs) in enumerate((("production", production), ("Earth", at_earth))):
        spectra = [pair.spectrum(flavour) for pair in pairs]
        upper, lower = panels[0, column], panels[1, column]
        for spectrum, look in zip(spectra, looks, strict=True):
            _draw_density(upper, spectrum, look)
            _draw_energy_share(lower, spectrum, look)
        _scale(upper)
        _scale(lower)
        lower.set_xlim(LOWEST_X, 1.3)
        style.frame(upper, "neutrino energy $E$ [GeV]", f"d$N$/d$E$ of {name} [GeV⁻¹]", f"{subject}, {place}")
        style.frame(lower, r"$x = E / m_\chi$", f"$x$ d$N$/d$x$ of {name}")
    panels[0, 1].legend(fontsize=style.TEXT_SIZE, frameon=False, loc="upper right")
    return figure


def _draw_density(axes: Axes, spectrum: Spectrum, look: Mapping[str, Any]) -> None:
    shown = (spectrum.energy >= LOWEST_X * spectrum.mass) & (spectrum.dn_de > 0.0)
    axes.plot(spectrum.energy[shown], spectrum.dn_de[shown], linewidth=1.4, **look)
    for energy, weight in spectrum.lines:
        # A line has no height in dN/dE: an arrow of its weight per 1 % of its energy stands for it.
        axes.plot([energy], [weight / (0.01 * energy)], marker="^", markersize=6, color=look["color"])
        axes.vlines(energy, 1e-12, weight / (0.01 * energy), color=look["color"], linewidth=1.0)


def _draw_energy_share(axes: Axes, spectrum: Spectrum, look: Mapping[str, Any]) -> None:
    share = spectrum.energy * spectrum.dn_de
    shown = (spectrum.energy >= LOWEST_X * spectrum.mass) & (share > 0.0)
    axes.plot(spectrum.energy[shown] / spectrum.mass, share[shown], linewidth=1.4, color=look["color"])
    for energy, weight in spectrum.lines:
        axes.plot([energy / spectrum.mass], [weight / 0.01], marker="^", markersize=6, color=look["color"])
        axes.vlines(energy / spectrum.mass, 1e-12, weight / 0.01, color=look["color"], linewidth=1.0)


def _scale(axes: Axes) -> None:
    """Set both axes logarithmic, the upper end where the data end and few enough decades below."""
    axes.set_xscale("log")
    axes.set_yscale("log")
    tops = [float(np.max(line.get_ydata())) for line in axes.get_lines() if len(np.atleast_1d(line.get_ydata()))]
    if tops:
        axes.set_ylim(max(tops) * 3.0 * 10.0**-DECADES_SHOWN, max(tops) * 3.0)


def _in_triangle(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return points (n, 2) of flavour shares (n, 3): e at the left corner, mu at the right, tau on top."""
    return np.stack([shares[:, 1] + 0.5 * shares[:, 2], TRIANGLE_HEIGHT * shares[:, 2]], axis=1)


def _flavour(name: str) -> Flavour:
    return FLAVOURS[[str(flavour) for flavour in FLAVOURS].index(name)]
