"""How the products of an analysis stand: by the configuration where one was given, else each by its own recipe."""

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from core.errors import DwarfnuError
from core.products.recipe import ProductKey, State
from dashboards.library import Library, Snapshot

STATE_COLOURS = {
    State.FRESH: "#009E73",
    State.STALE: "#E69F00",
    State.MISSING: "#8A8A8A",
    State.FAILED: "#D55E00",
}
NOT_JUDGED = "not read yet"
WORST_FIRST = (State.FAILED, State.STALE, State.MISSING, State.FRESH)
JUDGES = ThreadPoolExecutor(max_workers=1, thread_name_prefix="judge")
_known: dict[tuple[int, str], tuple[Snapshot, "Future[tuple[Standing, ...]]"]] = {}
_lock = threading.Lock()


@dataclass(frozen=True)
class Standing:
    """A product or a part of it, its state, and in words why."""

    product: ProductKey
    part: int | None
    state: State
    reason: str


def judged(library: Library, snapshot: Snapshot) -> "Future[tuple[Standing, ...]]":
    """Return how every product stands, as soon as a thread has judged it; once for as long as no file changes."""
    place = (id(library), snapshot.store.analysis)
    with _lock:
        known = _known.get(place)
        if known is None or known[0] is not snapshot:
            known = (snapshot, JUDGES.submit(standings, library, snapshot))
            _known[place] = known
        return known[1]


def standings(library: Library, snapshot: Snapshot) -> tuple[Standing, ...]:
    """Return how every product stands, in the order of the stages."""
    from core.stages.registry import STAGES

    found = _by_recipes(library, snapshot)
    order = {stage: place for place, stage in enumerate(STAGES)}
    return tuple(sorted(found, key=lambda item: order.get(item.product.stage, len(order))))


def unjudged(snapshot: Snapshot) -> tuple[Standing, ...]:
    """Return every product that stands or failed before any is read: those not known to have failed count as stale."""
    products = {str(item): item for items in snapshot.products.values() for item in items}
    failed = [Standing(_named(name), None, State.FAILED, "its last attempt failed") for name in sorted(snapshot.failed)]
    standing = [
        Standing(item, None, State.STALE, NOT_JUDGED) for name, item in products.items() if name not in snapshot.failed
    ]
    return (*failed, *standing)


def _by_recipes(library: Library, snapshot: Snapshot) -> list[Standing]:
    """Judge by the configuration, which also tells what is not made yet; without one each product by itself."""
    from core.stages.freshness import Freshness
    from core.stages.registry import recipes, stages_of

    config, found = library.config, []
    if config is None:
        return _by_themselves(snapshot)
    freshness = Freshness(config, snapshot.store)
    for stage in stages_of(config):
        for recipe in recipes(config, snapshot.store, stage):
            judged = freshness.of(recipe)
            found.append(Standing(recipe.product, recipe.part, judged.state, judged.reason))
    return found


def _by_themselves(snapshot: Snapshot) -> list[Standing]:
    """Judge each product by what it says of itself; one of which only a note of failure stands has failed."""
    products = {str(item): item for items in snapshot.products.values() for item in items}
    found = [_judged_by_itself(snapshot, item) for item in products.values()]
    return found + [
        _judged_by_itself(snapshot, _named(name)) for name in sorted(snapshot.failed) if name not in products
    ]


def _named(name: str) -> ProductKey:
    stage, *keys = name.split()
    return ProductKey(stage, dict(key.split("=", 1) for key in keys))


def _judged_by_itself(snapshot: Snapshot, product: ProductKey) -> Standing:
    try:
        found = snapshot.store.explain(product.stage, **dict[str, Any](product.keys))
    except (DwarfnuError, ImportError, KeyError) as error:
        return Standing(product, None, State.STALE, f"made by another version: {error}")
    except OSError as error:
        return Standing(product, None, State.FAILED, f"cannot be read now: {error}")
    return Standing(product, None, found.state, found.reason)


def worst(found: Sequence[Standing]) -> State:
    """Return the state that decides for several products."""
    return min((item.state for item in found), key=WORST_FIRST.index, default=State.MISSING)


def counted(found: Sequence[Standing]) -> Mapping[State, int]:
    """Return how many products stand in which state."""
    return {state: sum(item.state is state for item in found) for state in WORST_FIRST}
