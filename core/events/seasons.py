"""Simulated events of several seasons brought together: each season counts as long as its detector was live."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pyarrow as pa

from core.errors import InputError
from core.events.counts import indices
from core.events.livetime import livetime_per_season

# Columns that say what a simulated event of a season counts for.
WEIGHTS = ("weight", "atmospheric_rate")


def season_shares(seasons: Iterable[str], livetime: float | Mapping[str, float]) -> dict[str, float]:
    """Return the share of each simulated season in the detector of all; they sum to 1. `livetime` in s.

    That detector is the mean of the seasons', each as long as it was live; seasons that were measured but not simulated
    are taken to be like that mean. Where no livetime of a simulated season is told, all count alike.
    """
    known = {} if isinstance(livetime, float | int) else livetime
    own = {season: known.get(season, 0.0) for season in sorted(seasons)}
    total = sum(own.values())
    return {season: time / total if total > 0.0 else 1.0 / len(own) for season, time in own.items()}


def mean_detector(simulation: Sequence[pa.Table], livetime: float | Mapping[str, float]) -> list[pa.Table]:
    """Return simulated events whose weights and rates are those of the mean detector of their seasons.

    `simulation`: tables in the canonical schema, or some of its columns, `season` among them; `livetime` in s, by
    season or of all alike. The events of one season, in one table or in many, are one simulation of the detector as it
    was then.
    """
    shares = season_shares({season for part in simulation for season in part["season"].unique().to_pylist()}, livetime)
    values = np.array(list(shares.values()))
    return [_scaled(part, values[indices(part, "season", tuple(shares))]) for part in simulation]


def measured_livetimes(good_runs: pa.Table) -> dict[str, float]:
    """Return the livetime in s of each season with good runs; InputError if they hold none at all."""
    livetimes = livetime_per_season(good_runs)
    if not sum(livetimes.values()) > 0.0:
        raise InputError(f"{good_runs.num_rows} good runs hold no livetime: no event is expected in it")
    return livetimes


def _scaled(part: pa.Table, share: np.ndarray) -> pa.Table:
    for name in WEIGHTS:
        if name in part.column_names and part[name].null_count == 0:
            scaled = pa.array(part[name].to_numpy() * share)
            part = part.set_column(part.column_names.index(name), name, scaled)
    return part
