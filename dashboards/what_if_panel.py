# mypy: allow-untyped-calls
"""The panel of the page of limits on which a person supposes, and sees the closed form answer at once."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import panel as pn
import pyarrow as pa
from bokeh.models.widgets.tables import NumberFormatter, StringFormatter

from core.dark_matter.processes import process_of
from core.errors import PhysicsError
from core.inference.robustness import asymptotic_sensitivity
from core.products.recipe import ProductKey, path_text
from dashboards import plots
from dashboards.limit_curves import Drawing, strengths
from dashboards.panes import code, notice, words
from dashboards.view import View
from dashboards.what_if import AS_CONFIGURED, Supposable, Supposition, is_factor

ESTIMATE = "what if: an estimate, not run"
WRAPPED = ".bk-input-group.bk-inline { flex-wrap: wrap; gap: 2px 10px; max-width: calc(100% - 24px); }"
CURVE = ("mass", "value", "before", "ratio")
OF_THIS_STATISTIC = "joint"
WITHIN = "J within "  # how `robustness` calls J within another aperture
METHOD = (
    "An estimate until it is run: the sensitivity as stored, times the ratio of the closed forms before and after. "
    "Densities stay as they are, fits are taken as Gaussian."
)
OTHER_METHOD = (
    "An estimate until it is run, and not of the statistic of this analysis: the closed form of one joint fit to "
    "the galaxies alone, with fits taken as Gaussian."
)


class WhatIfPanel:
    """Galaxies to leave out, factors and livetime to change, and what the sensitivity of the channel would be."""

    def __init__(self, view: View, ours: pa.Table, stored: Supposable, supposition: Supposition) -> None:
        self._view, self._ours, self._stored, self.supposition = view, ours, stored, supposition
        self._is_setting = self._is_begun = False
        self._place = int(np.argmin(np.abs(np.log(np.array(stored.masses) / (view.address.mass or 1.0)))))
        self._nominal = stored.shares(self._place, Supposition())
        names = sorted(self._nominal, key=lambda name: -self._nominal[name])
        self._names = [*names, *(name for name in stored.names if name not in self._nominal)]
        self.source = plots.source("what-if", **{name: [] for name in (*CURVE, "said")})
        symbol = "D" if process_of(ours).is_decay else "J"
        # Not a MultiChoice: that draws names as HTML.
        self.searched = pn.widgets.CheckBoxGroup(
            label="Galaxies searched",
            options=self._names,
            inline=True,
            stylesheets=[WRAPPED],
            sizing_mode="stretch_width",
            margin=(0, 10),
        )
        self.variant = pn.widgets.Select(label=f"{symbol} factors", options=[AS_CONFIGURED, *stored.variant_names])
        self.livetime = pn.widgets.FloatInput(
            label="Livetime over that of the analysis", start=0.01, step=0.5, width=190
        )
        self.reset = pn.widgets.Button(label="As in the analysis", align="end")
        self.table = self._table(symbol)
        self.answer = pn.Column(sizing_mode="stretch_width", css_classes=["what-if-answer"])
        self._listen()
        self._set(supposition)
        self._is_begun = True

    @property
    def pane(self) -> pn.Card:
        """The panel, folded unless something is supposed."""
        return pn.Card(
            self.answer,
            pn.FlexBox(self.variant, self.livetime, self.reset, align_items="end"),
            words("Galaxies that are searched, the largest share first:"),
            self.searched,
            words("Or write a factor into the table; 0 leaves the galaxy out."),
            self.table,
            title="What if: other galaxies, J factors, livetime",
            collapsed=self.supposition.text is None,
            sizing_mode="stretch_width",
            css_classes=["what-if"],
        )

    def draw(self, drawing: Drawing) -> None:
        """Draw the curve of what is supposed, from now on whenever it changes."""
        look = {"color": plots.PURPLE, "source": self.source}
        drawn = [drawing.plot.line("mass", "value", line_dash="dashed", line_width=2.5, **look)]
        dots = drawing.plot.scatter("mass", "value", marker="diamond", size=10, **look)
        tips = {"curve": ESTIMATE, "mass [GeV]": "@mass{0.##}", drawing.label: "@said", "over before": "@ratio{0.000}"}
        plots.hover(drawing.plot, [dots], tips)
        drawing.entries.append((ESTIMATE, plots.PURPLE, [*drawn, dots]))

    def _table(self, symbol: str) -> pn.widgets.Tabulator:
        frame = pd.DataFrame({"source": self._names, "factor": 1.0, "before": np.nan, "share": np.nan})
        percent = NumberFormatter(format="0.0 %", nan_format="–")
        return pn.widgets.Tabulator(
            frame,
            titles={"factor": f"{symbol} times", "before": "share as it is", "share": "share what if"},
            editors={
                "source": None,
                "before": None,
                "share": None,
                "factor": {"type": "number", "min": 0, "selectContents": True},
            },
            formatters={
                "source": StringFormatter(),
                "factor": NumberFormatter(format="0.[000]"),
                "before": percent,
                "share": percent,
            },
            header_tooltips={"share": "of the information on the strength; all sum to 1"},
            show_index=False,
            sortable=False,
            height=min(420, 60 + 30 * len(frame)),
            layout="fit_data_stretch",
            sizing_mode="stretch_width",
            css_classes=["table-what-if"],
        )

    def _listen(self) -> None:
        self.searched.param.watch(lambda event: self._choose(self._searching(event.new)), "value")
        self.variant.param.watch(lambda event: self._choose(replace(self.supposition, variant=event.new)), "value")
        self.livetime.param.watch(
            lambda event: self._choose(replace(self.supposition, livetime=event.new or 1.0)), "value"
        )
        self.reset.on_click(lambda _: self._choose(Supposition()))
        self.table.on_edit(lambda event: self._edit(int(event.row), event.value))

    def _searching(self, names: list[str]) -> Supposition:
        kept = {name: factor for name, factor in self.supposition.factors.items() if factor != 0.0}
        return replace(self.supposition, factors=kept | {name: 0.0 for name in self._names if name not in names})

    def _edit(self, row: int, value: Any) -> None:
        factor = float(value) if is_factor(value) else self.supposition.factors.get(self._names[row], 1.0)
        self._choose(
            replace(self.supposition, factors={**self.supposition.factors, self._names[row]: factor}),
        )

    def _choose(self, supposition: Supposition) -> None:
        """Take what a person chose, and let it be the page's address."""
        if not self._is_setting:
            self._set(supposition)
            self._view.keep(replace(self._view.address, what_if=supposition.text))

    def _set(self, supposition: Supposition) -> None:
        """Show what is supposed in every widget, and its answer."""
        self._is_setting, self.supposition = True, supposition
        try:
            factors = [supposition.factors.get(name, 1.0) for name in self._names]
            self.searched.value = [name for name, factor in zip(self._names, factors, strict=True) if factor != 0.0]
            self.variant.value, self.livetime.value = supposition.variant, supposition.livetime
            self._answer(factors)
        finally:
            self._is_setting = False

    def _answer(self, factors: list[float]) -> None:
        try:
            shares = self._stored.shares(self._place, self.supposition)
            columns, parts = self._curve(), []
        except PhysicsError as error:
            shares, parts = {}, [notice(str(error), kind="warning")]
            columns = {name: [] for name in CURVE}
        changed = self.supposition.text is not None
        shown: dict[str, Any] = columns if changed else {name: [] for name in CURVE}
        self.source.data = {**shown, "said": [f"{value:.3g}" for value in shown["value"]]}
        self.answer.objects = parts or (self._words(columns) if changed else [words(self._at_rest())])
        self._fill({"factor": factors, **self._shares(shares)})

    def _fill(self, columns: Mapping[str, list[float]]) -> None:
        """Put columns into the table; once it is drawn cell by cell, so that it stays where it was scrolled to."""
        if self._is_begun:
            for name, values in columns.items():
                self.table.patch({name: list(enumerate(values))})
        else:
            self.table.value = self.table.value.assign(**columns)

    def _shares(self, shares: Mapping[str, float]) -> dict[str, list[float]]:
        of = {"before": self._nominal, "share": shares}
        return {name: [found.get(source, float("nan")) for source in self._names] for name, found in of.items()}

    def _curve(self) -> dict[str, list[float]]:
        """Return the estimated sensitivities of the channel against mass (GeV); of decay lifetimes (s)."""
        decays = process_of(self._ours).is_decay
        rows = dict(zip(self._ours["mass"].to_pylist(), strengths(self._ours, "{}_sensitivity"), strict=True))
        found: dict[str, list[float]] = {name: [] for name in CURVE}
        for place, mass in enumerate(self._stored.masses):
            ratio, before = self._stored.ratio(place, self.supposition), rows.get(mass, np.nan)
            if not self._is_of_this_statistic:
                strength = asymptotic_sensitivity(self._stored.information[place])
                before = 1.0 / strength if decays else strength
            ratio = 1.0 / ratio if decays else ratio
            for name, value in {"mass": mass, "value": before * ratio, "before": before, "ratio": ratio}.items():
                found[name].append(float(value))
        return found

    @property
    def _is_of_this_statistic(self) -> bool:
        """Whether the analysis' own sensitivity is that of one joint fit to the galaxies, with J factors as given."""
        said = {"statistic": OF_THIS_STATISTIC, "j_uncertainty": "fixed"}
        known = [name for name in said if name in self._ours.column_names]
        return all(set(self._ours[name].to_pylist()) <= {said[name]} for name in known)

    def _words(self, columns: Mapping[str, list[float]]) -> list[Any]:
        before, value, ratio = (columns[name][self._place] for name in ("before", "value", "ratio"))
        what, unit = ("lifetime", "s") if process_of(self._ours).is_decay else ("⟨σv⟩", "cm³ s⁻¹")
        pair = f"{self._view.address.channel}, {path_text(self._stored.masses[self._place])} GeV"
        said = f"{pair}: {what} {before:.3g} → {value:.3g} {unit}, {ratio:.3g} times."
        method = METHOD if self._is_of_this_statistic else OTHER_METHOD
        return [notice(f"{said} {method}"), *self._how_to_run()]

    def _at_rest(self) -> str:
        mass = path_text(self._stored.masses[self._place])
        return (
            f"Shares are those of the information at {mass} GeV. Change something: the curve of what would be is "
            "drawn above, and the address holds it."
        )

    def _how_to_run(self) -> list[Any]:
        """Return the settings that make it, and what no setting makes."""
        product = ProductKey("sources")
        recipe = self._view.store.metadata("sources")["recipe"] if self._view.has(product) else {}
        settings, rest = settings_of(self.supposition, recipe.get("selection", {}))
        found = [code("\n".join(settings))] if settings else []
        found = [words("These settings of the analysis run it:"), *found] if found else []
        return [*found, *([words(f"No setting makes: {'; '.join(rest)}.")] if rest else [])]


