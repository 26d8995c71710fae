# mypy: allow-untyped-calls
"""The page of shards and provenance: every product, what failed and why, and the way back of a number as a graph."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import panel as pn
import pyarrow as pa
from bokeh.models import ColumnDataSource, TapTool

from core.errors import DwarfnuError
from core.products.recipe import ProductKey, State, input_in
from dashboards import plots
from dashboards.panes import heading, notice, table_pane, words
from dashboards.states import STATE_COLOURS, Standing, judged
from dashboards.view import NotThereError, View

FIRST_SHOWN = ("sensitivity", "acceptance", "sources")
PAGE_OF_STAGE = {
    "sensitivity": "limits", "upper_limit": "limits", "counts_limit": "limits", "discovery_potential": "test-statistic",
    "background_trials": "test-statistic", "signal_trials": "recovery", "signal_pdf": "pdfs", "ratio_cells": "pdfs",
    "source_signal_pdf": "pdfs", "source_background_pdf": "pdfs", "energy_range": "energy-ranges", "spectra": "spectra",
    "sources": "sources", "acceptance": "sources", "source_information": "sources", "robustness": "sources",
    "events": "events", "event_counts": "events", "certificate": "certificate",
}  # fmt: skip
MOST_ROWS = 4000
STEP_PIXELS = 150  # of a step back: the name of a stage fits into its box, and a narrow page scrolls sideways


def content(view: View) -> Sequence[Any]:
    """Return what failed or is missing, the way back of the product chosen, and the table of all products."""
    found = judged(view.library, view.snapshot).result()
    chosen = chosen_product(view)
    bad = [item for item in found if item.state in (State.FAILED, State.MISSING)]
    rows = [_row(item) for item in sorted(found, key=lambda item: list(STATE_COLOURS).index(item.state), reverse=True)]
    parts: list[Any] = []
    if any(item.state is State.FAILED for item in bad):
        parts.append(notice("Some products failed.", view.command("run", "--only-failed"), "danger"))
    if bad:
        failed = [_row(item) for item in bad[:MOST_ROWS]]
        parts += [heading("Failed and missing"), table_pane(pa.Table.from_pylist(failed), "failed")]
    if chosen is not None:
        parts += _provenance(view, chosen, found)

    def to_product(row: int) -> None:
        view.go(view.address.at(product=rows[row]["product"]))

    table = pa.Table.from_pylist(rows[:MOST_ROWS])
    return [
        *parts,
        heading("Every product; a click shows where it is from"),
        table_pane(table, "products", "", 700, to_product),
    ]


def chosen_product(view: View) -> ProductKey | None:
    """Return the product that the address names, else the pair's sensitivity or the first there is.

    NotThereError for a name that no product has.
    """
    there = {str(item): item for items in view.snapshot.products.values() for item in items}
    if (wanted := view.address.product) is not None:
        if wanted not in there:
            raise NotThereError(f"There is no such product as {wanted!r}.")
        return there[wanted]
    for stage in FIRST_SHOWN:
        keys = {} if stage == "sources" or view.address.channel is None else view.pair
        if of_stage := view.snapshot.of(stage, **keys):
            return of_stage[0]
    return next(iter(there.values()), None)


def _row(item: Standing) -> dict[str, Any]:
    part = item.product.part if item.part is None else item.part
    return {"product": str(item.product), "part": part or 0, "state": item.state.value, "reason": item.reason}


def _provenance(view: View, chosen: ProductKey, found: Sequence[Standing]) -> Sequence[Any]:
    try:
        metadata = view.store.metadata(chosen.stage, **dict[str, Any](chosen.keys))
    except DwarfnuError as error:
        return [notice(f"{chosen} cannot be read: {error}", view.command(), "danger")]
    said = {name: value for name, value in metadata.items() if name not in ("columns", "inputs")}
    # As text: what a product says of itself is never drawn as HTML.
    told = pn.widgets.TextAreaInput(
        value=json.dumps(said, indent=2), disabled=True, height=330, sizing_mode="stretch_width"
    )
    parts: list[Any] = [
        heading(f"The way back of {chosen}"),
        _graph(view, chosen, found),
        words(
            "Each box is a product, made from those to its right; a click shows its own way back. "
            "Green: fresh, orange: stale, red: failed, grey: missing."
        ),
    ]
    if page := PAGE_OF_STAGE.get(chosen.stage):
        keys = {name: chosen.keys[name] for name in ("channel", "mass") if name in chosen.keys}
        button = pn.widgets.Button(label=f"Show the figure of {chosen.stage}", color="primary")
        button.on_click(lambda _: view.go(view.address.at(page=page, **keys)))
        parts.append(button)
    return [*parts, heading("What it says of itself: recipe, code, versions, digests"), told]


def way_back(view: View, chosen: ProductKey) -> dict[str, tuple[int, ProductKey, tuple[str, ...]]]:
    """Return every product that one was made from, by name: how many steps back, itself, and its own inputs.

    Signal trials of several numbers of injected events count as one step each; a product that cannot be read ends its
    way, and so does one that says it was made from itself.
    """
    found: dict[str, tuple[int, ProductKey, tuple[str, ...]]] = {}
    waiting: list[tuple[ProductKey, frozenset[str]]] = [(chosen, frozenset())]
    while waiting:
        product, made_from_it = waiting.pop(0)
        name, depth = str(product), len(made_from_it)
        if name in made_from_it or (name in found and found[name][0] >= depth):
            continue
        inputs = _inputs(view, product)
        found[name] = (depth, product, tuple(map(str, inputs)))
        waiting += [(item, made_from_it | {name}) for item in inputs]
    return found


def _inputs(view: View, product: ProductKey) -> Sequence[ProductKey]:
    try:
        metadata: Mapping[str, Any] = view.store.metadata(product.stage, **dict[str, Any](product.keys))
        inputs = [ProductKey(item.stage, item.keys) for item in map(input_in, metadata["inputs"])]
    except (DwarfnuError, OSError):
        return []
    return list({str(item): item for item in inputs}.values())


def _graph(view: View, chosen: ProductKey, found: Sequence[Standing]) -> Any:
    """Draw the way back: a column a step, a box a product, signal trials by their injected events."""
    nodes = way_back(view, chosen)
    columns: dict[int, list[str]] = {}
    for name, (depth, _, _) in nodes.items():
        columns.setdefault(depth, []).append(name)
    place = {
        name: (depth, (len(names) - 1) / 2 - row) for depth, names in columns.items() for row, name in enumerate(names)
    }
    height = max(260, 80 + 38 * max(map(len, columns.values())))
    made = plots.plot("way-back", "", "", height=height, x_range=(-0.6, max(columns) + 0.6))
    # As a style: a least width of the plot would become that of the page.
    made.styles = {"min-width": f"{STEP_PIXELS * len(columns)}px"}
    made.axis.visible = made.grid.visible = False
    edges = [(place[source], place[name]) for name, (_, _, inputs) in nodes.items() for source in inputs]
    across, along = ([[start[axis], end[axis]] for start, end in edges] for axis in (0, 1))
    made.multi_line(across, along, color=plots.GREY, alpha=0.5)
    held = ColumnDataSource(_boxes(nodes, place, found), name="way-back")
    boxes = made.rect("x", "y", 0.86, 0.78, source=held, color="colour", alpha=0.35, nonselection_alpha=0.35)
    look = {"text_align": "center", "text_baseline": "middle", "text_font_size": "11px", "text_color": view.ink}
    made.text("x", "y", "text", source=held, **look)
    plots.hover(made, [boxes], {"product": "@product", "state": "@state"})
    made.add_tools(TapTool(renderers=[boxes]))

    def to_product(_: str, __: Any, picked: list[int]) -> None:
        if picked:
            view.go(view.address.at(product=held.data["product"][picked[0]]))

    held.selected.on_change("indices", to_product)
    return pn.Row(plots.pane(made), sizing_mode="stretch_width", styles={"overflow-x": "auto"})


def _boxes(
    nodes: Mapping[str, Any], place: Mapping[str, tuple[float, float]], found: Sequence[Standing]
) -> dict[str, Any]:
    states = {str(item.product): item.state for item in found}
    return {
        "x": [place[name][0] for name in nodes],
        "y": [place[name][1] for name in nodes],
        "product": list(nodes),
        "text": [_short(product) for _, product, _ in nodes.values()],
        "state": [states.get(name, State.MISSING).value for name in nodes],
        "colour": [STATE_COLOURS[states.get(name, State.MISSING)] for name in nodes],
    }


def _short(product: ProductKey) -> str:
    number = product.keys.get("n_injected")
    return product.stage if number is None else f"{product.stage} {number}"
