"""Sealed products: which they are, and the leave without which the store does not open them.

They hold where on the sky measured events came from. Leave is given by `core.stages.inputs` alone: to the two functions
that make events blind, and to an unblinding that stands in the log of its analysis.
"""

from dataclasses import dataclass

from core.errors import ProductError

SEALED_STAGES = frozenset({"sealed_events", "observed_sky"})


@dataclass(frozen=True)
class Leave:
    """Leave to open sealed products, and what for."""

    purpose: str


def check_seal(stage: str, leave: Leave | None) -> None:
    """Raise ProductError for a product of a sealed stage without leave to open it."""
    if stage in SEALED_STAGES and leave is None:
        raise ProductError(
            f"{stage} is sealed: it holds where on the sky the measured events came from, and only the unblinding "
            "opens it; the stage events has the same events with right ascension scrambled"
        )
