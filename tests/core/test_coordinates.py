"""Directions: against the library that IceCube's own conversion calls, closed forms, and inverses."""

import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.coordinates import FIRST_MJD, LAST_MJD, angular_separation, equatorial_to_local, local_to_equatorial
from core.errors import InputError
from core.units import DEGREE

ARCSECOND = DEGREE / 3600.0
longitudes = st.floats(0.0, 2.0 * np.pi)
latitudes = st.floats(-0.5 * np.pi, 0.5 * np.pi)
times = st.floats(FIRST_MJD, LAST_MJD, exclude_max=True)


# Computed with palpy 1.8.4 (Starlink PAL: palOap, then palAmp to J2000) for the detector's site, UT1 = UTC.
@pytest.mark.parametrize(
    ("zenith", "azimuth", "mjd", "ra", "dec"),
    [
        (1.0, 2.0, 56783.915363512, 2.9571888, -0.5692616),
        (2.5, 0.75, 55927.25, 4.1412000, 0.9298638),
        (1.7, 6.0, 57388.6, 1.0941080, 0.1284395),
    ],
)
def test_conversion_agrees_with_pal(zenith: float, azimuth: float, mjd: float, ra: float, dec: float) -> None:
    assert angular_separation(*local_to_equatorial(zenith, azimuth, mjd), ra, dec) < 0.2 * ARCSECOND


def test_conversion_agrees_with_every_reference_direction(real_data: Path) -> None:
    lines = (real_data / "catalogue" / "astro_reference.csv").read_text().splitlines()
    rows = np.array([line.split(",") for line in lines if line[0].isdigit()], dtype=float)
    zenith, azimuth, ra, dec = rows[:, [0, 1, 3, 4]].T * DEGREE
    assert len(rows) == 5
    assert angular_separation(*local_to_equatorial(zenith, azimuth, rows[:, 2]), ra, dec).max() < 0.3 * ARCSECOND


@settings(deadline=None)  # the first call compiles
@given(zenith=st.floats(0.0, np.pi), azimuth=longitudes, mjd=times)
def test_equatorial_to_local_undoes_local_to_equatorial(zenith: float, azimuth: float, mjd: float) -> None:
    back_zenith, back_azimuth = equatorial_to_local(*local_to_equatorial(zenith, azimuth, mjd), mjd)
    separation = angular_separation(back_azimuth, 0.5 * np.pi - back_zenith, azimuth, 0.5 * np.pi - zenith)
    assert separation < 1e-13


@settings(deadline=None)  # the first call compiles
@given(ra=longitudes, dec=latitudes, mjd=times)
def test_declination_is_zenith_less_a_right_angle_up_to_precession(ra: float, dec: float, mjd: float) -> None:
    zenith, _ = equatorial_to_local(ra, dec, mjd)
    assert abs(zenith - 0.5 * np.pi - dec) < 0.6 * DEGREE


def test_right_ascension_turns_once_in_a_sidereal_day() -> None:
    mjd = 56000.0 + np.array([0.0, 1.0 / 1.00273781191135448])
    ra, _ = local_to_equatorial(1.0, 2.0, mjd)
    assert abs(ra[1] - ra[0]) < 1.0 * ARCSECOND


def test_right_ascension_falls_as_azimuth_grows() -> None:
    ra, _ = local_to_equatorial(np.full(2, 1.2), np.array([0.5, 0.6]), np.full(2, 57000.3))
    assert (ra[0] - ra[1]) % (2 * np.pi) == pytest.approx(0.1, abs=1e-4)


def test_shapes_broadcast_and_empty_is_allowed() -> None:
    ra, dec = local_to_equatorial(np.linspace(0.1, 3.0, 4)[:, None], np.zeros(3), 57000.0)
    assert ra.shape == dec.shape == (4, 3)
    assert local_to_equatorial(1.0, 1.0, 57000.0)[0].shape == ()
    assert local_to_equatorial([], [], [])[0].shape == (0,)


def test_a_direction_is_the_same_whatever_others_are_converted_with_it() -> None:
    mjd = np.concatenate([[FIRST_MJD, np.nextafter(LAST_MJD, 0.0)], 56768.0 + np.array([-32.0, -1e-9, 0.0, 1e-9, 3.3])])
    together = local_to_equatorial(1.0, 2.0, mjd)
    alone = [local_to_equatorial(1.0, 2.0, time) for time in mjd]
    np.testing.assert_array_equal(together, np.transpose(alone))
    # 56768 begins a block of days in the tables: nothing jumps there.
    assert np.ptp(together[1][3:6]) < 1e-9


