"""What the closing table says of the sources that sensitivities hang on: without the largest, and whose share it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from core.configuration.config import Config
from core.products.recipe import ProductKey, State
from core.products.store import ProductStore
from core.stages.freshness import Freshness
from core.stages.registry import recipes

N_LARGEST = 2
PROFILED = "J factors profiled"
Pair = tuple[Any, Any]


@dataclass(frozen=True)
class Doubts:
    """The ratios of sensitivities of every pair by variant, and the shares of every source, where they are fresh."""

    ratios: dict[Pair, dict[str, float]]
    shares: dict[str, list[float]]

    @property
    def headings(self) -> tuple[str, ...]:
        """The headings of what stands beside each sensitivity: none where nothing is known."""
        left_out = {largest for ratios in self.ratios.values() if (largest := _largest(ratios))}
        if not left_out:
            return ()
        return (left_out.pop() if len(left_out) == 1 else "without its largest source",)

    def cells(self, row: dict[str, Any]) -> tuple[str, ...]:
        """Return what stands beside a row of `sensitivity` (cm³ s⁻¹, or s): that without the largest source."""
        if not self.headings:
            return ()
        ratios = self.ratios.get((row["channel"], row["mass"]), {})
        largest = _largest(ratios)
        if largest is None:
            return ("–",)
        rate, ratio = row.get("decay_rate_sensitivity"), ratios[largest]
        return (f"{1.0 / (rate * ratio) if rate else row['sigma_v_sensitivity'] * ratio:.2e}",)

    def lines(self) -> Iterator[str]:
        """Yield whose shares are the largest, and what J factors with their errors do to limits."""
        if not self.ratios:
            return
        largest = sorted(self.shares, key=lambda name: -sum(self.shares[name]))[:N_LARGEST]
        named = ", ".join(f"{name} {_range(self.shares[name], '{:.0%}')}" for name in largest)
        yield f"shares in the slope: {named} (source_information; variants of all kinds: robustness)"
        if profiled := [ratios[PROFILED] for ratios in self.ratios.values() if PROFILED in ratios]:
            yield f"J factors profiled within their errors: expected limits × {_range(profiled, '{:.2f}')} (j_profile)"


def fresh_doubts(config: Config, store: ProductStore, freshness: Freshness) -> Doubts:
    """Return what the fresh products of `robustness`, and of the shares behind them, say."""
    ratios: dict[Pair, dict[str, float]] = {}
    shares: dict[str, list[float]] = {}
    for recipe in recipes(config, store, "robustness"):
        if freshness.of(recipe).state is not State.FRESH:
            continue
        table = store.read_product(recipe.product)
        ratios[_pair(recipe.product)] = dict(zip(table["variant"].to_pylist(), table["ratio"].to_pylist(), strict=True))
        of_sources = ProductKey("source_information", recipe.product.keys)
        for row in store.read_product(of_sources, ["source", "slope_share"]).to_pylist():
            shares.setdefault(row["source"], []).append(row["slope_share"])
    return Doubts(ratios, shares)


def _largest(ratios: dict[str, float]) -> str | None:
    """Return the variant without the largest source, which is the first of those that leave one out."""
    return next((name for name in ratios if name.startswith("without ")), None)


def _range(values: list[float], form: str) -> str:
    """Return between which values numbers lie."""
    low, high = form.format(min(values)), form.format(max(values))
    return low if low == high else f"{low} to {high}"


def _pair(product: ProductKey) -> Pair:
    return product.keys["channel"], product.keys["mass"]
