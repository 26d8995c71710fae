"""The margin beside the data: the legend above, the caveats below, and a figure as tall as both ask for."""

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from core.figures import style

GAP = 0.08  # inches between legend and caveats
DROP = 0.42  # inches by which the caveats reach below the panels, beside the labels of their axes
_BOX: dict[str, Any] = {"facecolor": "#FFF8E5", "edgecolor": "#E6C36A", "linewidth": 0.8}
_PAD = 0.5  # between caveats and the line around them, in sizes of the letters
_LEGEND: dict[str, Any] = {
    "loc": "upper left",
    "frameon": False,
    "fontsize": style.TEXT_SIZE,
    "title_fontsize": style.TEXT_SIZE + 0.5,
    "alignment": "left",
    "borderaxespad": 0.0,
    "labelspacing": 0.28,
    "handlelength": 2.6,
}


def frame_with_margin() -> tuple[Figure, Axes, Axes]:
    """Return a figure with one frame for the data and a margin to its right."""
    figure = style.new_figure(10.2, 6.0, {"left": 0.07, "right": 0.995, "bottom": 0.09, "top": 0.945, "wspace": 0.025})
    axes, margin = figure.subplots(1, 2, width_ratios=(5.9, 3.4))  # inches: no caveat is wider than the margin
    style.text_panel(margin)
    return figure, axes, margin


def fill_margin(
    figure: Figure, margin: Axes, handles: Sequence[Any], caveats: Sequence[str], title: str | None = None
) -> None:
    """Write what lines and bands mean into a margin, and in its lower left corner what a reader must know.

    margin: axes of the figure made by `core.figures.style.text_panel`. Where the two have no room one above the other
    the figure becomes taller, with the same edges around its panels.
    """
    legend = margin.legend(handles=list(handles), title=title, **_LEGEND)
    if caveats:
        heights = legend.get_window_extent().height + caveat_extent(_caveat_box(margin, caveats)).height
        _make_room(figure, margin, heights / figure.dpi + GAP - DROP)


def caveat_extent(box: Text) -> Bbox:
    """Return where caveats stand on their figure with the line around them, in dots."""
    figure = box.get_figure(root=True)
    dots_per_point = (figure.dpi if figure is not None else style.DOTS_PER_INCH) / 72.0
    return box.get_window_extent().padded(dots_per_point * (_PAD * float(box.get_fontsize()) + _BOX["linewidth"]))


def _caveat_box(margin: Axes, caveats: Sequence[str]) -> Text:
    box = margin.annotate(
        "\n".join("• " + caveat.replace("\n", "\n   ") for caveat in caveats),
        xy=(0.03, 0.0),
        xycoords="axes fraction",
        xytext=(0.0, -72.0 * DROP),
        textcoords="offset points",
        fontsize=style.TEXT_SIZE - 0.5,
        color=style.INK,
        verticalalignment="bottom",
        linespacing=1.35,
        annotation_clip=False,
        bbox={"boxstyle": f"round,pad={_PAD}", **_BOX},
    )
    box.set_gid(style.CAVEATS_ID)
    return box


def _make_room(figure: Figure, margin: Axes, needed: float) -> None:
    """Let the panels of all rows be as tall (inches) as the margin needs."""
    grid, edges, height = margin.get_subplotspec(), figure.subplotpars, figure.get_figheight()
    missing = needed - margin.get_position().height * height
    if grid is None or missing <= 0.0:
        return
    n_rows = grid.get_gridspec().nrows
    taller = height + missing * (n_rows + edges.hspace * (n_rows - 1))
    figure.set_figheight(taller)
    figure.subplots_adjust(bottom=edges.bottom * height / taller, top=1.0 - (1.0 - edges.top) * height / taller)
