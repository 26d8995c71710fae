"""The measured counts beside the fitted atmospheric model, and by how much they differ."""

import numpy as np
import pyarrow as pa
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from core.events.classes import EVENT_CLASSES
from core.figures import style
from core.figures.parameter_labels import parameter_label

Reals = NDArray[np.float64]

PULL_COLOURS = "RdBu_r"


def atmospheric_fit_figure(expectation: pa.Table, fit: pa.Table) -> Figure:
    """Draw data and expectation against cos zenith by class, the residual of every bin, and the parameters' pulls.

    `expectation`: the `atmospheric_expectation` product; `fit`: `atmospheric_fit`.
    """
    figure = style.new_figure(12.0, 7.4)
    grid = figure.subplots(2, 3)
    low, high = (style.reals(expectation, f"reco_cos_zenith_{end}") for end in ("low", "high"))
    energy_low = style.reals(expectation, "reco_energy_low")
    classes = style.texts(expectation, "event_class")
    names = ("n_events", "n_expected", "n_expected_muons", "residual")
    values = {name: style.reals(expectation, name) for name in names}
    zeniths, energies = (
        np.unique(low),
        np.append(np.unique(energy_low), style.reals(expectation, "reco_energy_high")[-1]),
    )
    edges = np.append(zeniths, high.max())
    for column, name in enumerate(EVENT_CLASSES):
        own, colour = classes == name, style.CLASS_COLOURS[name]
        sums = {key: np.array([value[own & (low == z)].sum() for z in zeniths]) for key, value in values.items()}
        axes, middle = grid[0, column], 0.5 * (edges[1:] + edges[:-1])
        axes.stairs(sums["n_expected"], edges, color=colour, linewidth=1.5, label="fitted model")
        axes.stairs(sums["n_expected_muons"], edges, color=style.FAINT, linewidth=1.0, label="of it muons")
        error = np.sqrt(sums["n_events"])
        axes.errorbar(middle, sums["n_events"], error, fmt="o", color=style.INK, markersize=3.5, label="measured")
        axes.set_ylim(0.0, 1.45 * sums["n_events"].max())
        axes.legend(frameon=False, fontsize=style.TEXT_SIZE, loc="upper left")
        style.frame(axes, "cos zenith", "events", f"{name}s")
        mesh = grid[1, column].pcolormesh(
            edges, energies, values["residual"][own].reshape(len(energies) - 1, len(zeniths)),
            cmap=PULL_COLOURS, vmin=-3.0, vmax=3.0,
        )  # fmt: skip
        grid[1, column].set_yscale("log")
        style.plain_log_ticks(grid[1, column].yaxis)
        style.frame(grid[1, column], "cos zenith", style.axis_label("reco_energy_low"))
        figure.colorbar(mesh, ax=grid[1, column], label="data above model [σ]")
    _draw_pulls(grid[0, 2], fit)
    _draw_residuals(grid[1, 2], values["residual"], float(style.reals(fit, "goodness_of_fit")[0]))
    return figure


def _draw_pulls(axes: Axes, fit: pa.Table) -> None:
    pull, width = style.reals(fit, "pull"), style.reals(fit, "uncertainty") / style.reals(fit, "prior_uncertainty")
    has_prior = np.isfinite(pull)
    place = np.arange(int(has_prior.sum()))[::-1]
    axes.axvspan(-1.0, 1.0, color=style.GRID, zorder=0)
    axes.errorbar(pull[has_prior], place, xerr=width[has_prior], fmt="o", color=style.INK, markersize=4.0)
    axes.set_yticks(place, [parameter_label(str(name)) for name in style.texts(fit, "parameter")[has_prior]])
    axes.set_xlim(-2.5, 2.5)
    style.frame(axes, "(fitted - prior) / its error", title="parameters with priors")


def _draw_residuals(axes: Axes, residual: Reals, p_value: float) -> None:
    edges = np.linspace(-4.0, 4.0, 17)
    middle = np.linspace(-4.0, 4.0, 200)
    axes.hist(residual, edges.tolist(), color=style.GRID, edgecolor=style.INK)
    gauss = np.exp(-0.5 * middle**2) / np.sqrt(2.0 * np.pi) * len(residual) * (edges[1] - edges[0])
    axes.plot(middle, gauss, color=style.INK, linestyle="--")
    style.frame(axes, "data above model [σ]", "bins", f"{len(residual)} bins, p = {p_value:.2f}")
