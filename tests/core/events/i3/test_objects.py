"""Times, particle codes: the values that icetray itself gives."""

import math

import pytest

from core.events.i3 import I3FilterResult, I3Particle, I3Time
from core.events.i3.particle_types import pdg_code

SECOND = 10_000_000_000
DAY = 86400 * SECOND


@pytest.mark.parametrize(
    ("year", "daq_time", "mjd"),
    [
        (2011, 0, 55562.0),
        (2012, 0, 55927.0),
        (2014, 125 * DAY + DAY // 4, 56783.25),
        (2012, 182 * DAY - SECOND, 56108 + 86399 / 86400),  # the second before the leap second
        (2012, 182 * DAY, 56108 + 86399 / 86400),  # the leap second repeats it
        (2012, 182 * DAY + SECOND, 56109.0),
        (2016, 366 * DAY, 57753 + 86399 / 86400),
        (2016, 366 * DAY + SECOND, 57754.0),
        (2017, 0, 57754.0),
    ],
)
def test_modified_julian_date(year: int, daq_time: int, mjd: float) -> None:
    assert I3Time(year, daq_time).mjd == mjd


def test_every_day_of_a_leap_year_begins_at_a_whole_date() -> None:
    for day in range(366):
        leap = SECOND if 55927 + day > 56108 else 0
        assert I3Time(2012, day * DAY + leap).mjd == 55927 + day


@pytest.mark.parametrize("year", [-1, 0, 10000, 2**31 - 1])
def test_impossible_year_has_no_date(year: int) -> None:
    assert math.isnan(I3Time(year, 0).mjd)


@pytest.mark.parametrize("daq_time", [-(2**63), -1, 2**63 - 1])
def test_absurd_count_of_ticks_still_gives_a_number(daq_time: int) -> None:
    assert math.isfinite(I3Time(2014, daq_time).mjd)


@pytest.mark.parametrize(
    ("code", "version", "pdg"),
    [
        (14, 5, 14),
        (66, 4, 12),
        (67, 3, -12),
        (68, 3, 14),
        (69, 4, -14),
        (133, 4, 16),
        (134, 3, -16),
        (5, 3, -13),
        (131, 3, -15),
        (-1006, 3, -2000001006),
        (5626, 3, 1000260560),
        (9900, 4, 2000009900),
        (-41, 3, -2000000041),
        (201, 2, 12),
        (202, 0, 14),
        (203, 1, 16),
        (206, 2, -16),
        (4, 2, -2000000004),
        (34, 2, 15),
        (1006, 2, -2000001006),
        (3026, 1, 1000260560),
        (-100, 2, 0),
        (4711, 3, 0),
    ],
)
def test_old_particle_codes_become_pdg(code: int, version: int, pdg: int) -> None:
    assert pdg_code(code, version) == pdg
    assert I3Particle(type_code=code, version=version).pdg_encoding == pdg


@pytest.mark.parametrize("condition", [True, False])
@pytest.mark.parametrize("prescale", [True, False])
def test_filter_is_passed_when_condition_and_prescale_are(condition: bool, prescale: bool) -> None:
    assert bool(I3FilterResult(condition, prescale)) == (condition and prescale)
