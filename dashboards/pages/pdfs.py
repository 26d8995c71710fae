# mypy: allow-untyped-calls
"""The page of densities: signal, background and their ratio on the sky, in energy, and about each source."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.errors import DwarfnuError
from core.products.recipe import ProductKey
from dashboards import plots
from dashboards.panes import heading, listed, paper_figure, recipe_of, table_pane, words
from dashboards.sky_plots import on_pixels, sky_plot
from dashboards.view import View
from dashboards.what_holds import caveats_of, sample_of

SCALARS = ["n_events", "n_s_uncertainty", "fisher_information", "fisher_information_loss"]
N_SOURCES_SHOWN = 6


def content(view: View) -> Sequence[Any]:
    """Return the densities of one sky, or those about each source of the published statistic."""
    if not view.has(view.of_pair("signal_pdf")) and view.has(view.of_pair("source_signal_pdf")):
        return _by_source(view)
    products = [ProductKey("sources"), view.of_pair("signal_pdf"), view.of_pair("ratio_cells")]
    sources, signal_pdf, cells = view.need(*products)
    name, recipe = f"pdf-{view.pair_name}", recipe_of(view, *products)
    signal, background = (on_pixels(signal_pdf, f"{kind}_probability") for kind in ("signal", "background"))
    average = on_pixels(signal_pdf, "signal_average_probability")
    ratio = 1.0 + np.divide(signal - average, background, out=np.zeros_like(signal), where=background > 0)
    scalars = cells.select([column for column in SCALARS if column in cells.column_names]).slice(0, 1)
    return [
        heading("Signal S on the sky"),
        plots.pane(sky_plot(f"sky-signal-{view.pair_name}", signal, "S [sr⁻¹]", sources, is_log=True)),
        heading("Ratio R = 1 + (S − S̃)/B on the sky, all energies and classes together"),
        plots.pane(sky_plot(f"sky-ratio-{view.pair_name}", ratio, "R", sources)),
        words("S̃: the signal's average over right ascension, which a background from data contains. Rings: galaxies."),
        heading("Background B on the sky"),
        plots.pane(sky_plot(f"sky-background-{view.pair_name}", background, "B [sr⁻¹]")),
        heading("Against reconstructed energy, by event class"),
        *_energy(signal_pdf, name),
        heading("Cells of the likelihood"),
        *_cells(cells, name),
        heading("The fit of this pair"),
        table_pane(scalars, f"{name}-fit", recipe),
        listed(caveats_of(view)),
        paper_figure(name, lambda: _paper(view, signal_pdf, cells, sources)),
        paper_figure(f"sky-{view.pair_name}", lambda: _paper_sky(view, signal_pdf, sources), "Sky maps"),
    ]


def _energy(signal_pdf: pa.Table, name: str) -> Sequence[Any]:
    """Return S and B summed over the sky, a histogram an event class."""
    keys = ["event_class", "reco_energy_low", "reco_energy_high"]
    kinds = ("signal_probability", "background_probability")
    sums = signal_pdf.group_by(keys).aggregate([(kind, "sum") for kind in kinds]).sort_by("reco_energy_low")
    made = plots.plot(f"{name}-energy", "reconstructed energy [GeV]", "probability per bin", x_log=True)
    entries, colours = [], iter(plots.COLOURS)
    for event_class in sorted(set(sums["event_class"].to_pylist())):
        rows = sums.filter(pc.equal(sums["event_class"], event_class))
        for kind, dash in zip(kinds, ("solid", "dashed"), strict=True):
            values = rows[f"{kind}_sum"].to_numpy()
            low, high = (rows[f"reco_energy_{end}"].to_numpy() for end in ("low", "high"))
            word = kind.removesuffix("_probability")
            held = plots.source(
                f"energy-{event_class}-{word}", left=low, right=high, top=values, middle=np.sqrt(low * high)
            )
            colour = next(colours)
            drawn = [
                made.segment("left", "top", "right", "top", source=held, color=colour, line_width=3, line_dash=dash),
                made.scatter("middle", "top", source=held, color=colour, size=6),
            ]
            plots.hover(made, drawn[1:], {"energy [GeV]": "@left{0.0} to @right{0.0}", word: "@top{0.0000}"})
            entries.append((f"{word}, {event_class}", colour, drawn))
    return [plots.pane(made), plots.legend(entries)]


def _cells(cells: pa.Table, name: str) -> Sequence[Any]:
    """Return what a fit sees: the probability of each cell against its ratio."""
    made = plots.plot(f"{name}-cells", "ratio R of the cell", "probability of the cell", y_log=True)
    entries = []
    for kind, colour in (("background", plots.BLUE), ("signal", plots.ORANGE)):
        values = cells[f"{kind}_probability"].to_numpy()
        held = plots.source(f"cells-{kind}", ratio=cells["ratio"].to_numpy(), p=np.where(values > 0, values, np.nan))
        drawn = made.scatter("ratio", "p", source=held, color=colour, size=5, alpha=0.8)
        plots.hover(made, [drawn], {"R": "@ratio{0.000}", kind: "@p"})
        entries.append((kind, colour, [drawn]))
    return [plots.pane(made), plots.legend(entries)]


def _by_source(view: View) -> Sequence[Any]:
    """Return signal and background against the angle to the brightest galaxies."""
    products = [ProductKey("sources"), view.of_pair("source_background_pdf"), view.of_pair("source_signal_pdf")]
    sources, background, signal = view.need(*products)
    name = f"pdf-{view.pair_name}"
    order = sources.sort_by([(f"log10_{_factor(sources)}", "descending")])["source"].to_pylist()[:N_SOURCES_SHOWN]
    density = plots.plot(name, "angle between event and source [deg]", "probability per bin", y_log=True)
    ratio = plots.plot(f"{name}-ratio", "angle between event and source [deg]", "R = signal/background", y_log=True)
    entries = []
    for source, colour in zip(order, plots.COLOURS, strict=False):
        drawn = []
        columns: dict[str, Any] = {}
        for kind, table, dash in (("signal", signal, "solid"), ("background", background, "dotted")):
            rows = table.filter(pc.equal(table["source"], source)).sort_by("angle_low")
            angle = np.rad2deg((rows["angle_low"].to_numpy() + rows["angle_high"].to_numpy()) / 2)
            values = rows[f"{kind}_probability"].to_numpy()
            columns[kind], columns["angle"] = values, angle
            held = plots.source(
                f"{kind}-{source}", angle=angle, p=np.where(values > 0, values, np.nan), source=[source] * angle.size
            )
            drawn.append(density.line("angle", "p", source=held, color=colour, line_dash=dash, line_width=2))
            plots.hover(density, drawn[-1:], {"source": "@source", "angle": "@angle{0.0}°", kind: "@p"})
        if columns["signal"].size == columns["background"].size:
            seen = (columns["background"] > 0) & (columns["signal"] > 0)
            held = plots.source(
                f"ratio-{source}",
                angle=columns["angle"][seen],
                ratio=columns["signal"][seen] / columns["background"][seen],
                source=[source] * int(seen.sum()),
            )
            drawn.append(ratio.line("angle", "ratio", source=held, color=colour, line_width=2))
            plots.hover(ratio, drawn[-1:], {"source": "@source", "angle": "@angle{0.0}°", "R": "@ratio{0.000}"})
        entries.append((source, colour, drawn))
    return [
        heading("Signal (lines) and background (dotted) about the brightest galaxies"),
        plots.pane(density),
        plots.legend(entries),
        heading("What a fit sees"),
        plots.pane(ratio),
        listed(caveats_of(view)),
        paper_figure(name, lambda: _paper_by_source(view, background, signal, sources)),
    ]


def _factor(sources: pa.Table) -> str:
    return (
        "d_factor"
        if "log10_d_factor" in sources.column_names and "log10_j_factor" not in sources.column_names
        else "j_factor"
    )


def _paper(view: View, signal_pdf: pa.Table, cells: pa.Table, sources: pa.Table) -> Any:
    from core.figures import style
    from core.figures.pdf import pdf_figure

    return pdf_figure(signal_pdf, cells, sources, style.SAMPLE_CAVEATS[sample_of(view)])


def _paper_sky(view: View, signal_pdf: pa.Table, sources: pa.Table) -> Any:
    from core.figures import style
    from core.figures.sky_maps import sky_maps_figure

    try:
        row = view.store.read_product(view.of_seed("sensitivity"), ["background"])
        background = "known" if row["background"][0].as_py() == "known" else "data"
    except DwarfnuError:
        background = "data"
    return sky_maps_figure(signal_pdf, sources, background, caveats=style.SAMPLE_CAVEATS[sample_of(view)])  # type: ignore[arg-type]


def _paper_by_source(view: View, background: pa.Table, signal: pa.Table, sources: pa.Table) -> Any:
    from core.figures import style
    from core.figures.source_pdf import source_pdf_figure

    return source_pdf_figure(
        background, signal, sources, style.SAMPLE_CAVEATS[sample_of(view)] + style.J_WEIGHTED_CAVEATS
    )
