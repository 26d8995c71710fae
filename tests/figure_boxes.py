"""Where texts stand on a figure: for tests that none covers another, is cut off or lies over data."""

from collections.abc import Iterator
from itertools import combinations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

Boxes = list[tuple[str, Bbox]]
SLACK = 1.5  # dots: letters do not fill their boxes


def written(figure: Figure) -> Boxes:
    """All texts that can be seen on a figure, tick labels too, each with its box in dots."""
    figure.draw_without_rendering()
    of_ticks = {id(label) for axes in figure.axes for label, _ in tick_labels(axes)}
    seen = [label for axes in figure.axes for label, is_seen in tick_labels(axes) if is_seen]
    seen += [text for text in figure.findobj(Text) if isinstance(text, Text) and id(text) not in of_ticks]
    return [(text.get_text(), extent(text)) for text in seen if text.get_visible() and text.get_text().strip()]


def tick_labels(axes: Axes) -> Iterator[tuple[Text, bool]]:
    """The labels of all ticks, and whether their ticks are drawn."""
    for axis in (axes.xaxis, axes.yaxis):
        low, high = sorted(axis.get_view_interval())
        for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
            for label in (tick.label1, tick.label2):
                yield label, axes.axison and bool(low <= tick.get_loc() <= high)


def extent(text: Text) -> Bbox:
    """The box of a text, with the line that is drawn around it, in dots."""
    patch = text.get_bbox_patch()
    return text.get_window_extent() if patch is None else patch.get_window_extent()


def overlap(first: Bbox, second: Bbox) -> bool:
    """Whether two boxes have more in common than an edge."""
    common = Bbox.intersection(first, second)
    return common is not None and min(common.width, common.height) > SLACK


def badly_placed(figure: Figure) -> list[tuple[str, str]]:
    """The texts that lie over another or reach beyond the figure, each with what it collides with."""
    boxes, whole = written(figure), figure.bbox.padded(SLACK)
    found = [(text, other) for (text, box), (other, there) in combinations(boxes, 2) if overlap(box, there)]
    beyond = [text for text, box in boxes if not (whole.contains(*box.min) and whole.contains(*box.max))]
    return found + [(text, "the edge") for text in beyond]


def under_legends(figure: Figure) -> list[str]:
    """The lines of data, by their labels, of which a legend covers a point."""
    figure.draw_without_rendering()
    found = []
    for axes in figure.axes:
        legend = axes.get_legend()
        for line in axes.lines if legend is not None else ():
            dots = line.get_transform().transform(np.column_stack(line.get_data()))
            if legend.get_window_extent().count_contains(dots[np.isfinite(dots).all(axis=1)]):
                found.append(str(line.get_label()))
    return found
