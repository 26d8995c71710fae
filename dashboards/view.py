"""What a page is given to draw from: the products of one analysis, the pair chosen, and the words of a command."""

import math
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import pyarrow as pa

from core.errors import DwarfnuError
from core.products.recipe import KeyValue, ProductKey, path_text
from core.products.store import ProductStore
from dashboards.address import Address
from dashboards.library import Library, Pair, Snapshot


class NotThereError(Exception):
    """A page, analysis or pair is not there, or its products are not made: says what, and the command that makes it."""

    def __init__(self, text: str, command: str = "") -> None:
        super().__init__(text)
        self.command = command


def nowhere(_: Address) -> None:
    """Go nowhere: what a page does on a click where nobody listens."""


@dataclass(frozen=True)
class View:
    """One analysis at one pair of channel and mass.

    `go` takes a person to another address; `keep` makes one the address of the page as it stands, without drawing it.
    """

    library: Library
    snapshot: Snapshot
    address: Address
    go: Callable[[Address], None] = nowhere
    keep: Callable[[Address], None] = nowhere

    @property
    def store(self) -> ProductStore:
        """The products of the analysis."""
        return self.snapshot.store

    @property
    def ink(self) -> str:
        """The colour of text on the ground that the visitor chose."""
        return "white" if self.address.theme == "dark" else "black"

    @property
    def pair(self) -> dict[str, KeyValue]:
        """The keys of the pair; NotThereError where there is none."""
        if self.address.channel is None or self.address.mass is None:
            raise NotThereError("No pair of channel and mass is made yet.", self.command())
        return {"channel": self.address.channel, "mass": self.address.mass}

    @property
    def pair_name(self) -> str:
        """The pair as file names say it: tautau-20."""
        return "-".join(map(path_text, self.pair.values()))

    def of_pair(self, stage: str) -> ProductKey:
        """Return a product of the pair."""
        return ProductKey(stage, self.pair)

    def of_seed(self, stage: str) -> ProductKey:
        """Return a product of the pair and seed; NotThereError where no trials stand."""
        if self.address.seed is None:
            self.lacks(stage)
        return ProductKey(stage, {**self.pair, "seed": self.address.seed})

    def has(self, product: ProductKey) -> bool:
        """Return whether a product stands."""
        return product in self.snapshot.of(product.stage)

    def need(self, *products: ProductKey) -> list[pa.Table]:
        """Return products that a page cannot do without; NotThereError names those that do not stand."""
        if missing := [str(product) for product in products if not self.has(product)]:
            self.lacks(*missing)
        return [self.store.read_product(product) for product in products]

    def table(self, stage: str, **keys: KeyValue) -> pa.Table | None:
        """Return all products of a stage with some keys in one table, None where there are none."""
        return self.store.read(stage, **dict[str, Any](keys)) if self.snapshot.of(stage, **keys) else None

    def lacks(self, *missing: str) -> NoReturn:
        """Say that products are not made yet."""
        raise NotThereError(f"Not made yet: {', '.join(missing)}.", self.command())

    def command(self, name: str = "run", *options: str) -> str:
        """Return a command of the analysis as a person types it, with the file that was given."""
        return command(self.library, self.store.analysis, name, *options)


def command(library: Library, analysis: str, name: str, *options: str) -> str:
    """Return a command for an analysis, with the user's file; without one it stands as CONFIG.toml."""
    words = library.given
    if library.config is None and not words:
        words = "" if analysis == "public-3y" else "CONFIG.toml"
        words += "" if str(library.root) == "products" else f" --products {shlex.quote(str(library.root))}"
    return " ".join(filter(None, ["dwarfnu", name, words.strip(), *options]))


def view_of(
    library: Library,
    wanted: Address,
    go: Callable[[Address], None] = nowhere,
    keep: Callable[[Address], None] = nowhere,
) -> View:
    """Return what an address shows, with what it leaves out chosen: the first pair, and of masses one that there is.

    NotThereError for an analysis, channel, mass or seed that there is not.
    """
    analyses = library.analyses()
    if not analyses:
        raise NotThereError(f"There are no products under {library.root}.", command(library, "public-3y", "run"))
    analysis = _chosen("analysis", wanted.analysis, analyses, analyses[0])
    snapshot = library.snapshot(analysis)
    if not snapshot.products:
        where = f"{library.root / analysis}"
        raise NotThereError(f"There are no products under {where}.", command(library, analysis, "run"))
    channel, mass = pair_of(snapshot.pairs, wanted.channel, wanted.mass)
    seeds = snapshot.seeds
    seed = _chosen("seed", wanted.seed, seeds, seeds[0] if seeds else None)
    return View(
        library,
        snapshot,
        wanted.at(analysis=analysis, channel=channel, mass=mass, seed=seed, product=wanted.product),
        go,
        keep,
    )


def pair_of(pairs: Sequence[Pair], channel: str | None, mass: float | None) -> tuple[str | None, float | None]:
    """Return the pair that an address names, or one that there is; None and None where there are no pairs."""
    if not pairs:
        return None, None
    first = "tautau" if any(name == "tautau" for name, _ in pairs) else pairs[0][0]
    channel = _chosen("channel", channel, list(dict.fromkeys(name for name, _ in pairs)), first)
    masses = [value for name, value in pairs if name == channel]
    return channel, _chosen("mass", mass, masses, nearest(masses, 20.0))


def nearest(masses: Sequence[float], mass: float) -> float:
    """Return the mass closest in ratio; all in GeV."""
    return min(masses, key=lambda other: abs(math.log(other) - math.log(mass)))


def _chosen(name: str, wanted: Any, there: Sequence[Any], otherwise: Any) -> Any:
    if wanted is None:
        return otherwise
    if wanted not in there:
        listed = ", ".join(f"{item:g}" if isinstance(item, float) else str(item) for item in there)
        said = f"{wanted:g}" if isinstance(wanted, float) else repr(wanted)
        raise NotThereError(f"There is no such {name} as {said}; there are {listed or 'none'}.")
    return wanted


def sentence_of(error: Exception) -> str:
    """Return what an error says to a person who looks at a page."""
    kind = "" if isinstance(error, DwarfnuError | OSError | NotThereError) else f"{type(error).__name__}: "
    return f"{kind}{error}"
