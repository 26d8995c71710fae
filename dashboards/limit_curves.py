# mypy: allow-untyped-calls
"""The curves of the page of limits: which columns of which product they are, and how they are drawn."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from bokeh.models.glyphs import Line, Scatter
from numpy.typing import ArrayLike, NDArray

from core.dark_matter.processes import process_of
from dashboards import plots
from dashboards.view import View

Reals = NDArray[np.float64]
BY_TRIALS = "atmospheric_trials"
COUNTS = {"none": ("counts, dwarfs alone", plots.PURPLE), "nfw": ("counts, dwarfs and NFW halo", plots.ORANGE)}


@dataclass(frozen=True)
class Curve:
    """A curve against mass (GeV): its name in the plot, its words, values with errors (NaN where none), and remarks."""

    name: str
    label: str
    mass: ArrayLike
    value: ArrayLike
    colour: str
    dash: str = "solid"
    shown: bool = True
    error: ArrayLike | None = None
    note: str | Sequence[str] = ""
    dots: bool = False
    marker: str = "circle"


@dataclass
class Drawing:
    """A plot of limits while it is drawn, with what its legend is to name."""

    plot: Any
    label: str
    entries: list[tuple[str, str, list[Any]]] = field(default_factory=list)

    def line(self, curve: Curve) -> None:
        """Draw a curve, with its values where a person points; nothing of a curve without a value."""
        value = _above_zero(curve.value)
        if not np.isfinite(value).any():
            return
        error = np.full(value.size, np.nan) if curve.error is None else np.asarray(curve.error, dtype=np.float64)
        notes = [curve.note] * value.size if isinstance(curve.note, str) else list(curve.note)
        said = [f"{v:.3g}" + (f" ± {e:.2g}" if np.isfinite(e) else "") for v, e in zip(value, error, strict=True)]
        source = plots.source(
            curve.name,
            mass=curve.mass,
            value=value,
            error=error,
            said=said,
            note=notes,
            label=[curve.label] * value.size,
        )
        line = Line(x="mass", y="value", line_color=curve.colour, line_width=2, line_dash=curve.dash)
        dots = Scatter(
            x="mass",
            y="value",
            marker=curve.marker,
            size=8 if curve.dots else 5,
            line_color=curve.colour,
            fill_color=curve.colour,
        )
        # Glyphs as they are: `plot.line` and `plot.scatter` make more of each, for selections that there are none of.
        drawn, pointed = (self.plot.add_glyph(source, glyph, visible=curve.shown) for glyph in (line, dots))
        tips = {"curve": "@label", "mass [GeV]": "@mass{0.##}", self.label: "@said"}
        plots.hover(self.plot, [pointed], tips | ({"note": "@note"} if any(notes) else {}))
        self.entries.append((curve.label, curve.colour, [drawn, pointed]))

    def area(self, name: str, label: str, mass: Reals, low: Reals, high: Reals, colour: str, shown: bool) -> None:
        """Fill between two curves where both have a value."""
        known = np.isfinite(low) & np.isfinite(high)
        if not known.any():
            return
        source = plots.source(name, mass=mass[known], low=low[known], high=high[known])
        drawn: list[Any] = [
            self.plot.varea("mass", "low", "high", source=source, color=colour, alpha=0.3, visible=shown)
        ]
        if known.sum() == 1:
            drawn.append(
                self.plot.segment(
                    "mass", "low", "mass", "high", source=source, color=colour, alpha=0.5, line_width=14, visible=shown
                )
            )
        self.entries.append((label, colour, drawn))

    def ring(self, mass: float, value: float, label: str) -> None:
        """Point out one place."""
        ring = self.plot.scatter([mass], [value], size=18, fill_alpha=0, line_width=2.5, line_color=plots.ORANGE)
        self.entries.append((label, plots.ORANGE, [ring]))


def strengths(table: pa.Table, pattern: str) -> Reals:
    """Return ⟨σv⟩ (cm³ s⁻¹), or of decay lifetimes (s), in the column that a pattern names; NaN where there is none."""
    process = process_of(table)
    column = pattern.format(process.strength)
    if column not in table.column_names:
        return np.full(table.num_rows, np.nan)
    values = _above_zero(table[column].cast(pa.float64()).to_numpy(zero_copy_only=False))
    return np.asarray(1.0 / values if process.is_decay else values)


def band(
    drawing: Drawing, rows: pa.Table, name: str, low: str, high: str, colour: str, label: str, shown: bool = True
) -> None:
    """Fill the band of a channel's sensitivities between two of its edges."""
    edges = [strengths(rows, f"{{}}_{name}_{end}") for end in (low, high)]
    mass = np.asarray(rows["mass"].to_numpy(), dtype=np.float64)
    drawing.area(f"{name}-{low}-{high}", label, mass, edges[0], edges[1], colour, shown)


