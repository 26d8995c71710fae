"""Whether this machine can do what a run would make: refused before anything is written, or warned of."""

import os
from collections.abc import Iterator

import psutil

from core.configuration.config import Config
from core.errors import ConfigError
from core.products.room import in_bytes, usable_space
from core.products.store import ProductStore
from core.stages.plan import Plan

# Predicted sizes are good to some 30 %; what comes that near to the end of a disk is worth a word.
NEAR = 0.7
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0


def refusal(config: Config, plan: Plan, store: ProductStore) -> str | None:
    """Return why a run cannot be made on this machine, and the way out, in words; None if it can."""
    usable, disk = usable_space(store.root), plan.cost(1).disk
    if usable is None or disk <= usable:
        return None
    largest = max(plan.stages, key=lambda stage: stage.cost.disk if stage.cost else 0.0)
    way_out = "name another place with --products"
    if config.trials.keep == "rows" and largest.stage.endswith("_trials"):
        way_out = f'set trials.keep = "histogram", which takes a few MB a pair, or {way_out}'
    return (
        f"the run would write about {in_bytes(disk)} (most of it {largest.stage}), and {in_bytes(usable)} may be "
        f"used at {store.root}: {way_out}"
    )


def check_weight(config: Config, plan: Plan, store: ProductStore) -> None:
    """Raise ConfigError if a run cannot be made on this machine."""
    if (reason := refusal(config, plan, store)) is not None:
        raise ConfigError(reason)


def warnings(plan: Plan, store: ProductStore, n_workers: int | None = None) -> Iterator[str]:
    """Yield what may go wrong on this machine, a line each: little room on the disk, little memory."""
    n_at_once = n_workers or os.cpu_count() or 1
    cost, usable = plan.cost(n_at_once), usable_space(store.root)
    if usable is not None and NEAR * usable < cost.disk <= usable:
        yield f"about {in_bytes(cost.disk)} will be written, and {in_bytes(usable)} may be used at {store.root}"
    available = psutil.virtual_memory().available
    if cost.memory > available:
        fewer = ", fewer --workers take less" if n_at_once > 1 else ""
        yield f"about {in_bytes(cost.memory)} of memory are needed, {in_bytes(available)} are free{fewer}"


def in_time(seconds: float) -> str:
    """Return a time in words, such as 13 min."""
    for length, name in ((DAY, "d"), (HOUR, "h"), (MINUTE, "min")):
        if seconds >= 2.0 * length:
            return f"{seconds / length:.0f} {name}" if seconds >= 10.0 * length else f"{seconds / length:.1f} {name}"
    return f"{seconds:.0f} s" if seconds >= 10.0 else f"{seconds:.1f} s"
