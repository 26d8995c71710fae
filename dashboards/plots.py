# mypy: allow-untyped-calls
"""Plots to hover over and zoom into, on light and dark ground, in colours that colour-blind eyes tell apart."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import panel as pn
from bokeh.models import ColumnDataSource, CustomJS, HoverTool, InlineStyleSheet
from bokeh.models.annotations import Span
from bokeh.models.layouts import Row
from bokeh.models.widgets.buttons import Toggle
from bokeh.plotting import figure
from numpy.typing import ArrayLike

HEIGHT = 420
# Okabe and Ito's colours that stand out on white and on black.
BLUE, ORANGE, GREEN, RED, PURPLE, SKY, GREY = (
    *("#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#8A8A8A"),
)
COLOURS = (BLUE, ORANGE, GREEN, RED, PURPLE, SKY, GREY)
SMALL_BUTTON = """
.bk-btn, .bk-btn.bk-active { padding: 2px 8px; border: none; box-shadow: none; font-size: inherit; }
.bk-btn, .bk-btn.bk-active { color: inherit !important; background: rgba(128, 128, 128, 0.15) !important; }
.bk-btn:hover { background: rgba(128, 128, 128, 0.3) !important; }
.bk-btn:not(.bk-active) { opacity: 0.55; text-decoration: line-through; }
"""
SWITCH = "for (const drawn of renderers) drawn.visible = cb_obj.active"
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def unit_text(unit: str) -> str:
    """Return a unit of the glossary as it is printed: "cm3 s-1" becomes "cm³ s⁻¹"."""
    powers = re.sub(r"(?<![a-z])(?!log)([A-Za-z]+)(-?\d+)\b", lambda m: m[1] + m[2].translate(_SUPERSCRIPTS), unit)
    return powers.replace("log10", "log₁₀")


def plot(
    name: str,
    x_label: str,
    y_label: str,
    *,
    x_log: bool = False,
    y_log: bool = False,
    height: int = HEIGHT,
    **more: Any,
) -> Any:
    """Return an empty plot as wide as the page, with tools to zoom and to save its picture under a name."""
    kinds: dict[str, Any] = {name: "log" if is_log else "linear" for name, is_log in (("x", x_log), ("y", y_log))}
    words = {name for name in kinds if isinstance(more.get(f"{name}_range"), list)}
    made: Any = figure(
        name=name,
        x_axis_label=x_label,
        y_axis_label=y_label,
        x_axis_type="auto" if "x" in words else kinds["x"],
        y_axis_type="auto" if "y" in words else kinds["y"],
        height=height,
        min_width=280,
        sizing_mode="stretch_width",
        tools="pan,box_zoom,wheel_zoom,reset,save",
        active_drag=None,  # so that a finger moves the page
        toolbar_location="above",
        **more,
    )
    made.toolbar.logo = None
    for tool in made.toolbar.tools:
        if type(tool).__name__ == "SaveTool":
            tool.filename = name
    made.xaxis.axis_label_text_font_style = made.yaxis.axis_label_text_font_style = "normal"
    return made


def source(name: str, **columns: ArrayLike) -> ColumnDataSource:
    """Return the columns of a line or of dots under a name."""
    return ColumnDataSource({column: _plain(values) for column, values in columns.items()}, name=name)


def _plain(values: ArrayLike) -> Any:
    array = np.asarray(values)
    return array if array.dtype.kind in "fiub" else list(array.tolist())


def hover(made: Any, renderers: Sequence[Any], tips: Mapping[str, str], mode: Any = "mouse") -> None:
    """Show values where a person points: a label and a Bokeh field such as "@mass" each; fields are drawn as text."""
    made.add_tools(HoverTool(renderers=list(renderers), tooltips=list(tips.items()), mode=mode))


def steps(edges: ArrayLike, heights: ArrayLike) -> dict[str, Any]:
    """Return columns for `quad` of a histogram."""
    ends = np.asarray(edges, dtype=np.float64)
    return {"left": ends[:-1], "right": ends[1:], "top": np.asarray(heights, dtype=np.float64)}


def vertical(made: Any, place: float, colour: str = GREY, dash: str = "dashed") -> Any:
    """Draw a vertical line and return what a legend may name."""
    made.add_layout(Span(location=place, dimension="height", line_color=colour, line_dash=dash, line_width=1.5))
    return made.line([], [], line_color=colour, line_dash=dash, line_width=1.5)


def legend(entries: Sequence[tuple[str, str, Sequence[Any]]]) -> pn.pane.Bokeh:
    """Return the legend of a plot as buttons, each a label, a colour and what it switches on and off.

    It stands beside the plot and not in it, so that it wraps on a narrow page and can be reached by keyboard. They
    are Bokeh's own: a page has dozens, and Panel's take the server longer to make.
    """
    look = InlineStyleSheet(css=SMALL_BUTTON)
    boxes: list[Any] = []
    for label, colour, renderers in entries:
        box = Toggle(
            label=label,
            active=all(renderer.visible for renderer in renderers),
            styles={"border-left": f"14px solid {colour}"},
            stylesheets=[look],
            margin=(3, 6),
        )
        box.js_on_change("active", CustomJS(args={"renderers": list(renderers)}, code=SWITCH))
        boxes.append(box)
    wrapped = Row(children=boxes, styles={"flex-wrap": "wrap"}, sizing_mode="stretch_width")
    return pn.pane.Bokeh(wrapped, sizing_mode="stretch_width", css_classes=["legend"])


def pane(made: Any) -> pn.pane.Bokeh:
    """Return a plot as part of a page."""
    return pn.pane.Bokeh(made, sizing_mode="stretch_width", css_classes=["plot"])
