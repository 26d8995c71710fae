# mypy: allow-untyped-calls
"""What the dashboard shows: the products that exist, the ones selected, and when they have changed."""

import math
from collections.abc import Mapping
from typing import Any, Literal

import param

from core.errors import DwarfnuError
from core.figures.style import in_channel_order
from core.products.recipe import KeyValue, ProductKey, State
from core.products.store import ProductStore

PAGES = ("pdfs", "test-statistic", "limits")
LIMIT_FIGURES = {"this channel": "channel", "all channels": "channels", "all in one frame": "frame"}
PAIR_STAGES = ("signal_pdf", "source_signal_pdf", "background_trials", "sensitivity")
IN_THE_URL = ("page", "channel", "mass", "seed", "n_injected", "limits")

FileMark = tuple[str, float, int]


class Selection(param.Parameterized):
    """The page, channel, mass, seed and numbers of injected events that a person looks at.

    Only what exists in the store can be selected. `shown` changes once for each change of what the views draw.
    """

    page: Any = param.Selector(default="limits", objects=list(PAGES))
    channel: Any = param.Selector(default=None, objects=[], allow_None=True, label="Channel")
    mass: Any = param.Selector(default=None, objects=[], allow_None=True, label="Dark matter mass (GeV)")
    seed: Any = param.Selector(default=None, objects=[], allow_None=True, label="Seed")
    n_injected: Any = param.ListSelector(default=[], objects=[], label="Injected events shown (none: a few)")
    limits: Any = param.Selector(default="channel", objects=LIMIT_FIGURES, label="Figure of limits")
    provenance: Any = param.Boolean(default=False, label="Show provenance")
    shown: Any = param.Parameter(default=None)

    def __init__(self, store: ProductStore) -> None:
        super().__init__()
        self.store = store
        self._files: frozenset[FileMark] = frozenset()
        self._pairs: list[tuple[str, float]] = []
        self._is_settling = False
        self.look()
        self.param.watch(self._settle, ["channel", "mass", "seed", "n_injected", "limits", "provenance"])

    def look(self) -> bool:
        """Look at the store again; return whether any product was added, replaced or taken away since the last look."""
        files = product_files(self.store)
        if files == self._files and self.shown is not None:
            return False
        self._files = files
        pairs = {
            (str(keys["channel"]), float(keys["mass"])) for stage in PAIR_STAGES for keys in self.store.keys(stage)
        }
        self._pairs = sorted(pairs)
        self._settle()
        return True

    def refresh(self) -> None:
        """Look at the store again, as a periodic callback does."""
        self.look()

    def adopt(self, wanted: Mapping[str, Any]) -> None:
        """Select what is wanted as far as it exists; of masses, the nearest one."""
        for name in IN_THE_URL:
            if name in wanted:
                self._choose(name, wanted[name])

    def _choose(self, name: str, value: Any) -> None:
        offered = list(self.param[name].objects)
        if name == "n_injected":
            self.n_injected = [number for number in offered if isinstance(value, list) and number in value]
        elif name == "mass" and isinstance(value, int | float) and offered:
            self.mass = nearest(offered, float(value))
        elif value in offered:
            setattr(self, name, value)

    def _offer(self, name: str, objects: list[Any]) -> None:
        """Let the objects be chosen; what was chosen stays if it is among them, else the first takes its place."""
        current = getattr(self, name)
        if list(self.param[name].objects) != objects:
            self.param[name].objects = _by_text(objects)
        if current not in objects:
            setattr(self, name, objects[0] if objects else None)

    def _settle(self, *_: Any) -> None:
        """Bring the selection in line with what exists, then say once what is to be drawn."""
        if self._is_settling:
            return
        self._is_settling = True
        try:
            self._offer("channel", in_channel_order([channel for channel, _ in self._pairs]))
            self._offer("seed", sorted({keys["seed"] for keys in self._seeded()}))
            self._offer_masses()
            self._offer_injections()
        finally:
            self._is_settling = False
        chosen = (self.channel, self.mass, self.seed, tuple(self.n_injected), self.limits, self.provenance)
        if (*chosen, self._files) != self.shown:
            self.shown = (*chosen, self._files)

    def _offer_masses(self) -> None:
        masses = [mass for channel, mass in self._pairs if channel == self.channel]
        if masses and self.mass is not None and self.mass not in masses:
            following = nearest(masses, self.mass)
            self.param.mass.objects = _by_text(masses)
            self.mass = following
        self._offer("mass", masses)

    def _offer_injections(self) -> None:
        offered = [int(product.keys["n_injected"]) for product in self.signal_trials()]
        if list(self.param.n_injected.objects) != offered:
            kept = [number for number in self.n_injected if number in offered]
            self.n_injected = []
            self.param.n_injected.objects = offered
            self.n_injected = kept

    def _seeded(self) -> list[dict[str, KeyValue]]:
        return [*self.store.keys("background_trials"), *self.store.keys("sensitivity")]

    def of_pair(self, stage: str) -> ProductKey:
        """Return a product of the selected channel and mass."""
        return ProductKey(stage, {"channel": self.channel, "mass": self.mass})

    def of_seed(self, stage: str) -> ProductKey:
        """Return a product of the selected channel, mass and seed."""
        return ProductKey(stage, {"channel": self.channel, "mass": self.mass, "seed": self.seed})

    def statistic(self) -> str:
        """Return the statistic of the selected pair: that of its sensitivity, else the one whose densities stand."""
        if declared := self._declared_statistic():
            return "joint" if declared == "joint" else "j_weighted"
        pair = self.of_pair("source_signal_pdf")
        by_source = self.store.keys(pair.stage, **pair.keys) and not self.store.keys("signal_pdf", **pair.keys)
        return "j_weighted" if by_source else "joint"

    def shares_one_sky(self) -> bool:
        """Return whether sources of the selected pair's trials share one sky: by its sensitivity, else its patterns."""
        declared, patterns = self._declared_statistic(), self.of_pair("sky_patterns")
        if declared:
            return declared == "joint" or declared.endswith("_one_sky")
        return self.statistic() == "joint" or bool(self.store.keys(patterns.stage, **patterns.keys))

    def _declared_statistic(self) -> str | None:
        """Return what the pair's sensitivity says; None if not made yet, damaged, or of before there was a choice."""
        try:
            row = self.store.read_product(self.of_seed("sensitivity"), ["statistic"])
        except DwarfnuError:
            return None
        declared: str | None = row["statistic"][0].as_py()
        return declared

    def background(self) -> Literal["data", "known"]:
        """Return how the selected pair's background was treated; as from the data where no sensitivity says so."""
        try:
            row = self.store.read_product(self.of_seed("sensitivity"), ["background"])
        except DwarfnuError:
            return "data"
        return "known" if row["background"][0].as_py() == "known" else "data"

    def signal_trials(self) -> list[ProductKey]:
        """Return the signal trials of the selected channel, mass and seed, in order of the injected events."""
        if self.channel is None or self.mass is None or self.seed is None:
            return []
        keys = self.store.keys("signal_trials", channel=self.channel, mass=self.mass, seed=self.seed)
        return sorted((ProductKey("signal_trials", found) for found in keys), key=lambda item: item.keys["n_injected"])


