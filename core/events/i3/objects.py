"""The frame objects that this reader knows, as plain immutable values with icetray's attribute names."""

import bisect
import datetime
import math
from typing import Any, NamedTuple

from core.events.i3.particle_types import UNKNOWN, pdg_code

TICKS_PER_SECOND = 10_000_000_000
SECONDS_PER_DAY = 86400
MJD_OF_ORDINAL_ZERO = 678576  # MJD 0 is 17 November 1858, day 678576 of the proleptic Gregorian calendar

# Modified Julian dates of the days that end in a leap second.
LEAP_SECOND_DAYS: tuple[int, ...] = (
    *(41316, 41498, 41682, 42047, 42412, 42777, 43143, 43508, 43873, 44238, 44785, 45150, 45515, 46246),
    *(47160, 47891, 48256, 48803, 49168, 49533, 50082, 50629, 51178, 53735, 54831, 56108, 57203, 57753),
)


class I3Time(NamedTuple):
    """A time as the detector counts it: year (UTC) and tenths of nanoseconds since its beginning, leap seconds too."""

    year: int = 0
    daq_time: int = 0

    @classmethod
    def from_mjd(cls, mjd: float) -> "I3Time":
        """Return the time of a modified Julian date (UTC), to the nearest tick."""
        day = math.floor(mjd)
        year = datetime.date.fromordinal(day + MJD_OF_ORDINAL_ZERO).year
        new_year = datetime.date(year, 1, 1).toordinal() - MJD_OF_ORDINAL_ZERO
        seconds = (day - new_year) * SECONDS_PER_DAY + _leap_seconds(new_year, day)
        return cls(year, seconds * TICKS_PER_SECOND + round((mjd - day) * SECONDS_PER_DAY * TICKS_PER_SECOND))

    @property
    def mjd(self) -> float:
        """Modified Julian date (UTC); NaN for a year outside 1-9999.

        As icetray's `mod_julian_day_double`: the leap second itself repeats the second before it.
        """
        if not 1 <= self.year <= 9999:
            return float("nan")
        new_year = datetime.date(self.year, 1, 1).toordinal() - MJD_OF_ORDINAL_ZERO
        seconds, ticks = divmod(self.daq_time, TICKS_PER_SECOND)
        leap_seconds = _leap_seconds(new_year, int(new_year + seconds / SECONDS_PER_DAY))
        day = int(new_year + (seconds - leap_seconds) / SECONDS_PER_DAY)
        second = seconds - _leap_seconds(new_year, day) - (day - new_year) * SECONDS_PER_DAY
        return day + (second - (second == SECONDS_PER_DAY) + 0.1 * ticks / 1e9) / SECONDS_PER_DAY


def _leap_seconds(first_day: int, last_day: int) -> int:
    """Return how many days in [first_day, last_day) end in a leap second."""
    return bisect.bisect_left(LEAP_SECOND_DAYS, last_day) - bisect.bisect_left(LEAP_SECOND_DAYS, first_day)


class I3Position(NamedTuple):
    """A point in detector coordinates, m."""

    x: float = 0.0
    y: float = 0.0
    z: float = 0.0


class I3Direction(NamedTuple):
    """Where a particle comes from, rad."""

    zenith: float = 0.0
    azimuth: float = 0.0


class I3Particle(NamedTuple):
    """A simulated or reconstructed particle: energy in GeV, vertex and length in m, time in ns, angles in rad.

    `type_code` is the code in the file: PDG in class version 5, older numberings before; `pdg_encoding` is always PDG.
    `fit_status` 0 is a good fit. `obsolete` holds what only old versions have: parent, primary and composite particles
    (version 0), two numbers (version 4).
    """

    minor_id: int = 0
    major_id: int = 0
    type_code: int = UNKNOWN
    shape: int = 0
    fit_status: int = -1
    x: float = 0.0
    y: float = 0.0
    z: float = 0.0
    zenith: float = 0.0
    azimuth: float = 0.0
    time: float = float("nan")
    energy: float = float("nan")
    length: float = float("nan")
    speed: float = 0.299792458
    location_type: int = 0
    version: int = 5
    obsolete: tuple[Any, ...] = ()

    @property
    def pdg_encoding(self) -> int:
        """The PDG code of the particle's type; 0 if the file's code is unknown."""
        return pdg_code(self.type_code, self.version)

    @property
    def position(self) -> I3Position:
        """The vertex."""
        return I3Position(self.x, self.y, self.z)

    @property
    def direction(self) -> I3Direction:
        """Where the particle comes from."""
        return I3Direction(self.zenith, self.azimuth)


class I3EventHeader(NamedTuple):
    """Which event a frame belongs to, and when it happened. `state` 20 is a complete event."""

    run_id: int = 0
    sub_run_id: int = 0
    event_id: int = 0
    state: int = 20
    sub_event_id: int = 0
    sub_event_stream: str = ""
    start_time: I3Time = I3Time()
    end_time: I3Time = I3Time()
    version: int = 3


class I3FilterResult(NamedTuple):
    """The decision of an online filter, true where the event passed and was not prescaled away."""

    condition_passed: bool = False
    prescale_passed: bool = False

    def __bool__(self) -> bool:
        return self.condition_passed and self.prescale_passed


class I3Blob(bytes):
    """The bytes of an object whose class this reader does not know; `class_name` says which."""

    class_name: str

    def __new__(cls, data: bytes, class_name: str) -> "I3Blob":
        """Make the object of bytes and class name."""
        blob = super().__new__(cls, data)
        blob.class_name = class_name
        return blob
