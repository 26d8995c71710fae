# mypy: allow-untyped-calls
"""The page of spectra: neutrinos of one annihilation or decay, where it happens and at Earth, by flavour."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from bokeh.models.annotations import Span
from numpy.typing import NDArray

from core.errors import PhysicsError
from core.products.recipe import ProductKey
from core.spectra.annihilation import annihilation_spectrum
from core.spectra.shipped import SHIPPED_SPECTRA
from core.stages.given_files import file_digest
from dashboards import plots
from dashboards.panes import heading, recipe_of, table_pane, words
from dashboards.view import View

FLAVOURS = {"nue": "ν_e", "numu": "ν_μ", "nutau": "ν_τ"}
LEAST_SHARE = 1e-3
Reals = NDArray[np.float64]
COLOURS = {"nue": plots.BLUE, "numu": plots.ORANGE, "nutau": plots.GREEN}


def content(view: View) -> Sequence[Any]:
    """Return the spectra of neutrinos made and arriving, their lines, and how many there are of each flavour."""
    product = view.of_pair("spectra")
    (spectra,) = view.need(product)
    name, recipe = f"spectra-{view.pair_name}", recipe_of(view, product)
    lines = spectra.filter(spectra["is_line"]).select(["flavour", "energy", "line_weight_production", "line_weight"])
    parts = [
        heading("Neutrinos where dark matter annihilates or decays (dashed) and at Earth (lines)"),
        *_plot(spectra, name),
        words("Drawn are neutrinos; antineutrinos are counted in the table. Lines have a table of their own."),
        *_beside_shipped(view, spectra, product),
        heading("Neutrinos for each annihilation or decay"),
        table_pane(totals(spectra), f"{name}-totals", recipe),
    ]
    if lines.num_rows:
        parts += [heading("Lines"), table_pane(lines, f"{name}-lines", recipe)]
    return parts


def _plot(spectra: pa.Table, name: str) -> Sequence[Any]:
    made = plots.plot(name, "neutrino energy E [GeV]", "E dN/dE", x_log=True, y_log=True, height=500)
    entries, highest = [], 0.0
    for flavour, label in FLAVOURS.items():
        rows = _continuous(spectra, flavour)
        energy = rows["energy"].to_numpy()
        for column, dash, word in (("dn_de_production", "dashed", "made"), ("dn_de", "solid", "at Earth")):
            values = energy * rows[column].to_numpy()
            highest = max(highest, float(values.max(initial=0.0)))
            held = plots.source(f"{word}-{flavour}", energy=energy, value=np.where(values > 0, values, np.nan))
            drawn = made.line("energy", "value", source=held, color=COLOURS[flavour], line_dash=dash, line_width=2)
            plots.hover(made, [drawn], {"energy [GeV]": "@energy{0.00}", f"E dN/dE, {label} {word}": "@value{0.0000}"})
            entries.append((f"{label}, {word}", COLOURS[flavour], [drawn]))
    if highest > 0.0:
        made.y_range.start, made.y_range.end = 1e-5 * highest, 3.0 * highest
    return [plots.pane(made), plots.legend(entries)]


def _beside_shipped(view: View, spectra: pa.Table, product: ProductKey) -> Sequence[Any]:
    """Return the ratio to the shipped spectra, of an analysis that uses others."""
    recipe = view.store.metadata(product.stage, **dict[str, Any](product.keys))["recipe"]
    if recipe.get("source_digest") in (None, file_digest(SHIPPED_SPECTRA)):
        return []
    channel, mass = str(view.address.channel), float(recipe["spectrum_mass"])
    made = plots.plot(
        f"spectra-ratio-{view.pair_name}", "neutrino energy E [GeV]", "dN/dE made, over shipped", x_log=True, height=320
    )
    entries = []
    for flavour, label in FLAVOURS.items():
        try:
            energy, ratio = over_shipped(_continuous(spectra, flavour), channel, mass, flavour)
        except PhysicsError as error:
            return [words(f"There is no ratio to the shipped spectra: {error}.")]
        held = plots.source(f"ratio-{flavour}", energy=energy, value=ratio)
        drawn = made.line("energy", "value", source=held, color=COLOURS[flavour], line_width=2)
        plots.hover(made, [drawn], {"energy [GeV]": "@energy{0.00}", f"{label} over shipped": "@value{0.000}"})
        entries.append((label, COLOURS[flavour], [drawn]))
    made.add_layout(Span(location=1.0, dimension="width", line_color=plots.GREY, line_dash="dashed"))
    return [
        heading("Spectra of this analysis over those that are shipped (Pythia 8)"),
        plots.pane(made),
        plots.legend(entries),
        words(f"Drawn where the shipped E dN/dE is more than {LEAST_SHARE:g} of its greatest."),
    ]


def over_shipped(rows: pa.Table, channel: str, mass: float, flavour: Any) -> tuple[Reals, Reals]:
    """Return energies (GeV) and dN/dE at production over that of the shipped table, (n,) each.

    `rows`: those of one flavour of a `spectra` product, in order of energy. `mass` (GeV): of particles that annihilate.
    PhysicsError where the shipped table has no such pair.
    """
    shipped = annihilation_spectrum(channel, mass, flavour)
    energy = rows["energy"].to_numpy()
    own = rows["dn_de_production"].cast(pa.float64()).to_numpy(zero_copy_only=False)
    beside = np.interp(energy, shipped.energy, shipped.dn_de, left=0.0, right=0.0)
    kept = np.isfinite(own) & (energy * beside > LEAST_SHARE * np.max(energy * beside, initial=0.0))
    return energy[kept], own[kept] / beside[kept]


def _continuous(spectra: pa.Table, flavour: str) -> pa.Table:
    is_wanted = pc.and_(pc.equal(spectra["flavour"], flavour), pc.invert(spectra["is_line"]))
    return spectra.filter(is_wanted).sort_by("energy")


def totals(spectra: pa.Table) -> pa.Table:
    """Return how many neutrinos an annihilation or decay gives, made and at Earth, lines counted, by flavour."""
    rows = []
    for flavour in dict.fromkeys(spectra["flavour"].to_pylist()):
        continuous = _continuous(spectra, flavour)
        own = spectra.filter(pc.and_(pc.equal(spectra["flavour"], flavour), spectra["is_line"]))
        energy = continuous["energy"].to_numpy()
        row: dict[str, Any] = {"flavour": flavour}
        for word, end in (("made", "_production"), ("at Earth", "")):
            integral = float(np.trapezoid(continuous[f"dn_de{end}"].to_numpy(), energy))
            row[f"neutrinos, {word}"] = integral + float(pc.sum(own[f"line_weight{end}"]).as_py() or 0.0)
        rows.append(row)
    return pa.Table.from_pylist(rows)
