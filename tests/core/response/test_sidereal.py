"""How long a declination stands in each band of zenith: closed forms, and the integral over the day."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.response.sidereal import declination_shares, time_shares

BANDS = np.linspace(-1.0, 1.0, 9)
POLE = -0.5 * np.pi
LATITUDES = st.floats(-0.5 * np.pi, 0.5 * np.pi)


def test_at_the_south_pole_a_declination_keeps_its_zenith() -> None:
    dec = np.arcsin(np.linspace(-0.97, 0.97, 20))
    shares = time_shares(dec, BANDS, POLE)
    band = np.searchsorted(BANDS, -np.sin(dec)) - 1
    np.testing.assert_allclose(shares, np.eye(8)[band], atol=1e-6)
    np.testing.assert_allclose(time_shares(dec, BANDS, -POLE), np.eye(8)[np.searchsorted(BANDS, np.sin(dec)) - 1])


def test_the_equator_stands_below_the_horizon_half_the_day_everywhere() -> None:
    for latitude in (-1.0, 0.0, 0.3, 0.747):
        np.testing.assert_allclose(time_shares(np.zeros(1), np.array([-1.0, 0.0, 1.0]), latitude), [[0.5, 0.5]])


@pytest.mark.parametrize("latitude_deg", [42.8, 36.2, -30.0])
def test_time_above_the_horizon_is_that_of_rise_and_set(latitude_deg: float) -> None:
    latitude, dec = np.radians(latitude_deg), np.radians([-20.0, 10.0, 25.0])
    # From rise to set a star moves through 2 h0 with cos h0 = -tan φ tan δ.
    expected = np.arccos(-np.tan(latitude) * np.tan(dec)) / np.pi
    np.testing.assert_allclose(time_shares(dec, np.array([-1.0, 0.0, 1.0]), latitude)[:, 1], expected, rtol=1e-12)


def test_a_star_that_never_sets_is_never_below() -> None:
    shares = time_shares(np.radians([80.0, -80.0]), np.array([-1.0, 0.0, 1.0]), np.radians(42.8))
    np.testing.assert_array_equal(shares, [[0.0, 1.0], [1.0, 0.0]])


@settings(max_examples=40)
@given(LATITUDES, st.floats(-0.5 * np.pi, 0.5 * np.pi))
def test_shares_are_the_integral_over_the_day(latitude: float, dec: float) -> None:
    hour = 2.0 * np.pi * (np.arange(4_000) + 0.5) / 4_000
    cos_zenith = np.sin(latitude) * np.sin(dec) + np.cos(latitude) * np.cos(dec) * np.cos(hour)
    counted = np.histogram(np.clip(cos_zenith, -1.0, 1.0), BANDS)[0] / len(hour)
    shares = time_shares(np.array([dec]), BANDS, latitude)[0]
    assert shares.sum() == pytest.approx(1.0)
    near_edge = np.abs(BANDS[:, None] - cos_zenith).min(axis=1) * np.cos(latitude) * np.cos(dec) < 1e-9
    tolerance = 1.0 if near_edge.any() and np.cos(latitude) * np.cos(dec) < 1e-6 else 1e-2
    np.testing.assert_allclose(shares, counted, atol=tolerance)


@settings(max_examples=20)
@given(LATITUDES)
def test_a_sky_of_even_events_stays_even(latitude: float) -> None:
    sines = np.linspace(-1.0, 1.0, 11)
    shares = declination_shares(BANDS, sines, latitude)
    np.testing.assert_allclose(shares.sum(axis=1), 1.0)
    np.testing.assert_allclose(np.diff(BANDS) @ shares, np.diff(sines), atol=2e-3)


def test_at_the_south_pole_bands_of_zenith_are_bands_of_declination_upside_down() -> None:
    np.testing.assert_allclose(declination_shares(BANDS, BANDS, POLE), np.eye(8)[::-1], atol=1e-9)
