"""Directions on the sky: the detector's zenith and azimuth, equatorial coordinates J2000, and angles between them.

IceCube's zenith and azimuth say where a particle comes from: zenith 0 is straight up, azimuth 0 points along grid
east. The conversion follows IceCube's own (Starlink PAL with UT1 = UTC, no refraction, no polar motion), rebuilt on
ERFA: precession, nutation (IAU 2006/2000A) and the Earth's velocity are tabulated once a day and interpolated, the
rotation of the Earth and the annual aberration are computed for every event. It agrees with PAL within 0.1 arcsec,
save within half a degree of the Sun, whose deflection of light (0.9 arcsec there) is left out.
"""

import math
from functools import lru_cache
from typing import cast

import erfa
import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.compiled import compiled
from core.errors import InputError
from core.units import DAY, DEGREE

Floats = NDArray[np.float64]

DETECTOR_LATITUDE: float = -89.9944 * DEGREE
DETECTOR_LONGITUDE: float = -62.6081 * DEGREE

MJD_EPOCH: float = 2400000.5
FIRST_MJD: float = 33282.0  # 1950-01-01
LAST_MJD: float = 88069.0  # 2100-01-01

# TT - UTC in 2012-2016, days. Five seconds more or less move no direction by more than 1e-4 arcsec.
TERRESTRIAL_TIME_OFFSET: float = 68.0 / DAY
# Speed of light in astronomical units per day: 86400 s over the light time of one unit.
LIGHT_AU_PER_DAY: float = DAY / 499.004784
DAYS_A_BLOCK = 32
ROUNDING = 1e-6  # rad: what files of single precision lose of π


def angular_separation(ra1: ArrayLike, dec1: ArrayLike, ra2: ArrayLike, dec2: ArrayLike) -> Floats:
    """Return the angle between two directions in rad, exact to rounding from 0 to π.

    Longitudes and latitudes in rad, arrays that broadcast together. Both half-angle sums have only positive terms,
    sin²(θ/2) = sin²(Δδ/2) + cos δ1 cos δ2 sin²(Δα/2) and cos²(θ/2) = sin²((δ1+δ2)/2) + cos δ1 cos δ2 cos²(Δα/2),
    so that nothing cancels near 0 or π.
    """
    ra1, dec1, ra2, dec2 = _as_floats(ra1, dec1, ra2, dec2)
    cos_product = np.cos(dec1) * np.cos(dec2)
    half_difference = 0.5 * (ra2 - ra1)
    sine_squared = np.sin(0.5 * (dec2 - dec1)) ** 2 + cos_product * np.sin(half_difference) ** 2
    cosine_squared = np.sin(0.5 * (dec2 + dec1)) ** 2 + cos_product * np.cos(half_difference) ** 2
    return cast(Floats, 2.0 * np.arctan2(np.sqrt(sine_squared), np.sqrt(cosine_squared)))


def local_to_equatorial(zenith: ArrayLike, azimuth: ArrayLike, mjd: ArrayLike) -> tuple[Floats, Floats]:
    """Return right ascension (0 to 2π) and declination (rad, J2000) of directions seen by the detector.

    `zenith`, `azimuth` (n,) rad: where the particle comes from; `mjd` (n,): time as UTC modified Julian date. The
    three broadcast together. Raises InputError for a time outside 1950-2100, a zenith angle outside 0 to π, or an angle
    that is not a finite number.
    """
    zenith, azimuth, mjd = np.broadcast_arrays(*_as_floats(zenith, azimuth, mjd))
    _refuse_angles("zenith angles", zenith, 0.0, math.pi)
    _refuse_angles("azimuth angles", azimuth, -math.inf, math.inf)
    ra, dec = _to_equatorial(zenith.ravel(), azimuth.ravel(), mjd.ravel(), *_daily_frames(mjd.ravel()))
    return ra.reshape(mjd.shape), dec.reshape(mjd.shape)


