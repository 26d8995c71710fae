"""The seven seasons of the sample `simulated-7y`: their names, their good runs, and times in them."""

from functools import cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.dark_matter.channels import listed
from core.errors import InputError
from core.events.livetime import GOOD_RUN_SCHEMA, total_livetime
from core.units import DAY

Reals = NDArray[np.float64]
Integers = NDArray[np.int64]

SAMPLE = "simulated-7y"
SEASONS = tuple(f"IC86_{year}" for year in range(2011, 2018))

FIRST_MJD = 55696.0  # 15 May 2011
SEASON_DAYS = 365
FIRST_RUN = 118_000
RUNS_A_DAY = 3
# Of so many runs one is not good.
BAD_RUN_EVERY = 8


def simulated_good_runs(season: str, events: pa.Table | None = None) -> pa.Table:
    """Return the good runs of a season: runs of 8 hours, live throughout; every eighth is not good.

    `events`: the season's data, whose number is counted in each run; without them it is 0.
    """
    index = SEASONS.index(known_season(season))
    numbers = np.arange(SEASON_DAYS * RUNS_A_DAY)
    numbers = index * len(numbers) + numbers[numbers % BAD_RUN_EVERY != BAD_RUN_EVERY - 1]
    start = FIRST_MJD + numbers / RUNS_A_DAY
    runs = FIRST_RUN + numbers
    measured = np.empty(0, np.int64) if events is None else events["run"].to_numpy()
    columns = {
        "season": [season] * len(runs),
        "run": runs,
        "mjd_start": start,
        "mjd_stop": start + 1.0 / RUNS_A_DAY,
        "livetime": np.full(len(runs), DAY / RUNS_A_DAY),
        "n_events": np.searchsorted(np.sort(measured), runs, "right") - np.searchsorted(np.sort(measured), runs),
    }
    return pa.table(columns, schema=GOOD_RUN_SCHEMA)


def simulated_livetime(seasons: tuple[str, ...] = SEASONS) -> float:
    """Return the livetime in s of the good runs of seasons."""
    return sum(total_livetime(simulated_good_runs(season)) for season in seasons)


def times_in_good_runs(season: str, uniform: Reals) -> tuple[Integers, Reals]:
    """Return run and time (MJD) in the season's good runs at given shares (n,) of their livetime."""
    runs = _good_run_arrays(season)
    position = uniform * len(runs[0])
    index = position.astype(np.int64)
    return runs[0][index], runs[1][index] + (position - index) / RUNS_A_DAY


@cache
def _good_run_arrays(season: str) -> tuple[Integers, Reals]:
    runs = simulated_good_runs(season)
    return runs["run"].to_numpy(), runs["mjd_start"].to_numpy()


def known_season(season: str) -> str:
    """Return the season; InputError if there is no such season."""
    if season not in SEASONS:
        raise InputError(f"unknown season {season!r} of {SAMPLE}: known are {listed(SEASONS)}")
    return season
