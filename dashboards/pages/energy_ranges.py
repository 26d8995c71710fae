# mypy: allow-untyped-calls
"""The page of energy ranges: how much signal over √background each window of reconstructed energy has."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import numpy as np
import pyarrow as pa
from bokeh.models import ColumnDataSource, LinearColorMapper
from bokeh.models.annotations import ColorBar

from core.errors import DwarfnuError
from core.signal.windows import published_window
from dashboards import plots
from dashboards.panes import heading, listed, paper_figure, recipe_of, table_pane, words
from dashboards.view import View
from dashboards.what_holds import caveats_of

MOST_RECTANGLES = 5000


def content(view: View) -> Sequence[Any]:
    """Return the map of windows, the best one, those nearly as good, and the published one."""
    product = view.of_pair("energy_range")
    (windows,) = view.need(product)
    name = f"energy-range-{view.pair_name}"
    best = windows.filter(windows["is_optimal"])
    return [
        heading("Signal over √background of every window, relative to the best"),
        *_map(windows, name),
        words("Each place is a window, by its edges. The plateau holds the windows within 1 % of the best."),
        heading("The best window"),
        table_pane(best, f"{name}-best", recipe_of(view, product)),
        heading("Windows of the plateau"),
        table_pane(windows.filter(windows["is_plateau"]), name, recipe_of(view, product)),
        listed(caveats_of(view)),
        paper_figure(name, lambda: _paper(view, windows)),
    ]


def _map(windows: pa.Table, name: str) -> Sequence[Any]:
    made = plots.plot(name, "lower edge of the window [GeV]", "upper edge of the window [GeV]", height=520)
    low, high, value = (windows[c].to_numpy() for c in ("window_low", "window_high", "signal_over_sqrt_background"))
    relative = np.asarray(value / np.nanmax(value), dtype=np.float64)
    mapper = LinearColorMapper(palette="Viridis256", low=0.0, high=1.0, nan_color="rgba(0, 0, 0, 0)")
    lows, highs = np.unique(low), np.unique(high)
    if windows.num_rows <= MOST_RECTANGLES:
        made = plots.plot(
            name, "lower edge of the window [GeV]", "upper edge of the window [GeV]", x_log=True, y_log=True, height=520
        )
        edges = np.unique(np.concatenate([lows, highs]))
        held = plots.source(
            "windows", low=low, high=high, value=value, relative=relative,
            right=edges[np.searchsorted(edges, low) + 1], bottom=edges[np.searchsorted(edges, high) - 1],
            plateau=windows["is_plateau"].to_numpy(zero_copy_only=False).astype(int),
        )  # fmt: skip
        fill = {"field": "relative", "transform": mapper}
        drawn = made.quad(
            left="low", right="right", bottom="bottom", top="high", source=held, fill_color=fill, line_color=None
        )
        tips = {"window [GeV]": "@low{0.0} to @high{0.0}", "S/√B": "@value", "of the best": "@relative{0.000}"}
    else:
        image = np.full((highs.size, lows.size), np.nan)
        image[np.searchsorted(highs, high), np.searchsorted(lows, low)] = relative
        held = ColumnDataSource({"image": [image]}, name="windows")
        spans = {"x": lows[0], "y": highs[0], "dw": np.ptp(lows), "dh": np.ptp(highs)}
        drawn = made.image("image", source=held, color_mapper=mapper, **spans)
        tips = {"window [GeV]": "$x{0.0} to $y{0.0}", "of the best": "@image{0.000}"}
    plots.hover(made, [drawn], tips)
    made.add_layout(ColorBar(color_mapper=mapper, title="share of the best S/√B", height=10), "below")
    return [plots.pane(made), plots.legend(_marks(made, windows))]


def _marks(made: Any, windows: pa.Table) -> list[tuple[str, str, list[Any]]]:
    """Mark the best and the published window."""
    best = windows.filter(windows["is_optimal"]).to_pylist()[0]
    places = [("best", (best["window_low"], best["window_high"]), plots.RED)]
    with suppress(DwarfnuError):  # a pair that the published analysis had not
        places.append(("arXiv:2511.19385", published_window(best["channel"], best["mass"]), plots.ORANGE))
    entries, least = [], float(windows["window_low"].to_numpy().min())
    for label, (low, high), colour in places:
        # A window that begins at 0 is drawn where the map begins: a logarithmic axis has no 0.
        held = plots.source(label, low=[max(low, least)], high=[high], label=[label])
        mark = made.scatter("low", "high", source=held, size=16, marker="x", line_width=4, color=colour)
        plots.hover(made, [mark], {"": "@label", "window [GeV]": "@low{0.0} to @high{0.0}"})
        entries.append((f"{label}: {low:.3g} to {high:.3g} GeV", colour, [mark]))
    return entries


def _paper(view: View, windows: pa.Table) -> Any:
    from core.figures.energy_range import energy_range_figure

    return energy_range_figure(windows, caveats_of(view))
