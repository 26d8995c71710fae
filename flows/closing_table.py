"""The table with which a run ends: what each pair of channel and mass can exclude, and where the files are."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from core.configuration.config import Config
from core.dark_matter.processes import PROCESSES
from core.products.recipe import Recipe, State, path_text
from core.products.store import ProductStore
from core.stages.freshness import Freshness
from core.stages.pairs import refused_pairs
from core.stages.registry import recipes
from core.stages.samples import sample_of
from core.stages.statistics import hypothesis_of, statistic_of
from core.stages.statistics.statistic import DWARFS_ONLY
from flows.doubts import Doubts, fresh_doubts
from flows.given import NOTHING_GIVEN, Given

N_NAMED_SOURCES = 3
# Beside every sensitivity stands what galaxies and a halo of these profiles would exclude at one strength, expected.
HALO_HEADINGS = {"nfw": "and NFW halo, expected", "burkert": "and Burkert halo, expected"}
EXPECTED = "{}_sensitivity_asimov_same_cross_section"
QUANTITIES = {"sigma_v": "⟨σv⟩ sensitivity [cm³ s⁻¹]", "decay_rate": "lifetime sensitivity [s]"}


def print_closing_table(config: Config, store: ProductStore, console: Console, given: Given = NOTHING_GIVEN) -> None:
    """Print the sensitivities (90 % CL) of the analysis that stand, the pairs refused, and where products lie.

    `given`: what the command at the end names, with which to look at them.
    """
    freshness = Freshness(config, store)
    states = [(recipe, freshness.of(recipe)) for recipe in recipes(config, store, "sensitivity")]
    tables, lines = result_tables(config, store, freshness)
    for table in tables[:1]:
        console.print(table)
    for line in lines:
        console.print(line, markup=False)
    for table in tables[1:]:
        console.print(table)
    for recipe, found in states:
        if found.state is not State.FRESH:
            console.print(f"not shown: {recipe} is {found.state}: {found.reason}", markup=False)
    for warning in _warnings(config, store):
        console.print(f"warning: {warning}", style="yellow", markup=False)
    for refusal in refusals(config, store):
        console.print(f"refused: {refusal}", markup=False)
    folder = store.root / store.analysis
    console.print(f"products: {folder}/<stage>/channel=…/mass=…/part-0000.parquet", markup=False)
    of_pairs = f"those of each pair: {given.command('figures')}"
    console.print(f"figures:  {folder / 'figures'} (limits.png first; {of_pairs})", markup=False)
    console.print(f"look:     {given.command('dashboard')}", markup=False)


def result_tables(config: Config, store: ProductStore, freshness: Freshness) -> tuple[list[Table], list[str]]:
    """Return the tables of the sensitivities and of the observed limits that are fresh, and lines of what they hang on.

    Sensitivities come first; either may be missing.
    """
    fresh, halo = (
        [recipe for recipe in recipes(config, store, stage) if freshness.of(recipe).state is State.FRESH]
        for stage in ("sensitivity", "halo")
    )
    tables, lines = [], []
    if fresh:
        doubts = fresh_doubts(config, store, freshness)
        tables, lines = [_sensitivities(config, store, fresh, halo, doubts)], list(doubts.lines())
    limits = _observed_limits(config, store, freshness)
    return (tables if limits is None else [*tables, limits]), lines


def refusals(config: Config, store: ProductStore) -> list[str]:
    """Return which pairs the sample does not serve and why, a line a reason."""
    return [f"{', '.join(pairs)}: {reason}" for reason, pairs in _refusals(config, store).items()]


def title_of_hypothesis(config: Config) -> str:
    """Return what a title says the signal is taken to be."""
    hypothesis = hypothesis_of(config)
    return "dwarf galaxies only (published hypothesis)" if hypothesis == DWARFS_ONLY else hypothesis


def _sensitivities(
    config: Config, store: ProductStore, fresh: list[Recipe], halo: list[Recipe], doubts: Doubts
) -> Table:
    simulated = ", SIMULATED events" if sample_of(config).is_simulated else ""
    statistic = f", {title}" if (title := statistic_of(config).title) else ""
    hypothesis = title_of_hypothesis(config)
    title = f"{config.analysis}: sensitivity at 90 % CL, {hypothesis}, seed {config.seed}{statistic}{simulated}"
    table = Table(title=escape(title))
    quantity = QUANTITIES[PROCESSES[config.process].strength]
    by_pair = {_pair_of(recipe): store.read_product(recipe.product).to_pylist() for recipe in halo}
    beside = (*doubts.headings, *(HALO_HEADINGS.values() if halo else ()))
    headings = ("channel", "mass [GeV]", "n_s sensitivity", "flux [cm⁻² s⁻¹]", quantity, "68 % band", *beside)
    for heading in (*headings, "limitation"):
        table.add_column(escape(heading), justify="left" if heading in ("channel", "limitation") else "right")
    for recipe in fresh:
        row = store.read_product(recipe.product).to_pylist()[0]
        expected = _with_halo(by_pair.get(_pair_of(recipe), [])) if halo else ()
        table.add_row(*_cells(row), *doubts.cells(row), *expected, str(row["limitation"]))
    return table


def _pair_of(recipe: Recipe) -> tuple[Any, Any]:
    return recipe.product.keys["channel"], recipe.product.keys["mass"]


def _with_halo(rows: list[dict[str, Any]]) -> tuple[str, ...]:
    """Return what galaxies and the halo of each profile would exclude at one strength, or lifetime; – where unknown."""
    found = dict.fromkeys(HALO_HEADINGS, "–")
    for row in rows:
        rate, cross_section = (row.get(EXPECTED.format(strength)) for strength in ("decay_rate", "sigma_v"))
        if row["profile"] in found:
            found[row["profile"]] = f"{1.0 / rate:.2e}" if rate else f"{cross_section:.2e}"
    return tuple(found.values())


def _observed_limits(config: Config, store: ProductStore, freshness: Freshness) -> Table | None:
    """Return the observed upper limits by trials from the measured counts, a row a pair; None where none stand."""
    wanted = recipes(config, store, "counts_limit")
    fresh = [recipe.product for recipe in wanted if freshness.of(recipe).state is State.FRESH]
    if not fresh:
        return None
    process = PROCESSES[config.process]
    unit, kind = ("s", "lower limit on the lifetime") if process.is_decay else ("cm³ s⁻¹", "upper limit on ⟨σv⟩")
    title = f"{config.analysis}: observed {kind} from the measured counts, 90 % CL by trials [{unit}]"
    table = Table(title=escape(title))
    for heading in ("channel", "mass [GeV]", "dwarfs alone", "expected", "dwarfs + halo", "expected", "halo"):
        table.add_column(heading, justify="left" if heading in ("channel", "halo") else "right")
    for product in fresh:
        rows = store.read_product(product).to_pylist()
        by_trials = {row["profile"]: row for row in rows if row["method"] == "atmospheric_trials"}
        cells, halo = [], next((name for name in by_trials if name != "none"), "none")
        for row in (by_trials["none"], by_trials[halo]):
            limit, error, median = (
                row[f"{process.strength}_{name}"] for name in ("upper_limit", "upper_limit_error", "expected_limit")
            )
            shown = [value and (1.0 / value if process.is_decay else value) for value in (limit, median)]
            cells += [f"{shown[0]:.2e} ± {error / limit:.0%}", f"{shown[1]:.2e}" if shown[1] else "–"]
        table.add_row(str(product.keys["channel"]), path_text(product.keys["mass"]), *cells, halo)
    return table


def _cells(row: dict[str, float]) -> tuple[str, ...]:
    names = ("sensitivity", "band_lo68", "band_hi68")
    if "decay_rate_sensitivity" in row:
        shown, high, low = (row[f"decay_rate_{name}"] and 1.0 / row[f"decay_rate_{name}"] for name in names)
    else:
        shown, low, high = (row[f"sigma_v_{name}"] for name in names)
    return (
        str(row["channel"]),
        path_text(row["mass"]),
        f"{row['n_s_sensitivity']:.1f} ± {row['n_s_sensitivity_error']:.1f}",
        f"{row['flux_sensitivity']:.2e}",
        f"{shown:.2e}",
        f"{'–' if low is None else f'{low:.1e}'} … {'–' if high is None else f'{high:.1e}'}",
    )


def _warnings(config: Config, store: ProductStore) -> Iterator[str]:
    """Yield where the simulation behind the signal of a pair runs thin, a line a pair."""
    if config.statistic.signal != "simulation":
        return
    for recipe in recipes(config, store, "source_signal_pdf"):
        if store.explain_recipe(recipe).state is State.FRESH:
            keys: dict[str, Any] = dict(recipe.product.keys)
            warnings = store.metadata(recipe.product.stage, **keys).get("remarks", {}).get("warnings", [])
            if warnings:
                pair = f"{keys['channel']}/{path_text(keys['mass'])}"
                named = "; ".join(warnings[:N_NAMED_SOURCES])
                yield f"simulation of {pair} is thin near {len(warnings)} sources: {named}"


def _refusals(config: Config, store: ProductStore) -> dict[str, list[str]]:
    by_reason = defaultdict(list)
    for (channel, mass), reason in refused_pairs(config, store).items():
        by_reason[reason].append(f"{channel}/{path_text(mass)}")
    return by_reason
