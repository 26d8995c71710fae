# mypy: allow-untyped-calls
"""The page of the whole: how each stage and pair stands, sensitivities and trials; it fills in while a run works."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
from bokeh.models import ColumnDataSource, TapTool

from core.dark_matter.processes import process_of
from core.products.recipe import State, path_text
from dashboards import plots
from dashboards.panes import heading, listed, notice, table_pane, words
from dashboards.states import NOT_JUDGED, STATE_COLOURS, Standing, counted, judged, unjudged, worst
from dashboards.view import View
from dashboards.what_holds import caveats_of, is_simulated

UNITS = {"sigma_v": "cm³ s⁻¹", "decay_rate": "s⁻¹"}


def content(view: View) -> Sequence[Any]:
    """Return the grid of pairs, the stages with their states, and what is to be done about what is not fresh."""
    judgement = judged(view.library, view.snapshot)
    found = judgement.result() if judgement.done() else unjudged(view.snapshot)
    parts: list[Any] = []
    if is_simulated(view):
        parts.append(notice("Simulated events: drawn from a response, not measured by any detector.", kind="warning"))
    newest = max((mark[0] for mark in view.snapshot.files.values()), default=0.0)
    numbers = counted(found)
    said = ", ".join(f"{number} {state.value}" for state, number in numbers.items() if number)
    said = said if judgement.done() else "being read, to tell which are fresh"
    when = datetime.fromtimestamp(newest, tz=UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    parts.append(words(f"{len(found)} products: {said}. The newest was written at {when}."))
    if view.library.config is None:
        parts.append(
            words(
                "Judged by what each product says of itself; dwarfnu dashboard CONFIG.toml also tells what is missing."
            )
        )
    if numbers[State.FAILED]:
        parts.append(
            notice(
                "Some products failed: the page Shards and provenance tells which, and why.",
                view.command("run", "--only-failed"),
                "danger",
            )
        )
    elif judgement.done() and numbers[State.FRESH] < len(found):
        parts.append(notice("Not all products are fresh.", view.command(), "warning"))
    if view.snapshot.pairs or any("channel" in item.product.keys for item in found):
        parts += [heading("Pairs of channel and mass; a click goes to the limits of a pair"), _grid(view, found)]
        parts.append(words("Colour: the worst state of the pair's products. Text: the sensitivity at 90 % CL."))
    if judgement.done():
        parts += [heading("Stages"), table_pane(stage_table(found), "stages", height=900)]
    return [*parts, listed(caveats_of(view))]


def pair_rows(view: View, found: Sequence[Standing]) -> list[dict[str, Any]]:
    """Return for each pair its worst state, the states by number, its sensitivity, and its trials."""
    by_pair: dict[tuple[str, float], list[Standing]] = {}
    for item in found:
        keys = item.product.keys
        if "channel" in keys and "mass" in keys:
            by_pair.setdefault((str(keys["channel"]), float(keys["mass"])), []).append(item)
    sensitivities = _sensitivities(view)
    rows = []
    for (channel, mass), items in sorted(by_pair.items()):
        states = ", ".join(f"{number} {state.value}" for state, number in counted(items).items() if number)
        value, n_trials = sensitivities.get((channel, mass), ("", 0))
        behind = sorted({f"{item.product.stage} {item.state.value}" for item in items if item.state is not State.FRESH})
        state, is_read = worst(items), all(item.reason != NOT_JUDGED for item in items)
        rows.append(
            {
                "channel": channel, "mass": path_text(mass), "at": mass,
                "state": state.value if is_read else NOT_JUDGED,
                "states": states if is_read else NOT_JUDGED,
                "behind": (", ".join(behind) or "all fresh") if is_read else NOT_JUDGED,
                "sensitivity": value, "trials": n_trials,
                "colour": STATE_COLOURS[state] if is_read else plots.SKY, "text": value.partition(" ")[0],
            }
        )  # fmt: skip
    return rows


def _sensitivities(view: View) -> dict[tuple[str, float], tuple[str, int]]:
    """Return the sensitivity in words and the number of background trials, by pair; of products that can be read.

    They are those of the seed that is looked at.
    """
    found = {}
    of_seed: dict[str, Any] = {} if view.address.seed is None else {"seed": view.address.seed}
    for product in view.snapshot.of("sensitivity", **of_seed):
        try:
            table = view.store.read_product(product)
            strength = process_of(table).strength
            value, n_trials = table[f"{strength}_sensitivity"][0].as_py(), table["n_background_trials"][0].as_py()
        except Exception:  # noqa: BLE001, S112  a torn product shows as failed, its number is not known
            continue
        text = "" if value is None else f"{value:.2e} {UNITS[strength]}"
        found[str(product.keys["channel"]), float(product.keys["mass"])] = (text, int(n_trials or 0))
    return found


def _grid(view: View, found: Sequence[Standing]) -> Any:
    rows = pair_rows(view, found)
    channels = list(dict.fromkeys(row["channel"] for row in rows))
    masses = [path_text(mass) for mass in sorted({row["at"] for row in rows})]
    height = 110 + 52 * len(channels)
    made = plots.plot("pairs", "dark matter mass [GeV]", "", height=height, x_range=masses, y_range=channels[::-1])
    held = ColumnDataSource({name: [row[name] for row in rows] for name in rows[0]}, name="pairs")
    boxes = made.rect("mass", "channel", 0.94, 0.9, source=held, color="colour", alpha=0.75, nonselection_alpha=0.75)
    crowded = len(masses) > 9
    made.text(
        "mass", "channel", "text", source=held, text_align="center", text_baseline="middle", text_color=view.ink,
        text_font_size="10px" if crowded else "13px", angle=1.2 if crowded else 0.0,
    )  # fmt: skip
    tips = {"pair": "@channel, @mass GeV", "products": "@states", "not fresh": "@behind"}
    plots.hover(made, [boxes], tips | {"sensitivity": "@sensitivity", "background trials": "@trials{0,0}"})
    made.add_tools(TapTool(renderers=[boxes]))

    def to_pair(_: str, __: Any, chosen: list[int]) -> None:
        if chosen:
            row = rows[chosen[0]]
            view.go(view.address.at(page="limits", channel=row["channel"], mass=row["at"]))

    held.selected.on_change("indices", to_pair)
    return plots.pane(made)


def stage_table(found: Sequence[Standing]) -> pa.Table:
    """Return one row a stage: how many of its products stand in which state, and why not all are fresh."""
    rows = []
    for stage in dict.fromkeys(item.product.stage for item in found):
        items = [item for item in found if item.product.stage == stage]
        reasons = [item.reason for item in items if item.state is not State.FRESH]
        numbers = {state.value: number for state, number in counted(items).items()}
        rows.append({"stage": stage, "state": worst(items).value, **numbers, "reason": reasons[0] if reasons else ""})
    columns = ["stage", "state", *(state.value for state in STATE_COLOURS), "reason"]
    return pa.table({name: [row[name] for row in rows] for name in columns})
