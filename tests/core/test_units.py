"""The units against their definitions."""

import math

import pytest

from core.units import ARCMINUTE, DAY, DEGREE, FULL_SKY, KILOPARSEC, METRE, SQUARE_METRE, YEAR


def test_a_parsec_is_the_distance_at_which_an_astronomical_unit_spans_an_arcsecond() -> None:
    """IAU 2015 resolution B2: 648000/π astronomical units, and of these each 149 597 870 700 m (IAU 2012 B2)."""
    parsec = 648_000.0 / math.pi * 149_597_870_700.0
    assert pytest.approx(1e3 * parsec * METRE, rel=1e-12) == KILOPARSEC


def test_angles_make_a_turn_and_the_sky_a_sphere() -> None:
    assert pytest.approx(2.0 * math.pi) == 360.0 * DEGREE
    assert pytest.approx(DEGREE) == 60.0 * ARCMINUTE
    # A sphere has 41,253 square degrees.
    assert pytest.approx(41_252.96, abs=0.01) == FULL_SKY / DEGREE**2


def test_a_year_of_livetime_is_365_days() -> None:
    assert YEAR / DAY == 365.0
    assert DAY == 24.0 * 60.0 * 60.0


def test_areas_are_squares_of_lengths() -> None:
    assert SQUARE_METRE == METRE * METRE == 1e4
