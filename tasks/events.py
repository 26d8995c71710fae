"""Tasks of an own event sample: one for each file, and one for each account of what became of the events."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from core.configuration.config import SIMULATED_SAMPLE, Config
from core.events.accounts import (
    cut_flow_of,
    files_table,
    refuse_damage,
    refuse_repeated_runs,
    season_summary,
    sum_rates,
)
from core.events.blinding import EVENT_KEYS, blind_events
from core.events.columns import Kind, count_duplicates
from core.events.ingestion import account_of, convert_event_file
from core.events.livetime import read_good_runs, total_livetime
from core.products.recipe import AnnotatedTable, ProductKey, Recipe
from core.products.store import ProductStore
from core.simulation.parts import drawn_part
from core.simulation.seasons import simulated_good_runs
from tasks.caching import product_task


def good_runs(store: ProductStore, config: Config, recipe: Recipe) -> pa.Table:
    """Read the good runs of a season, or make those of the simulated sample."""
    season = str(recipe.product.keys["season"])
    if config.sample == SIMULATED_SAMPLE:
        measured = [store.read_product(item, ["run"], sealed=True) for item in recipe.inputs]
        return simulated_good_runs(season, pa.concat_tables(measured))
    runs = pa.concat_tables([read_good_runs(Path(file["path"]), season) for file in recipe.parameters["files"]])
    refuse_repeated_runs(runs, season)
    return runs


def sealed_events(store: ProductStore, config: Config, recipe: Recipe) -> AnnotatedTable:
    """Convert a file of measured events; what tells where on the sky they came from stays sealed."""
    return _converted("data", store, config, recipe)


def events(store: ProductStore, config: Config, recipe: Recipe) -> AnnotatedTable:
    """Convert a file of simulated events, or scramble the right ascensions of measured ones in good runs."""
    if recipe.product.keys["kind"] == "mc":
        return _converted("mc", store, config, recipe)
    sealed, *runs = recipe.inputs
    measured = store.read_product(sealed, sealed=True)
    listed_runs = store.read_product(runs[0]) if runs else None
    season = str(recipe.product.keys["season"])
    blind = blind_events(measured, listed_runs, recipe.parameters["seed"], season, recipe.part)
    return AnnotatedTable(blind, {"n_outside_good_runs": measured.num_rows - blind.num_rows})


def event_files(store: ProductStore, _: Config, recipe: Recipe) -> pa.Table:
    """Say of each file how many events were read, kept, cut and broken."""
    files = files_table(*_accounts(store, recipe))
    if recipe.parameters["strict"]:
        refuse_damage(files)
    return files


def cut_flow(store: ProductStore, _: Config, recipe: Recipe) -> pa.Table:
    """Sum over all files how many events each cut leaves."""
    accounts, outside = _accounts(store, recipe)
    return cut_flow_of(accounts, outside if recipe.parameters["good_runs"] else None)


def event_summary(store: ProductStore, _: Config, recipe: Recipe) -> pa.Table:
    """Compare the livetime of a season, its measured events and what its simulation expects."""
    files = {str(item.keys["kind"]): store.read_product(item) for item in _inputs(recipe, "event_files")}
    runs = [store.read_product(item) for item in _inputs(recipe, "good_runs")]
    parts = {kind: [p for p in _inputs(recipe, "events") if p.keys["kind"] == kind] for kind in files}
    n_duplicates, rates = None, None
    if "data" in files:
        measured = pa.concat_tables([store.read_product(part, EVENT_KEYS) for part in parts["data"]])
        n_duplicates = count_duplicates(measured)
    if "mc" in files:
        names = ("true_energy", "true_dec", "weight", "flavour")
        rates = sum_rates(store.read_product(part, names) for part in parts["mc"])
    return season_summary(files, total_livetime(runs[0]) if runs else None, n_duplicates, rates)


def _converted(kind: Kind, store: ProductStore, config: Config, recipe: Recipe) -> AnnotatedTable:
    season = str(recipe.product.keys["season"])
    if config.sample == SIMULATED_SAMPLE:
        signal = [store.read_product(item) for item in recipe.inputs]
        conversion = drawn_part(kind, season, recipe.part, recipe.parameters, *signal)
    else:
        conversion = convert_event_file(kind, season, recipe.parameters, config.events.strict)
    return AnnotatedTable(conversion.events, account_of(conversion))


def _accounts(store: ProductStore, recipe: Recipe) -> tuple[list[dict[str, Any]], list[int]]:
    """Return the account of each file's conversion and how many of its events lie outside good runs."""
    remarks = [store.metadata(item.stage, item.part or 0, **item.keys)["remarks"] for item in recipe.inputs]
    accounts = [remark for remark in remarks if "n_read" in remark]
    outside = [remark["n_outside_good_runs"] for remark in remarks if "n_outside_good_runs" in remark]
    return accounts, outside or [0] * len(accounts)


def _inputs(recipe: Recipe, stage: str) -> Iterator[ProductKey]:
    return (item for item in recipe.inputs if item.stage == stage)


make_good_runs = product_task(good_runs)
make_sealed_events = product_task(sealed_events)
make_events = product_task(events)
make_event_files = product_task(event_files)
make_cut_flow = product_task(cut_flow)
make_event_summary = product_task(event_summary)