def equatorial_to_local(ra: ArrayLike, dec: ArrayLike, mjd: ArrayLike) -> tuple[Floats, Floats]:
    """Return zenith and azimuth (0 to 2π) in rad at which the detector sees equatorial directions J2000.

    The inverse of local_to_equatorial: `ra`, `dec` (n,) rad, `mjd` (n,) UTC. InputError for a time outside 1950-2100, a
    declination outside -π/2 to π/2, or an angle that is not a finite number.
    """
    ra, dec, mjd = np.broadcast_arrays(*_as_floats(ra, dec, mjd))
    _refuse_angles("declinations", dec, -0.5 * math.pi, 0.5 * math.pi)
    _refuse_angles("right ascensions", ra, -math.inf, math.inf)
    zenith, azimuth = _to_local(ra.ravel(), dec.ravel(), mjd.ravel(), *_daily_frames(mjd.ravel()))
    return zenith.reshape(mjd.shape), azimuth.reshape(mjd.shape)


def _as_floats(*angles: ArrayLike) -> tuple[Floats, ...]:
    return tuple(np.asarray(values, dtype=np.float64) for values in angles)


def _refuse_angles(name: str, angles: Floats, low: float, high: float) -> None:
    """Raise InputError for angles that are not finite, or beyond their range by more than rounding."""
    bad = ~(np.isfinite(angles) & (angles >= low - ROUNDING) & (angles <= high + ROUNDING))
    if bad.any():
        allowed = f"{low:.4g} to {high:.4g} rad" if math.isfinite(high) else "finite"
        raise InputError(
            f"{np.count_nonzero(bad)} of {angles.size} {name} are not {allowed}, the first is {angles[bad][0]}: "
            "angles are in rad"
        )


