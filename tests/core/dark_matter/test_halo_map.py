"""The halo on HEALPix pixels: every pixel holds the mean over itself, all of them the whole sky."""

import healpy
import numpy as np
import pytest

from core.dark_matter.halo import PROFILES, HaloProfile, line_of_sight, within_angle
from core.dark_matter.halo_map import GALACTIC_CENTRE_DEC, GALACTIC_CENTRE_RA, halo_map
from core.dark_matter.processes import PROCESSES

profiles = pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)


@profiles
@pytest.mark.parametrize("nside", [8, 32, 128])
def test_the_pixels_hold_the_whole_sky(profile: HaloProfile, nside: int) -> None:
    decay = PROCESSES["decay"]
    assert halo_map(profile, nside).sum() == pytest.approx(within_angle(profile), rel=5e-3)
    assert halo_map(profile, nside, decay).sum() == pytest.approx(within_angle(profile, process=decay), rel=5e-3)


def test_the_map_is_right_to_a_thousandth_where_it_is_used() -> None:
    for profile in PROFILES.values():
        assert halo_map(profile, 64).sum() == pytest.approx(within_angle(profile), rel=1e-3)


@profiles
def test_a_coarse_pixel_is_the_sum_of_the_fine_ones_in_it(profile: HaloProfile) -> None:
    coarse, fine = halo_map(profile, 32), halo_map(profile, 128)
    in_fours = healpy.reorder(fine, r2n=True).reshape(len(coarse), -1).sum(axis=1)
    assert healpy.reorder(coarse, r2n=True) == pytest.approx(in_fours, rel=0.02)


def test_the_brightest_pixel_holds_the_galactic_centre() -> None:
    centre = healpy.ang2pix(32, 0.5 * np.pi - GALACTIC_CENTRE_DEC, GALACTIC_CENTRE_RA)
    assert np.argmax(halo_map(PROFILES["nfw"], 32)) == centre


def test_the_centre_lies_in_the_middle_of_galactic_coordinates() -> None:
    """Within the 0.08 deg by which Sagittarius A* misses it."""
    to_galactic = healpy.Rotator(coord=["C", "G"])
    colatitude, longitude = to_galactic(0.5 * np.pi - GALACTIC_CENTRE_DEC, GALACTIC_CENTRE_RA)
    assert np.degrees(np.hypot(colatitude - 0.5 * np.pi, longitude)) < 0.08


def test_far_from_the_centre_a_pixel_is_its_middle() -> None:
    opposite = healpy.vec2pix(32, *-np.array(healpy.ang2vec(0.5 * np.pi - GALACTIC_CENTRE_DEC, GALACTIC_CENTRE_RA)))
    profile = PROFILES["burkert"]
    middle = line_of_sight(profile, np.pi) * healpy.nside2pixarea(32)
    assert halo_map(profile, 32)[opposite] == pytest.approx(float(middle), rel=1e-3)


def test_a_map_that_is_kept_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        halo_map(PROFILES["nfw"], 8)[0] = 0.0
