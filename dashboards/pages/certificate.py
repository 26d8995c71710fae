# mypy: allow-untyped-calls
"""The page of the certificate: whether limits cover, in pseudo-skies whose cross sections are known."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dashboards import plots
from dashboards.panes import heading, notice, paper_figure, recipe_of, table_pane
from dashboards.view import NotThereError, View
from dashboards.what_holds import caveats_of


def content(view: View) -> Sequence[Any]:
    """Return coverage against the true strength for each kind of limit, and every line of the certificate."""
    product = view.of_seed("certificate")
    if not view.has(product):
        pair = f"{view.address.channel}/{view.address.mass:g}"
        raise NotThereError(f"No certificate stands of {pair}.", view.command("certify", "--pair", pair))
    table = view.store.read_product(product)
    failed = [
        reason
        for passed, reason in zip(table["passed"].to_pylist(), table["reason"].to_pylist(), strict=True)
        if passed is False
    ]
    verdict = (
        notice("Passed: every line holds.")
        if not failed
        else notice(f"Failed: {'; '.join(dict.fromkeys(failed))}", kind="danger")
    )
    truth = next(name for name in table.column_names if name.endswith("_true"))
    made = plots.plot(f"coverage-{view.pair_name}", "true strength over the largest one tested", "coverage")
    largest = max(float(np.nanmax(table[truth].to_numpy())), 1e-300)
    entries = []
    for limit, colour in zip(dict.fromkeys(table["limit"].to_pylist()), plots.COLOURS * 2, strict=False):
        rows = table.filter(pc.equal(table["limit"], limit)).sort_by(truth)
        value, error = (rows[name].to_numpy(zero_copy_only=False) for name in ("coverage", "coverage_error"))
        held = plots.source(
            f"coverage-{limit}", x=rows[truth].to_numpy() / largest, y=value, low=value - error, high=value + error,
            error=error, limit=[limit] * rows.num_rows, truth=rows[truth].to_numpy(),
        )  # fmt: skip
        drawn = [
            made.segment("x", "low", "x", "high", source=held, color=colour, line_width=2),
            made.scatter("x", "y", source=held, color=colour, size=8),
        ]
        plots.hover(
            made, drawn[1:], {"limit": "@limit", "true strength": "@truth", "coverage": "@y{0.000} ± @error{0.000}"}
        )
        entries.append((str(limit), colour, drawn))
    return [
        verdict,
        heading("How often each limit lies above the truth"),
        plots.pane(made),
        plots.legend(entries),
        heading("Every line"),
        table_pane(table, f"certificate-{view.pair_name}", recipe_of(view, product), 600),
        paper_figure(f"certificate-{view.pair_name}", lambda: _paper(view, table)),
    ]


def _paper(view: View, table: pa.Table) -> Any:
    from core.figures.certificate import certificate_figure

    return certificate_figure(table, caveats=caveats_of(view))
