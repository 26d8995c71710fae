"""What the accounts of a sample's events are made from: the conversions of each kind and season."""

from collections.abc import Iterator
from typing import Any

from core.configuration.config import Config
from core.products.recipe import ProductKey, Recipe
from core.products.store import ProductStore
from core.stages import events, sealed_events, unweighted_events
from core.stages.inputs import Inputs


def accounted(config: Config, store: ProductStore) -> Iterator[tuple[str, str, dict[str, Any], tuple[ProductKey, ...]]]:
    """Yield kind, season, parameters, and the events whose remarks an account sums.

    Remarks are no part of a digest of data. That of the conversions' recipes and code stands for them.
    """
    conversions: dict[tuple[str, str], list[Recipe]] = {}
    simulated = tuple(unweighted_events.recipes(config, store))
    for recipe in (*sealed_events.recipes(config, store), *simulated, *events.recipes(config, store)):
        kind = "mc" if recipe.product.stage == "unweighted_events" else str(recipe.product.keys.get("kind", "data"))
        if simulated and kind == "mc" and recipe.product.stage == "events":
            continue
        conversions.setdefault((kind, str(recipe.product.keys["season"])), []).append(recipe)
    for (kind, season), recipes in conversions.items():
        inputs = tuple(ProductKey(item.product.stage, item.product.keys, part=item.part) for item in recipes)
        codes = {item.code: item.code_digest for item in recipes}
        yield kind, season, {"conversions": [item.digest for item in recipes], "codes": codes}, inputs


def accounts_in(inputs: Inputs) -> tuple[list[dict[str, Any]], list[int]]:
    """Return the account of each file's conversion and how many of its events lie outside good runs."""
    stages = [stage for stage in ("sealed_events", "unweighted_events", "events") if stage in inputs]
    remarks = [dict(remark) for stage in stages for remark in inputs.remarks(stage)]
    accounts = [remark for remark in remarks if "n_read" in remark]
    outside = [remark["n_outside_good_runs"] for remark in remarks if "n_outside_good_runs" in remark]
    return accounts, outside or [0] * len(accounts)