def _daily_frames(mjd: Floats) -> tuple[NDArray[np.int64], Floats, Floats]:
    """Return, for the days that occur: row of each day in the tables, rotations (n, 3, 3), velocities (n, 3) in c.

    The first day stands before the rows. The rotation takes ICRS to the celestial intermediate frame of date; rows
    stand for midnights, and the midnight that ends a day has the next row.
    """
    if mjd.size == 0:
        return np.zeros(1, dtype=np.int64), np.zeros((1, 3, 3)), np.zeros((1, 3))
    outside = ~((mjd >= FIRST_MJD) & (mjd < LAST_MJD))
    if outside.any():
        raise InputError(
            f"{np.count_nonzero(outside)} of {mjd.size} times lie outside MJD {FIRST_MJD:.0f} to {LAST_MJD:.0f} "
            f"(1950-2100), the first is {mjd[outside][0]}: times are UTC modified Julian dates"
        )
    block_of_event = mjd.astype(np.int64) // DAYS_A_BLOCK
    first_block = int(block_of_event.min())
    is_needed = np.zeros(int(block_of_event.max()) - first_block + 1, dtype=np.bool_)
    is_needed[block_of_event - first_block] = True
    blocks = [_block_frames(first_block + int(block)) for block in np.flatnonzero(is_needed)]
    days = np.arange(is_needed.size * DAYS_A_BLOCK)
    rows = (np.cumsum(is_needed) - 1)[days // DAYS_A_BLOCK] * (DAYS_A_BLOCK + 1) + days % DAYS_A_BLOCK
    rotations, velocities = (np.concatenate(values) for values in zip(*blocks, strict=True))
    return np.concatenate([[first_block * DAYS_A_BLOCK], rows]).astype(np.int64), rotations, velocities


@lru_cache(maxsize=2048)
def _block_frames(block: int) -> tuple[Floats, Floats]:
    """Return rotations and velocities at the midnights of a block of days, the one that ends it too.

    Files of one season ask for the same days again and again: each is computed once in a process.
    """
    days = DAYS_A_BLOCK * block + np.arange(DAYS_A_BLOCK + 1)
    midnights = np.minimum(days, LAST_MJD) + TERRESTRIAL_TIME_OFFSET
    rotations = np.ascontiguousarray(erfa.c2i06a(MJD_EPOCH, midnights))
    _, barycentric = erfa.epv00(MJD_EPOCH, midnights)
    return rotations, np.ascontiguousarray(barycentric["v"]) / LIGHT_AU_PER_DAY


@compiled
def _frame_at(
    mjd: float, days: NDArray[np.int64], rotations: Floats, velocities: Floats
) -> tuple[Floats, Floats, float]:
    """Return the rotation ICRS → intermediate frame, the Earth's velocity, and the angle of the detector's meridian."""
    day = int(mjd)
    fraction = mjd - day
    row = days[1 + day - days[0]]
    rotation = (1.0 - fraction) * rotations[row] + fraction * rotations[row + 1]
    velocity = (1.0 - fraction) * velocities[row] + fraction * velocities[row + 1]
    # Earth rotation angle, IAU 2000 (Capitaine et al. 2000), counted from noon of 1 January 2000, MJD 51544.5.
    since_epoch = mjd - 51544.5
    turns = (since_epoch % 1.0) + 0.7790572732640 + 0.00273781191135448 * since_epoch
    return rotation, velocity, 2.0 * math.pi * turns + DETECTOR_LONGITUDE


@compiled
def _aberrated(direction: Floats, velocity: Floats) -> Floats:
    """Return the direction in which an observer moving with `velocity` (in c) sees light from `direction`."""
    inverse_gamma = math.sqrt(1.0 - np.dot(velocity, velocity))
    projection = np.dot(direction, velocity)
    seen: Floats = (inverse_gamma * direction + (1.0 + projection / (1.0 + inverse_gamma)) * velocity) / (
        1.0 + projection
    )
    return seen


@compiled
def _to_equatorial(
    zenith: Floats, azimuth: Floats, mjd: Floats, days: NDArray[np.int64], rotations: Floats, velocities: Floats
) -> tuple[Floats, Floats]:
    sin_latitude, cos_latitude = math.sin(DETECTOR_LATITUDE), math.cos(DETECTOR_LATITUDE)
    ra, dec = np.empty(mjd.size), np.empty(mjd.size)
    direction = np.empty(3)
    for event in range(mjd.size):
        rotation, velocity, meridian = _frame_at(mjd[event], days, rotations, velocities)
        bearing = 0.5 * math.pi - azimuth[event] - DETECTOR_LONGITUDE  # from north through east
        north = math.sin(zenith[event]) * math.cos(bearing)
        east = math.sin(zenith[event]) * math.sin(bearing)
        up = math.cos(zenith[event])
        outward = cos_latitude * up - sin_latitude * north  # in the equator, towards the meridian
        cosine, sine = math.cos(meridian), math.sin(meridian)
        direction[0] = cosine * outward - sine * east
        direction[1] = sine * outward + cosine * east
        direction[2] = sin_latitude * up + cos_latitude * north
        x, y, z = _aberrated(np.dot(rotation.T, direction), -velocity)
        ra[event] = math.atan2(y, x) % (2.0 * math.pi)
        dec[event] = math.atan2(z, math.hypot(x, y))
    return ra, dec


@compiled
def _to_local(
    ra: Floats, dec: Floats, mjd: Floats, days: NDArray[np.int64], rotations: Floats, velocities: Floats
) -> tuple[Floats, Floats]:
    sin_latitude, cos_latitude = math.sin(DETECTOR_LATITUDE), math.cos(DETECTOR_LATITUDE)
    zenith, azimuth = np.empty(mjd.size), np.empty(mjd.size)
    direction = np.empty(3)
    for event in range(mjd.size):
        rotation, velocity, meridian = _frame_at(mjd[event], days, rotations, velocities)
        direction[0] = math.cos(dec[event]) * math.cos(ra[event])
        direction[1] = math.cos(dec[event]) * math.sin(ra[event])
        direction[2] = math.sin(dec[event])
        x, y, z = np.dot(rotation, _aberrated(direction, velocity))
        cosine, sine = math.cos(meridian), math.sin(meridian)
        outward, east = cosine * x + sine * y, cosine * y - sine * x
        up = cos_latitude * outward + sin_latitude * z
        north = cos_latitude * z - sin_latitude * outward
        zenith[event] = math.atan2(math.hypot(north, east), up)
        bearing = math.atan2(east, north)
        azimuth[event] = (0.5 * math.pi - bearing - DETECTOR_LONGITUDE) % (2.0 * math.pi)
    return zenith, azimuth
