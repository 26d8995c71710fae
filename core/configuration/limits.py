"""Settings of what is said of an observed sky: confidence levels of limits, and the skies that all pairs share."""

from typing import Annotated

from pydantic import Field, field_validator

from core.configuration.fields import Real, Settings, Whole

Confidence = Annotated[Real, Field(gt=0.5, lt=1.0)]


class LimitSettings(Settings):
    """Upper limits and p-values of an observed sky."""

    confidence_levels: tuple[Confidence, ...] = Field(default=(0.9,), min_length=1)
    """Confidence levels of upper limits; each has its own products."""
    n_common_skies: Whole = Field(default=10_000, ge=100, le=10_000_000)
    """Pseudo-skies that all pairs are fitted to, for p-values corrected for all pairs."""
    n_certificate_skies: Whole = Field(default=4000, ge=50, le=1_000_000)
    """Pseudo-skies of each true cross section behind a certificate; fewer than 3,600 leave its bounds undecided."""
    drawn_sky: Annotated[Whole, Field(ge=0, lt=2**63)] | None = None
    """Seed of a drawn sky in the place of an observed one, of a sample whose events come without right ascension."""

    @field_validator("confidence_levels")
    @classmethod
    def _different(cls, values: tuple[float, ...]) -> tuple[float, ...]:
        if len(set(values)) < len(values):
            raise ValueError("input should hold each confidence level once")
        return values
