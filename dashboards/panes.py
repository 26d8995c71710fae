# mypy: allow-untyped-calls
"""What every page is built from: a figure and a table that can be taken away, freshness, provenance, an empty page."""

from collections.abc import Callable, Sequence
from html import escape
from io import BytesIO, StringIO
from typing import Any

import panel as pn
import pyarrow as pa
from bokeh.models.widgets.tables import NumberFormatter, ScientificFormatter, StringFormatter
from matplotlib.figure import Figure

from core.errors import DwarfnuError
from core.figures.style import unit_text
from core.glossary import GLOSSARY
from core.products.recipe import ProductKey, State
from core.products.store import ProductStore
from dashboards.state import product_state

STATE_COLOURS = {
    State.FRESH: "#1b7f4d",
    State.STALE: "#b26a00",
    State.MISSING: "#6b7280",
    State.FAILED: "#b91c1c",
}
BADGE_STYLE = "display:inline-block;padding:1px 9px;margin:2px;border-radius:9px;color:white;font-size:12px"
SCREEN_DPI = 130
PRINT_DPI = 250
NUMBER_WIDTH = 118
BREAK = "\u200b"  # a place where a long name may be wrapped, of no width
SCIENTIFIC_ABOVE, SCIENTIFIC_BELOW = 1e5, 1e-3


def figure_pane(figure: Figure, name: str, description: str) -> pn.Column:
    """Return a figure as large as the page allows, with buttons that save it as PNG or PDF under a name."""
    image = pn.pane.PNG(
        rendered(figure, "png", SCREEN_DPI).getvalue(),
        alt_text=description,
        sizing_mode="scale_width",
        max_width=int(figure.get_figwidth() * 105),
        css_classes=["figure"],
    )
    buttons = pn.Row(
        _download(f"{name}.png", "Figure (PNG)", lambda: rendered(figure, "png", PRINT_DPI)),
        _download(f"{name}.pdf", "Figure (PDF)", lambda: rendered(figure, "pdf", PRINT_DPI)),
    )
    return pn.Column(image, buttons, sizing_mode="stretch_width")


def rendered(figure: Figure, file_format: str, dpi: int) -> BytesIO:
    """Return a figure as the bytes of a file."""
    content = BytesIO()
    figure.savefig(content, format=file_format, dpi=dpi)
    content.seek(0)
    return content


def table_pane(table: pa.Table, name: str, height: int = 320) -> pn.Column:
    """Return a sortable table of columns, words of the glossary where they stand there, and a button that saves it.

    The page shows four digits after the point; the CSV file has every digit.
    """
    frame = table.to_pandas()
    words = [column for column in table.column_names if column in GLOSSARY]
    view = pn.widgets.Tabulator(
        frame,
        titles={column: _title(column) for column in table.column_names},
        header_tooltips={column: GLOSSARY[column].meaning for column in words},
        formatters={column: _formatter(table, column) for column in table.column_names},
        show_index=False,
        disabled=True,
        height=min(height, 104 + 29 * len(frame)),
        widths=dict.fromkeys(_numbers(table), NUMBER_WIDTH),
        configuration={"columnDefaults": {"headerWordWrap": True}},
        sizing_mode="stretch_width",
        layout="fit_data",
        css_classes=[f"table-{name}"],
    )
    return pn.Column(
        view,
        _download(f"{name}.csv", "Table (CSV)", lambda: StringIO(frame.to_csv(index=False))),
        sizing_mode="stretch_width",
    )


def _numbers(table: pa.Table) -> list[str]:
    return [field.name for field in table.schema if not pa.types.is_string(field.type)]


def _title(column: str) -> str:
    unit = GLOSSARY[column].unit if column in GLOSSARY else ""
    name = column.replace("_", f"_{BREAK}")
    return f"{name} [{unit_text(unit)}]" if unit else name


def _formatter(table: pa.Table, column: str) -> Any:
    if not pa.types.is_floating(table.schema.field(column).type):
        return StringFormatter()
    sizes = [abs(value) for value in table[column].to_pylist() if value]
    if sizes and (max(sizes) >= SCIENTIFIC_ABOVE or min(sizes) < SCIENTIFIC_BELOW):
        return ScientificFormatter(precision=3, power_limit_low=0, power_limit_high=0, nan_format="–", null_format="–")
    return NumberFormatter(format="0.[0000]", nan_format="–", null_format="–")


def _download(name: str, label: str, content: Callable[[], BytesIO | StringIO]) -> pn.widgets.FileDownload:
    return pn.widgets.FileDownload(callback=content, filename=name, label=label, embed=False, auto=True, width=150)


def freshness_pane(store: ProductStore, products: Sequence[ProductKey]) -> pn.pane.HTML:
    """Return a badge for the products of each stage and state, and in words why some are not fresh."""
    grouped: dict[tuple[str, State], list[tuple[str, str]]] = {}
    for product in products:
        state, reason = product_state(store, product)
        grouped.setdefault((product.stage, state), []).append((str(product), reason))
    badges, reasons = [], []
    for (stage, state), found in grouped.items():
        name = stage if len(found) == 1 else f"{stage} ({len(found)})"
        badges.append(badge(f"{name}: {state.value}", state, "\n".join(product for product, _ in found)))
        if state is not State.FRESH:
            reasons += [f"{name}: {reason}" for reason in dict.fromkeys(reason for _, reason in found)]
    listed = "".join(f"<li>{escape(reason)}</li>" for reason in reasons)
    return pn.pane.HTML(" ".join(badges) + (f"<ul>{listed}</ul>" if listed else ""), sizing_mode="stretch_width")


def badge(text: str, state: State, more: str) -> str:
    """Return a coloured label with more text that shows on hover, as HTML."""
    return (
        f'<span class="badge" data-state="{state.value}" title="{escape(more, quote=True)}" '
        f'style="{BADGE_STYLE};background:{STATE_COLOURS[state]}">{escape(text)}</span>'
    )


def provenance_pane(store: ProductStore, products: Sequence[ProductKey]) -> pn.Column:
    """Return what the first part of each product says of itself: recipe, versions, seed, inputs, creation time."""
    found: dict[str, Any] = {}
    for product in products:
        try:
            said = store.metadata(product.stage, 0, **dict[str, Any](product.keys))
            found[str(product)] = {key: value for key, value in said.items() if key != "columns"}
        except DwarfnuError as error:
            found[str(product)] = {"nothing": str(error)}
    return pn.Column(
        "### Provenance", pn.pane.JSON(found, depth=2, sizing_mode="stretch_width"), sizing_mode="stretch_width"
    )


def notice(text: str, kind: str = "info") -> pn.pane.Alert:
    """Return a framed message in Markdown."""
    return pn.pane.Alert(text, alert_type=kind, sizing_mode="stretch_width", css_classes=["notice"])
