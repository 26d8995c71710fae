# mypy: allow-untyped-calls
"""The page of limits: sensitivities, bands and observed limits against mass, beside what others have published."""

from collections.abc import Sequence
from io import StringIO
from typing import Any

import panel as pn
import pyarrow as pa

from core.dark_matter.processes import process_of
from core.errors import DwarfnuError
from core.published.limits import THERMAL_RELIC, THERMAL_RELIC_REFERENCE, imported_limits, published_limits
from dashboards import plots
from dashboards.limit_curves import Curve, Drawing, band, curves_of, strengths
from dashboards.panes import download, heading, listed, notice, paper_figure, recipe_of, table_pane, words
from dashboards.view import View
from dashboards.what_holds import caveats_of
from dashboards.what_if import supposable, supposed
from dashboards.what_if_panel import WhatIfPanel

SHOWN_COLUMNS = (
    "channel mass {}_sensitivity {}_sensitivity_error {}_band_lo68 {}_band_hi68 {}_band_hi95 lifetime_sensitivity "
    "n_s_sensitivity n_s_sensitivity_error flux_sensitivity n_background_trials statistic background hypothesis "
    "limitation"
)


def content(view: View) -> Sequence[Any]:
    """Return the plot of the chosen channel, what holds of it, the table of all pairs, and the figures for papers."""
    if (sensitivity := view.table("sensitivity", **_of_seed(view))) is None:
        view.lacks("sensitivity")
    strength = process_of(sensitivity).strength
    shown = [name for name in SHOWN_COLUMNS.format(*[strength] * 5).split() if name in sensitivity.column_names]
    table = sensitivity.select(shown)
    recipe = recipe_of(view, *view.snapshot.of("sensitivity", **_of_seed(view)))
    rows = table.select(["channel", "mass"]).to_pylist()
    drawing = limits_drawing(view, sensitivity)
    supposed_of = _what_if(view, _rows(sensitivity, view), drawing)

    def to_pair(row: int) -> None:
        what_if = supposed_of.supposition.text if isinstance(supposed_of, WhatIfPanel) else None
        view.go(view.address.at(**rows[row], what_if=what_if))

    return [
        plots.pane(drawing.plot),
        plots.legend(drawing.entries),
        words("A click on a name switches its curve on or off; point at a curve for its numbers and its paper."),
        supposed_of.pane if isinstance(supposed_of, WhatIfPanel) else supposed_of,
        listed(caveats_of(view, sensitivity)),
        heading("Every pair of channel and mass"),
        table_pane(table, "sensitivity", recipe, 560, to_pair),
        download(
            "sensitivity.tex",
            "Table (LaTeX)",
            lambda: StringIO(str(table.to_pandas().to_latex(index=False, escape=True))),
        ),
        *_paper(view, sensitivity),
    ]


def _of_seed(view: View) -> dict[str, Any]:
    return {} if view.address.seed is None else {"seed": view.address.seed}


def _what_if(view: View, ours: pa.Table, drawing: Drawing) -> WhatIfPanel | pn.pane.HTML:
    """Return the panel of what if, its curve drawn; in words why there is none."""
    supposition = supposed(view.address.what_if)
    try:
        stored = supposable(view)
        if stored is None:
            return words("What if: other galaxies, J factors, livetime need the stage source_information.")
        panel = WhatIfPanel(view, ours, stored, supposition)
    except DwarfnuError as error:
        return notice(f"What if cannot be asked: {error}", kind="warning")
    panel.draw(drawing)
    return panel


def limits_drawing(view: View, sensitivity: pa.Table) -> Drawing:
    """Return the plot: of annihilation ⟨σv⟩ in cm³ s⁻¹, of decay the lifetime in s, against the mass in GeV."""
    decays = process_of(sensitivity).is_decay
    label = "lifetime τ [s]" if decays else "⟨σv⟩ [cm³ s⁻¹]"
    made = plots.plot(
        f"limits-{view.address.channel}", "dark matter mass [GeV]", label, x_log=True, y_log=True, height=560
    )
    made.y_range.only_visible = True
    drawing = Drawing(made, label)
    ours = _rows(sensitivity, view)
    band(drawing, ours, "band", "hi68", "hi95", plots.SKY, "95 % of skies: upper edge; below, no edge")
    band(drawing, ours, "band", "lo68", "hi68", plots.BLUE, "68 % of skies")
    band(drawing, ours, "cls_band", "lo68", "hi68", plots.GREEN, "CL_s, 68 % of skies", shown=False)
    for curve in curves_of(ours, view):
        drawing.line(curve)
    if not decays:
        masses, sigma_v = zip(*THERMAL_RELIC, strict=True)
        drawing.line(
            Curve("relic", "thermal relic", masses, sigma_v, plots.GREY, "dotted", note=THERMAL_RELIC_REFERENCE)
        )
        _comparisons(view, drawing)
    if view.address.mass is not None and view.address.mass in ours["mass"].to_pylist():
        at = ours["mass"].to_pylist().index(view.address.mass)
        place = strengths(ours, "{}_sensitivity")[at]
        drawing.ring(view.address.mass, place, "the pair chosen")
    return drawing


def _rows(table: pa.Table, view: View) -> pa.Table:
    import pyarrow.compute as pc

    return table.filter(pc.equal(table["channel"], view.address.channel)).sort_by("mass")


def _comparisons(view: View, drawing: Drawing) -> None:
    """Draw the limits of others on the channel, each to be switched off."""
    others = published_limits()
    if (imported := view.table("comparison")) is not None:
        others = (*others, *imported_limits(imported))
    looks = (("circle", "dashed"), ("square", "dotdash"), ("triangle", "dotted"), ("diamond", "dashdot"))
    chosen = [limit for limit in others if limit.channel == view.address.channel]
    for place, limit in enumerate(chosen):
        name = f"{limit.experiment} {limit.year}, {limit.target}, {100 * limit.confidence_level:g} %"
        colour = ("#8A8A8A", "#A58A6B", "#7F95AD")[place % 3]
        marker, dash = looks[place % 4]
        note = f"{limit.reference} {limit.note}".strip()
        drawing.line(Curve(f"other-{place}", name, limit.mass, limit.sigma_v, colour, dash, note=note, marker=marker))


def _paper(view: View, sensitivity: pa.Table) -> Sequence[Any]:
    """Return buttons for the figures as they go into papers."""

    def beside() -> dict[str, Any]:
        return {name: view.table(name) for name in ("halo", "robustness")}

    def one_channel() -> Any:
        from core.figures.limits import channel_limits_figure

        others = () if process_of(sensitivity).is_decay else published_limits()
        return channel_limits_figure(
            sensitivity, str(view.address.channel), others, caveats_of(view, sensitivity), **beside()
        )

    def all_channels() -> Any:
        from core.figures.limits import limits_figure

        others = () if process_of(sensitivity).is_decay else published_limits()
        return limits_figure(sensitivity, others, caveats_of(view, sensitivity), **beside())

    return [
        heading("This channel, and all channels, as they go into papers"),
        paper_figure(f"limits-{view.address.channel}", one_channel, "This channel"),
        paper_figure("limits", all_channels, "All channels"),
    ]
