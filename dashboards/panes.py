# mypy: allow-untyped-calls
"""What pages are made of: headings, notices, tables and paper figures to take away. No text is drawn as HTML."""

from collections.abc import Callable, Sequence
from html import escape
from io import BytesIO, StringIO
from typing import Any

import numpy as np
import panel as pn
import pyarrow as pa
from bokeh.models.widgets.tables import NumberFormatter, ScientificFormatter, StringFormatter

from core.errors import DwarfnuError
from core.glossary import GLOSSARY
from core.products.recipe import ProductKey
from dashboards.plots import unit_text
from dashboards.view import NotThereError, View

PRINT_DPI = 200
NUMBER_WIDTH = 112
SCIENTIFIC_ABOVE, SCIENTIFIC_BELOW = 1e5, 1e-3
# How tables and axes call columns whose names do not say it in words.
TERMS = {
    "ra": "right ascension", "dec": "declination", "lo68": "68 % low", "hi68": "68 % high", "lo95": "95 % low",
    "hi95": "95 % high", "cls": "CL_s", "log10": "log₁₀", "ts": "TS", "mc": "simulation", "pdf": "PDF",
    "j": "J", "d": "D", "p": "p", "3sigma": "3σ", "5sigma": "5σ", "dn": "dN", "de": "dE", "nfw": "NFW",
}  # fmt: skip


def heading(text: str) -> pn.pane.HTML:
    """Return a heading within a page."""
    return pn.pane.HTML(f"<h3>{escape(text)}</h3>", margin=(8, 5, 0, 5), sizing_mode="stretch_width")


def words(text: str) -> pn.pane.HTML:
    """Return a paragraph."""
    return pn.pane.HTML(f"<p>{escape(text)}</p>", margin=(0, 5), sizing_mode="stretch_width")


def code(text: str) -> pn.pane.HTML:
    """Return lines to copy, such as settings."""
    return pn.pane.HTML(
        f"<pre>{escape(text)}</pre>",
        stylesheets=["pre{white-space:pre-wrap;overflow-wrap:anywhere}"],
        sizing_mode="stretch_width",
        margin=(0, 5),
    )


def notice(text: str, command: str = "", kind: str = "info") -> pn.pane.HTML:
    """Return a framed message, and the command that helps; kinds are info, warning and danger."""
    colour = {"info": "#0072B2", "warning": "#E69F00", "danger": "#D55E00"}[kind]
    helps = f"<p>This makes it:</p><pre>{escape(command)}</pre>" if command else ""
    style = {"border-left": f"4px solid {colour}", "padding": "4px 12px", "overflow-wrap": "anywhere"}
    return pn.pane.HTML(
        f"<p>{escape(text)}</p>{helps}",
        styles=style,
        stylesheets=["pre{white-space:pre-wrap}"],
        sizing_mode="stretch_width",
        css_classes=["notice"],
    )


def nothing(reason: NotThereError) -> pn.pane.HTML:
    """Return the notice of what is not there."""
    return notice(str(reason), reason.command)


def term(column: str) -> str:
    """Return the words for a column: ⟨σv⟩ sensitivity error."""
    text = column.replace("sigma_v", "⟨σv⟩").replace("n_s_", "n_s ").replace("_", " ") if column != "n_s" else "n_s"
    text = " ".join(TERMS.get(word, word) for word in text.split(" "))
    return text.replace("n s ", "n_s ") if column.startswith("n_s") else text


def title(column: str) -> str:
    """Return the head of a column: its words and its unit; angles are shown in degrees."""
    unit = GLOSSARY[column].unit if column in GLOSSARY else ""
    unit = "deg" if unit == "rad" else unit_text(unit)
    return f"{term(column)} [{unit}]" if unit else term(column)


