"""What products there are: the analyses of a root, and a snapshot of one that is taken anew when a file changes."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from core.configuration.config import Config
from core.errors import DwarfnuError, ProductError
from core.products.recipe import KeyValue, ProductKey
from core.products.store import ProductStore

FileMark = tuple[float, int]
Pair = tuple[str, float]
LISTED_ANEW_SECONDS = 1.0
PLACES_REMEMBERED = 100_000  # a listing meets the same places again and again
PAIR_STAGES = ("signal_pdf", "source_signal_pdf", "acceptance", "background_trials", "sensitivity")
SEEDED_STAGES = ("background_trials", "sensitivity")


@dataclass(frozen=True)
class Snapshot:
    """The products of one analysis as their files lie there, and the notes of failed attempts.

    `files` has time and size by product, part and whether it is a note of a failure: a replaced file differs even if it
    is older.
    """

    store: ProductStore
    files: Mapping[tuple[str, str, bool], FileMark]
    products: Mapping[str, tuple[ProductKey, ...]] = field(default_factory=dict)
    failed: frozenset[str] = frozenset()

    def marks(self, stages: frozenset[str]) -> frozenset[tuple[object, ...]]:
        """Return what changes when a product of some stages does; of all where none is named."""
        return frozenset((*key, *mark) for key, mark in self.files.items() if not stages or key[0].split()[0] in stages)

    def of(self, stage: str, **keys: KeyValue) -> list[ProductKey]:
        """Return the products of a stage that stand and have some keys, in order."""
        found = self.products.get(stage, ())
        return [item for item in found if all(item.keys.get(name) == value for name, value in keys.items())]

    @cached_property
    def pairs(self) -> list[Pair]:
        """The channels and masses of which anything stands, in rising order."""
        found = {
            (str(item.keys["channel"]), float(item.keys["mass"])) for stage in PAIR_STAGES for item in self.of(stage)
        }
        return sorted(found)

    @cached_property
    def seeds(self) -> list[int]:
        """The seeds of which trials or sensitivities stand."""
        return sorted({int(item.keys["seed"]) for stage in SEEDED_STAGES for item in self.of(stage)})


class Library:
    """The analyses under a root, or one of them; several sessions share it, and what one has looked at the others have.

    `config` is that of the one analysis, where a person gave it; `given` the words that follow a command for it.
    """

    def __init__(self, root: str, analysis: str | None = None, config: Config | None = None, given: str = "") -> None:
        self.config, self.given = config, given
        self._store = ProductStore(root, analysis or "public-3y")
        self.root, self._only = self._store.root, analysis
        self._stores: dict[str, ProductStore] = {self._store.analysis: self._store}
        self._snapshots: dict[str, tuple[float, Snapshot]] = {}
        self._lock = threading.Lock()

    def analyses(self) -> list[str]:
        """Return the names of the analyses that may be looked at, in alphabetical order."""
        if self._only is not None:
            return [self._only]
        found = []
        for folder in sorted(self.root.glob("*")) if self.root.exists() else []:
            try:
                store = ProductStore(str(self.root), folder.name)
                is_one = folder.is_dir() and any(store.keys(stage) for stage in store.stages())
            except (DwarfnuError, OSError):
                continue
            if is_one:
                found.append(folder.name)
        return found

    def snapshot(self, analysis: str) -> Snapshot:
        """Return the products of an analysis of the library as they lie now, or lay a second ago."""
        with self._lock:
            taken, snapshot = self._snapshots.get(analysis, (-LISTED_ANEW_SECONDS, None))
            if snapshot is None or time.monotonic() - taken >= LISTED_ANEW_SECONDS:
                store = self._stores.setdefault(analysis, ProductStore(str(self.root), analysis))
                snapshot = snapshot_of(store, snapshot)
                self._snapshots[analysis] = (time.monotonic(), snapshot)
            return snapshot


def snapshot_of(store: ProductStore, before: Snapshot | None = None) -> Snapshot:
    """Return the products of a store as its files lie now; the one before if nothing has changed since."""
    folder = store.root / store.analysis
    files: dict[tuple[str, str, bool], FileMark] = {}
    found: dict[str, dict[str, ProductKey]] = {}
    failed = set()
    for path in folder.glob("**/part-*"):
        if (product := _product_at(tuple(path.relative_to(folder).parts))) is None:
            continue
        try:
            status = path.stat()
        except FileNotFoundError:  # taken away since it was listed
            continue
        is_note = path.name.endswith(".failed.json")
        files[str(product), path.name.partition(".")[0], is_note] = (float(status.st_mtime), int(status.st_size))
        if is_note:
            failed.add(str(product))
        else:
            found.setdefault(product.stage, {})[str(product)] = product
    if before is not None and files == before.files:
        return before
    return Snapshot(
        store, files, {stage: _in_order(list(items.values())) for stage, items in found.items()}, frozenset(failed)
    )


@lru_cache(maxsize=PLACES_REMEMBERED)
def _product_at(places: tuple[str, ...]) -> ProductKey | None:
    """Return the product whose file lies at folders and a name below an analysis; None where it is no product's."""
    stage, *folders, name = places if len(places) > 1 else ("", "")
    if not (name.endswith(".parquet") or name.endswith(".failed.json")):
        return None
    try:
        product = ProductKey(stage, dict(folder.split("=", 1) for folder in folders))
    except (ProductError, ValueError):
        return None
    return product if list(product.folders) == [stage, *folders] and _can_be_shown(product) else None


def _can_be_shown(product: ProductKey) -> bool:
    """Return whether a product has the keys by which pages look for it, and a mass that an address can name."""
    needed = {"channel", "mass"} if product.stage in PAIR_STAGES else set()
    needed |= {"seed"} if product.stage in SEEDED_STAGES else set()
    return needed <= product.keys.keys() and product.keys.get("mass") != 0.0


def _in_order(products: list[ProductKey]) -> tuple[ProductKey, ...]:
    def order(product: ProductKey) -> tuple[Any, ...]:
        return tuple(product.keys.items())

    return tuple(sorted(products, key=order))