def settings_of(supposition: Supposition, selection: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Return the lines of a configuration that make what is supposed, and in words what no line makes.

    `selection`: the settings of sources that the analysis has.
    """
    lines, rest = [], []
    left_out = [name for name, factor in supposition.factors.items() if factor == 0.0]
    if left_out:
        excluded = dict.fromkeys([*selection.get("exclude", ()), *left_out])
        lines.append(f"exclude = {_toml(list(excluded))}")
    if supposition.variant.startswith(WITHIN):
        lines.append(f"j_aperture_deg = {supposition.variant.removeprefix(WITHIN).removesuffix(' deg')}")
    elif supposition.variant != AS_CONFIGURED:
        rest.append(supposition.variant)
    scaled = {name: factor for name, factor in supposition.factors.items() if factor not in (0.0, 1.0)}
    boosts = scaled if selection.get("subhalo_boost", 1.0) == 1.0 else {}
    if boosted := {name: factor for name, factor in boosts.items() if factor > 1.0}:
        pairs = ", ".join(f"{_toml(name)} = {factor!r}" for name, factor in boosted.items())
        lines.append(f"subhalo_boost = {{ {pairs} }}")
    if others := [name for name in scaled if name not in boosted]:
        rest.append(f"other factors of {', '.join(others)} (give a catalogue of your own)")
    if supposition.livetime != 1.0:
        rest.append(f"{supposition.livetime:g} times the livetime")
    return (["[sources]", *lines] if lines else []), rest


def _toml(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
