# mypy: allow-untyped-calls
"""The page of events: what was measured beside what was expected, the selection, and the livetime."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.products.recipe import ProductKey
from dashboards import plots
from dashboards.event_samples import event_plots
from dashboards.panes import heading, listed, recipe_of, table_pane, words
from dashboards.sky_plots import sky_plot
from dashboards.view import View
from dashboards.what_holds import caveats_of

SECONDS_A_DAY = 86400.0
NSIDE = 8
VARIABLES = {"reco_energy": "reconstructed energy [GeV]", "reco_cos_zenith": "cosine of the reconstructed zenith"}
PER_KEY = {
    "event_summary": "Events and livetime by season",
    "cut_flow": "Cuts",
    "atmospheric_fit": "The fit of the atmosphere",
}


def content(view: View) -> Sequence[Any]:
    """Return counts against energy and zenith, the blind sky, and tables of what was read, cut and fitted."""
    counts = view.table("atmospheric_expectation") or view.table("event_counts")
    if counts is None and view.table("event_summary") is None:
        view.lacks("event_counts")
    parts: list[Any] = []
    if counts is not None:
        stage = "atmospheric_expectation" if view.snapshot.of("atmospheric_expectation") else "event_counts"
        for variable in VARIABLES:
            parts += [
                heading(f"Events against {VARIABLES[variable].partition(' [')[0]}"),
                *_histogram(counts, variable),
            ]
        if "n_expected" in counts.column_names:
            parts.append(words("Crosses: expected of the atmosphere, fitted to these counts."))
        parts += [heading("Every bin"), table_pane(counts, "event-counts", recipe_of(view, ProductKey(stage)))]
    if view.snapshot.of("events", kind="data"):
        parts += _blind_sky(view)
    parts += event_plots(view)
    if (runs := view.table("good_runs")) is not None:
        parts += _livetime(runs)
    for stage, said in PER_KEY.items():
        if (table := view.table(stage)) is not None:
            parts += [
                heading(said),
                table_pane(table, stage.replace("_", "-"), recipe_of(view, *view.snapshot.of(stage))),
            ]
    return [*parts, listed(caveats_of(view))]


def _histogram(counts: pa.Table, variable: str) -> Sequence[Any]:
    """Return counts against one variable, summed over the other, an event class a colour."""
    made = plots.plot(f"events-{variable}", VARIABLES[variable], "events", x_log=variable == "reco_energy", height=340)
    kinds = [kind for kind in ("n_events", "n_expected") if kind in counts.column_names]
    sums = counts.group_by(["event_class", f"{variable}_low", f"{variable}_high"]).aggregate(
        [(kind, "sum") for kind in kinds]
    )
    entries = []
    for event_class, colour in zip(sorted(set(counts["event_class"].to_pylist())), plots.COLOURS, strict=False):
        rows = sums.filter(pc.equal(sums["event_class"], event_class)).sort_by(f"{variable}_low")
        low, high, measured = (
            rows[column].to_numpy() for column in (f"{variable}_low", f"{variable}_high", "n_events_sum")
        )
        middle = np.sqrt(low * high) if variable == "reco_energy" else (low + high) / 2
        expected = rows["n_expected_sum"].to_numpy() if "n_expected" in kinds else np.full(low.size, np.nan)
        held = plots.source(
            f"{variable}-{event_class}", left=low, right=high, middle=middle, n=measured, expected=expected
        )
        drawn = [
            made.quad("left", "right", "n", 0, source=held, color=colour, fill_alpha=0.2),
            made.scatter("middle", "expected", source=held, color=colour, marker="x", size=10, line_width=2),
        ]
        plots.hover(
            made,
            drawn[:1],
            {"bin": "@left{0.00} to @right{0.00}", "measured": "@n{0,0}", "expected": "@expected{0,0.0}"},
        )
        entries.append((str(event_class), colour, drawn))
    return [plots.pane(made), plots.legend(entries)]


def _blind_sky(view: View) -> Sequence[Any]:
    import healpy

    events = view.store.scan_products(view.snapshot.of("events", kind="data")).to_table(columns=["reco_ra", "reco_dec"])
    ra, dec = (events[name].to_numpy() for name in ("reco_ra", "reco_dec"))
    pixels = healpy.ang2pix(NSIDE, np.rad2deg(ra), np.rad2deg(dec), lonlat=True)
    seen = np.bincount(pixels, minlength=healpy.nside2npix(NSIDE)).astype(np.float64)
    return [
        heading("The sky, blind: right ascensions are scrambled"),
        plots.pane(sky_plot("blind-sky", seen, "events per pixel")),
    ]


def _livetime(runs: pa.Table) -> Sequence[Any]:
    sums = runs.group_by("season").aggregate([("livetime", "sum"), ("run", "count")]).sort_by("season")
    seasons, days = sums["season"].to_pylist(), sums["livetime_sum"].to_numpy() / SECONDS_A_DAY
    made = plots.plot("livetime", "season", "livetime [days]", height=300, x_range=seasons)
    bars = made.vbar(
        "season",
        0.7,
        "days",
        source=plots.source("livetime", season=seasons, days=days, runs=sums["run_count"].to_numpy()),
        color=plots.BLUE,
    )
    plots.hover(made, [bars], {"season": "@season", "livetime [days]": "@days{0.0}", "good runs": "@runs"})
    return [heading("Livetime"), plots.pane(made)]
