"""Settings of trials: how many pseudo-experiments, with how many events injected, and how they are cut into shards."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, field_validator

from core.configuration.fields import Settings, Whole, number

MIN_N_INJECTED = 3
# Files beyond this number neither a status nor a folder can list in reasonable time.
MOST_SHARDS = 100_000
DEFAULT_SHARD_SIZE = 5_000_000
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
    shard_size: Whole = Field(default=DEFAULT_SHARD_SIZE, ge=1, le=1_000_000_000)
    """Trials in one shard: one task of tens of seconds, one file. Results do not depend on it."""
    keep: Literal["rows", "histogram"] = "rows"
    """rows: every trial. histogram: counts in fine bins of the test statistic, for 1e8 trials of a pair and more."""

    @field_validator("injected_over_uncertainty")
    @classmethod
    def _different(cls, values: tuple[float, ...]) -> tuple[float, ...]:
        if len(set(values)) < MIN_N_INJECTED:
            raise ValueError(f"input should hold at least {MIN_N_INJECTED} different numbers")
        return values

    def n_shards(self, n_pairs: int) -> int:
        """Return the number of files that the trials of so many pairs are cut into."""
        n_background, n_signal = (-(-n // self.shard_size) for n in (self.n_background, self.n_signal))
        return n_pairs * (n_background + len(self.injected_over_uncertainty) * n_signal)

    def complaint(self, n_pairs: int) -> str | None:
        """Return that the trials of so many pairs are cut into more files than can be listed, in words."""
        n_shards = self.n_shards(n_pairs)
        most = max(MOST_SHARDS, n_pairs * (1 + len(self.injected_over_uncertainty)))
        if n_shards <= most:
            return None
        pairs = f"{n_pairs:,} pairs" if n_pairs > 1 else "a pair"
        enough = self.shard_size
        while self.model_copy(update={"shard_size": enough}).n_shards(n_pairs) > most:
            enough *= 2
        return (
            f"trials.shard_size = {self.shard_size:,} cuts the trials of {pairs} into {n_shards:,} files, "
            f"{most:,} at most are allowed: {enough:,} is enough, {DEFAULT_SHARD_SIZE:,} takes tens of seconds"
        )