def _by_text(objects: list[Any]) -> dict[str, Any]:
    """Return objects by the text that stands for them in a menu: 5 for 5.0."""
    return {f"{value:g}" if isinstance(value, float) else str(value): value for value in objects}


def nearest(masses: list[float], mass: float) -> float:
    """Return the mass closest in ratio; all in GeV."""
    return min(masses, key=lambda other: abs(math.log(other / mass)) if mass > 0 else other)


def product_files(store: ProductStore) -> frozenset[FileMark]:
    """Return path, time of change and size of every product file and note of failure of an analysis.

    A replaced file differs even if its time is older than that of the file it replaced.
    """
    fingerprints = set()
    for path in (store.root / store.analysis).glob("**/part-*"):
        try:
            status = path.stat()
        except FileNotFoundError:  # taken away since it was listed
            continue
        fingerprints.add((str(path), float(status.st_mtime), int(status.st_size)))
    return frozenset(fingerprints)


def product_state(store: ProductStore, product: ProductKey) -> tuple[State, str]:
    """Return the worst state among the parts of a product, and the reason for it."""
    try:
        explained = store.explain(product.stage, **dict[str, Any](product.keys))
    except OSError as error:
        return State.FAILED, f"cannot be read now: {error}"
    except (DwarfnuError, ImportError, KeyError) as error:
        return State.STALE, f"made by another version: {error}"
    return explained.state, explained.reason