def table_pane(
    table: pa.Table, name: str, recipe: str = "", height: int = 420, on_row: Callable[[int], None] | None = None
) -> pn.Column:
    """Return a sortable table in words of the glossary, and a button that saves it with every digit.

    `recipe` says which products it is from, with the digests of their recipes: the first line of the file. `on_row` is
    told the row that a person clicks.
    """
    frame = in_degrees(table).to_pandas()
    view = pn.widgets.Tabulator(
        frame,
        titles={column: escape(title(column)) for column in table.column_names},
        header_tooltips={
            column: escape(GLOSSARY[column].meaning) for column in table.column_names if column in GLOSSARY
        },
        formatters={column: _formatter(table, column) for column in table.column_names},
        show_index=False,
        disabled=True,
        height=min(height, 90 + 30 * max(len(frame), 1)),
        widths=dict.fromkeys(_numbers(table), NUMBER_WIDTH),
        configuration={"columnDefaults": {"headerWordWrap": True}},
        sizing_mode="stretch_width",
        layout="fit_data",
        css_classes=[f"table-{name}"],
    )
    if on_row is not None:
        view.on_click(lambda event: on_row(int(event.row)))
    return pn.Column(
        view,
        download(f"{name}.csv", "Table (CSV)", lambda: StringIO(csv_text(table, recipe))),
        sizing_mode="stretch_width",
    )


def in_degrees(table: pa.Table) -> pa.Table:
    """Return a table whose columns in rad are in degrees, for a person to read."""
    for place, column in enumerate(table.column_names):
        if (
            column in GLOSSARY
            and GLOSSARY[column].unit == "rad"
            and pa.types.is_floating(table.schema.field(place).type)
        ):
            degrees = np.rad2deg(table[column].to_numpy(zero_copy_only=False))
            table = table.set_column(place, column, pa.array(degrees))
    return table


def csv_text(table: pa.Table, recipe: str) -> str:
    """Return a table as CSV with every digit, in the units of the glossary; its first line says where it is from."""
    said = "".join(f"# {line}\n" for line in recipe.splitlines())
    return said + str(table.to_pandas().to_csv(index=False))


def recipe_of(view: View, *products: ProductKey) -> str:
    """Return which products something was drawn from, with the digests of their recipes; a line each."""
    lines = []
    for product in products:
        try:
            digest = view.store.metadata(product.stage, product.part or 0, **dict[str, Any](product.keys))[
                "recipe_digest"
            ]
        except DwarfnuError:
            digest = "unknown"
        lines.append(f"{view.store.analysis} {product} recipe {digest}")
    return "\n".join(lines)


def _numbers(table: pa.Table) -> list[str]:
    return [field.name for field in table.schema if not pa.types.is_string(field.type)]


def _formatter(table: pa.Table, column: str) -> Any:
    kind = table.schema.field(column).type
    if pa.types.is_integer(kind):
        return NumberFormatter(format="0", nan_format="–", null_format="–")
    if not pa.types.is_floating(kind):
        return StringFormatter()
    sizes = [abs(value) for value in table[column].to_pylist() if value]
    if sizes and (max(sizes) >= SCIENTIFIC_ABOVE or min(sizes) < SCIENTIFIC_BELOW):
        return ScientificFormatter(precision=3, power_limit_low=0, power_limit_high=0, nan_format="–", null_format="–")
    return NumberFormatter(format="0.[0000]", nan_format="–", null_format="–")


def download(name: str, label: str, content: Callable[[], BytesIO | StringIO]) -> pn.widgets.FileDownload:
    """Return a button that saves what is made when it is clicked."""
    return pn.widgets.FileDownload(callback=content, filename=name, label=label, embed=False, auto=True, width=170)


def paper_figure(name: str, draw: Callable[[], Any], label: str = "Paper figure") -> pn.FlexBox:
    """Return buttons that save the figure for papers, which is drawn when one is clicked."""

    def saved(file_format: str) -> BytesIO:
        content = BytesIO()
        draw().savefig(content, format=file_format, dpi=PRINT_DPI)
        content.seek(0)
        return content

    return pn.FlexBox(
        download(f"{name}.pdf", f"{label} (PDF)", lambda: saved("pdf")),
        download(f"{name}.png", f"{label} (PNG)", lambda: saved("png")),
    )


def listed(lines: Sequence[str]) -> pn.pane.HTML:
    """Return short sentences below each other, such as what holds of a sample."""
    items = "".join(f"<li>{escape(' '.join(line.split()))}</li>" for line in lines)
    return pn.pane.HTML(f"<ul>{items}</ul>", sizing_mode="stretch_width", margin=(0, 5))
