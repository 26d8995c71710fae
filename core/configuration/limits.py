"""Settings of limits: confidence levels, the skies that all pairs share, and whose limits are shown beside ours."""

from typing import Annotated

from pydantic import Field, field_validator

from core.configuration.fields import Real, Settings, Whole
from core.published.limits import experiments

Confidence = Annotated[Real, Field(gt=0.5, lt=1.0)]


class LimitSettings(Settings):
    """Upper limits and p-values of an observed sky, and the limits of others."""

    confidence_levels: tuple[Confidence, ...] = Field(default=(0.9,), min_length=1)
    """Confidence levels of upper limits; each has its own products."""
    n_common_skies: Whole = Field(default=10_000, ge=100, le=10_000_000)
    """Pseudo-skies that all pairs are fitted to, for p-values corrected for all pairs."""
    n_certificate_skies: Whole = Field(default=4000, ge=50, le=1_000_000)
    """Pseudo-skies of each true cross section behind a certificate; fewer than 3,600 leave its bounds undecided."""
    drawn_sky: Annotated[Whole, Field(ge=0, lt=2**63)] | None = None
    """Seed of a drawn sky in the place of an observed one, of a sample whose events come without right ascension."""

    comparison: tuple[str, ...] | None = None
    """Experiments whose published limits figures show; not set: all. Imported limits are always shown."""

    @field_validator("comparison")
    @classmethod
    def _known(cls, values: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if unknown := [name for name in values or () if name not in experiments()]:
            raise ValueError(f"input {unknown[0]!r} is no experiment of the table; it has {', '.join(experiments())}")
        return values

    @field_validator("confidence_levels")
    @classmethod
    def _different(cls, values: tuple[float, ...]) -> tuple[float, ...]:
        if len(set(values)) < len(values):
            raise ValueError("input should hold each confidence level once")
        return values