def curves_of(ours: pa.Table, view: View) -> Iterator[Curve]:
    """Yield our own curves of one channel: sensitivity, CL_s, discovery, observed limits, limits from counts."""
    mass = ours["mass"].to_numpy()
    marks = ours["limitation"].to_pylist() if "limitation" in ours.column_names else [""] * ours.num_rows
    values = strengths(ours, "{}_sensitivity")
    error = values * _relative_error(ours)
    yield Curve(
        "sensitivity",
        "sensitivity, 90 % CL",
        mass,
        values,
        plots.BLUE,
        error=error,
        note=[m or "" for m in marks],
        dots=True,
    )
    median = strengths(ours, "{}_cls_median")
    yield Curve("cls-median", "CL_s, median", mass, median, plots.GREEN, "dashed", shown=False)
    if (found := _of_channel(view, "discovery_potential")) is not None:
        for level, dash in (("3sigma", "dashed"), ("5sigma", "dotted")):
            values = strengths(found, f"{{}}_discovery_{level}")
            label = f"discovery potential, {level[0]}σ"
            yield Curve(f"discovery-{level}", label, found["mass"].to_numpy(), values, plots.ORANGE, dash, shown=False)
    if (found := _of_channel(view, "upper_limit")) is not None:
        yield from _observed(found)
    if (found := _of_channel(view, "counts_limit")) is not None:
        for profile, (label, colour) in COUNTS.items():
            rows = found.filter(pc.and_(pc.equal(found["method"], BY_TRIALS), pc.equal(found["profile"], profile)))
            values = strengths(rows, "{}_upper_limit")
            yield Curve(
                f"counts-{profile}", f"observed limit: {label}", rows["mass"].to_numpy(), values, colour, dots=True
            )
    if (found := _of_channel(view, "halo")) is not None:
        rows = found.filter(pc.equal(found["profile"], "nfw"))
        values = strengths(rows, "{}_sensitivity_asimov_same_cross_section")
        label = "expected with the NFW halo at the same strength"
        yield Curve("halo-nfw", label, rows["mass"].to_numpy(), values, plots.ORANGE, "dashed")


def _of_channel(view: View, stage: str) -> pa.Table | None:
    """Return the products of a stage of the channel, and of the seed that is looked at where they have seeds."""
    keys: dict[str, Any] = {"channel": view.address.channel}
    if view.address.seed is not None and any("seed" in item.keys for item in view.snapshot.of(stage)):
        keys["seed"] = view.address.seed
    return view.table(stage, **keys)


def _observed(found: pa.Table) -> Iterator[Curve]:
    """Yield the upper limits of an opened sky: by trials, CL_s, Feldman–Cousins; one confidence level after another."""
    kinds = {"": ("by trials", "solid"), "_cls": ("CL_s", "dashed"), "_feldman_cousins": ("Feldman–Cousins", "dotted")}
    for level in sorted(set(found["confidence_level"].to_pylist())):
        rows = found.filter(pc.equal(found["confidence_level"], level)).sort_by("mass")
        skies = [f"sky: {sky}" for sky in rows["sky"].to_pylist()] if "sky" in rows.column_names else ""
        for end, (word, dash) in kinds.items():
            label = f"observed limit, {100 * level:g} % {word}"
            values = strengths(rows, f"{{}}_upper_limit{end}")
            yield Curve(
                f"observed{end}-{level:g}",
                label,
                rows["mass"].to_numpy(),
                values,
                plots.RED,
                dash,
                note=skies,
                dots=not end,
            )


def _relative_error(table: pa.Table) -> Reals:
    """Return the relative error of the sensitivities: of a lifetime it is that of its rate."""
    strength = process_of(table).strength
    if f"{strength}_sensitivity_error" not in table.column_names:
        return np.full(table.num_rows, np.nan)
    value, error = (
        table[f"{strength}_sensitivity{end}"].cast(pa.float64()).to_numpy(zero_copy_only=False)
        for end in ("", "_error")
    )
    return np.asarray(error / value, dtype=np.float64)


def _above_zero(values: ArrayLike) -> Reals:
    array = np.asarray(values, dtype=np.float64)
    return np.where(array > 0.0, array, np.nan)
