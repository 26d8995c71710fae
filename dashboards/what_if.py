"""What a person supposes on the page of limits: galaxies, J factors and livetime other than those of the analysis."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.inference.what_if import WhatIf
from core.pdfs.source_information import information_of_table
from dashboards.view import NotThereError, View

Reals = NDArray[np.float64]
AS_CONFIGURED = "as in the analysis"


@dataclass(frozen=True)
class Supposition:
    """What is other than in the analysis: nothing by default.

    `factors`: by galaxy, its J (of decay D) factor over that of the variant, 0 where it is left out. `variant`: of the
    product `robustness`, such as J within another aperture. `livetime`: over that of the analysis.
    """

    factors: Mapping[str, float] = field(default_factory=dict)
    variant: str = AS_CONFIGURED
    livetime: float = 1.0

    @property
    def text(self) -> str | None:
        """As an address says it, None for nothing."""
        said: dict[str, Any] = {}
        if changed := {name: factor for name, factor in self.factors.items() if factor != 1.0}:
            said["factors"] = changed
        if self.variant != AS_CONFIGURED:
            said["variant"] = self.variant
        if self.livetime != 1.0:
            said["livetime"] = self.livetime
        return json.dumps(said, separators=(",", ":"), ensure_ascii=False) if said else None


def supposed(text: str | None) -> Supposition:
    """Return what the text of an address supposes; NotThereError where it is none."""
    if text is None:
        return Supposition()
    try:
        said = json.loads(text)
        factors = {str(name): float(factor) for name, factor in said.get("factors", {}).items()}
        found = Supposition(factors, str(said.get("variant", AS_CONFIGURED)), float(said.get("livetime", 1.0)))
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise NotThereError(f"There is no such what_if as {text!r}: make one on the page of limits.") from None
    if not all(is_factor(factor) for factor in factors.values()) or not 0.0 < found.livetime < math.inf:
        raise NotThereError(f"There is no such what_if as {text!r}: factors are 0 or more, the livetime more than 0.")
    return found


def is_factor(value: Any) -> bool:
    """Return whether a value can stand as a factor of a J factor."""
    return isinstance(value, int | float) and 0.0 <= value < math.inf


@dataclass(frozen=True)
class Supposable:
    """What is stored of the pairs of a channel to suppose with: masses (GeV) in order, and of each the information.

    `sources`: of each mass; `information`: I_kl (n_sources, n_sources) per square of the strength. `variants`: by name
    the factors of J of a mass's sources over those of the analysis.
    """

    masses: tuple[float, ...]
    sources: tuple[tuple[str, ...], ...]
    information: tuple[Reals, ...]
    variants: tuple[Mapping[str, Reals], ...]

    @property
    def names(self) -> list[str]:
        """All galaxies, in the order of their products."""
        return list(dict.fromkeys(name for names in self.sources for name in names))

    @property
    def variant_names(self) -> list[str]:
        """The variants that every mass has."""
        first, *others = self.variants
        return [name for name in first if all(name in other for other in others)]

    def what_if(self, place: int, supposition: Supposition) -> WhatIf:
        """Return what is supposed of the mass at a place; NotThereError for a galaxy or variant that there is not."""
        names, variants = self.sources[place], {AS_CONFIGURED: np.ones(len(self.sources[place]))}
        variants |= self.variants[place]
        _check("galaxy", supposition.factors, self.names)
        _check("variant", [supposition.variant], list(variants))
        own = np.array([supposition.factors.get(name, 1.0) for name in names])
        return WhatIf(own * variants[supposition.variant], supposition.livetime)

    def ratio(self, place: int, supposition: Supposition) -> float:
        """Return the sensitivity over that of the analysis; PhysicsError where no signal is left."""
        return self.what_if(place, supposition).sensitivity_ratio(self.information[place])

    def shares(self, place: int, supposition: Supposition) -> dict[str, float]:
        """Return the share of the information by galaxy; PhysicsError where no signal is left."""
        found = self.what_if(place, supposition).shares(self.information[place])
        return dict(zip(self.sources[place], found.tolist(), strict=True))


def _check(kind: str, wanted: Mapping[str, float] | Sequence[str], there: Sequence[str]) -> None:
    if unknown := [name for name in wanted if name not in there]:
        raise NotThereError(f"There is no such {kind} as {unknown[0]!r}; there are {', '.join(there)}.")


def supposable(view: View) -> Supposable | None:
    """Return what is stored of the channel that is looked at; None where the stage `source_information` is not made."""
    channel = str(view.address.channel)
    if (stored := view.table("source_information", channel=channel)) is None:
        return None
    robustness = view.table("robustness", channel=channel)
    rows = [(mass, stored.filter(pc.equal(stored["mass"], mass))) for mass in sorted(set(stored["mass"].to_pylist()))]
    return Supposable(
        tuple(mass for mass, _ in rows),
        tuple(tuple(own["source"].to_pylist()) for _, own in rows),
        tuple(information_of_table(own) for _, own in rows),
        tuple(_variants(robustness, mass, own.num_rows) for mass, own in rows),
    )


def _variants(robustness: pa.Table | None, mass: float, n_sources: int) -> dict[str, Reals]:
    """Return the variants of a mass that are other J factors of the same galaxies."""
    if robustness is None or "factor_ratios" not in robustness.column_names:
        return {}
    own = robustness.filter(pc.equal(robustness["mass"], mass))
    found = zip(own["variant"].to_pylist(), own["factor_ratios"].to_pylist(), strict=True)
    ratios = {name: np.array(factors) for name, factors in found if factors and name != "nominal"}
    return {name: factors for name, factors in ratios.items() if factors.size == n_sources and factors.min() > 0.0}
