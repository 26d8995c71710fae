"""Settings of trials: how many pseudo-experiments, with how many events injected, and how they are cut into shards."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, field_validator

from core.configuration.fields import Settings, Whole, number

MIN_N_INJECTED = 3
Injected = Annotated[float, Field(gt=0.0, le=20.0, allow_inf_nan=False), BeforeValidator(number)]


class TrialSettings(Settings):
    """How many pseudo-experiments, and how they are cut into shards."""

    n_background: Whole = Field(default=100_000, ge=100, le=10_000_000_000)
    """Background trials of each pair of channel and mass."""
    n_signal: Whole = Field(default=10_000, ge=100, le=1_000_000_000)
    """Signal trials of each pair and number of injected events."""
    n_tail: Whole = Field(default=40_000, ge=10_000, le=100_000_000)
    """Weighted background trials of each pair behind the thresholds of 3 and 5 sigma."""
    injected_over_uncertainty: tuple[Injected, ...] = Field(
        default=(0.25, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0), min_length=MIN_N_INJECTED
    )
    """Numbers of injected events, in standard deviations of the fitted n_s without signal; three different ones."""
    shard_size: Whole = Field(default=5_000_000, ge=1, le=1_000_000_000)
    """Trials in one shard: one task of tens of seconds, one file. Results do not depend on it."""
    keep: Literal["rows", "histogram"] = "rows"
    """rows: every trial. histogram: counts in fine bins of the test statistic, for 1e8 trials of a pair and more."""

    @field_validator("injected_over_uncertainty")
    @classmethod
    def _different(cls, values: tuple[float, ...]) -> tuple[float, ...]:
        if len(set(values)) < MIN_N_INJECTED:
            raise ValueError(f"input should hold at least {MIN_N_INJECTED} different numbers")
        return values