@pytest.mark.parametrize("mjd", [0.0, 1e9, np.nan, np.inf])
def test_impossible_time_is_refused(mjd: float) -> None:
    with pytest.raises(InputError, match="1 of 2 times lie outside"):
        local_to_equatorial([1.0, 1.0], [1.0, 1.0], [57000.0, mjd])


def test_half_a_million_directions_a_second() -> None:
    rng = np.random.default_rng(0)
    n_events = 200_000
    zenith, azimuth = np.arccos(rng.uniform(-1, 1, n_events)), rng.uniform(0, 2 * np.pi, n_events)
    mjd = rng.uniform(55700, 58200, n_events)
    local_to_equatorial(zenith[:1], azimuth[:1], mjd[:1])
    start = time.process_time()
    local_to_equatorial(zenith, azimuth, mjd)
    assert n_events / (time.process_time() - start) > 250_000  # half the promise: a busy machine may run this test


@pytest.mark.parametrize("angle", [0.0, 1e-300, 1e-150, 1e-12, 1e-8, 1e-3, 1.0, 3.0])
def test_separation_of_directions_on_the_equator_is_exact(angle: float) -> None:
    assert angular_separation(0.0, 0.0, angle, 0.0) == pytest.approx(angle, rel=4e-16, abs=1e-160)
    assert angular_separation(1.0, 0.0, 1.0, min(angle, 1.5)) == pytest.approx(min(angle, 1.5), rel=4e-16, abs=1e-160)


@given(ra=longitudes, dec=latitudes, offset=st.floats(1e-12, 1e-3))
def test_small_and_nearly_opposite_separations_keep_their_digits(ra: float, dec: float, offset: float) -> None:
    turned = np.float64(dec + offset)
    moved = float(turned - np.float64(dec))  # what rounding left of the offset
    assert angular_separation(ra, dec, ra, turned) == pytest.approx(moved, rel=1e-12)
    assert angular_separation(ra, dec, ra + np.pi, -turned) == pytest.approx(np.pi - moved, abs=1e-15)


@given(ra1=longitudes, dec1=latitudes, ra2=longitudes, dec2=latitudes)
def test_separation_is_the_angle_between_the_vectors(ra1: float, dec1: float, ra2: float, dec2: float) -> None:
    def vector(ra: float, dec: float) -> np.ndarray:
        return np.array([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)])

    separation = angular_separation(ra1, dec1, ra2, dec2)
    assert 0.0 <= separation <= np.pi
    assert np.cos(separation) == pytest.approx(vector(ra1, dec1) @ vector(ra2, dec2), abs=1e-15)
    assert separation == angular_separation(ra2, dec2, ra1, dec1)
    np.testing.assert_allclose(
        separation + angular_separation(ra1, dec1, ra2 + np.pi, -dec2), np.pi, rtol=0, atol=2e-15
    )


@pytest.mark.parametrize(
    ("zenith", "azimuth", "said"),
    [
        (4.0, 1.0, "1 of 1 zenith angles are not 0 to 3.142 rad, the first is 4.0"),
        (-0.1, 1.0, "zenith angles are not 0 to 3.142 rad"),
        (np.nan, 1.0, "the first is nan"),
        (1.0, np.nan, "1 of 1 azimuth angles are not finite"),
        (1.0, np.inf, "azimuth angles are not finite"),
        ([1.0, 180.0], 1.0, "1 of 2 zenith angles .* 180.0: angles are in rad"),
    ],
)
def test_directions_that_are_none_are_refused(zenith: object, azimuth: float, said: str) -> None:
    with pytest.raises(InputError, match=said):
        local_to_equatorial(zenith, azimuth, 56000.0)


def test_equatorial_directions_that_are_none_are_refused() -> None:
    with pytest.raises(InputError, match=r"1 of 1 declinations are not -1\.571 to 1\.571 rad"):
        equatorial_to_local(1.0, 2.0, 56000.0)
    with pytest.raises(InputError, match="right ascensions are not finite"):
        equatorial_to_local(np.nan, 1.0, 56000.0)


def test_a_zenith_of_single_precision_pi_is_one() -> None:
    assert np.isfinite(local_to_equatorial(np.float32(np.pi), 0.0, 56000.0)).all()
