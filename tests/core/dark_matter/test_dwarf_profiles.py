"""Profiles of dwarf galaxies: J against closed forms and a direct integral, and profiles found again from their J."""

import numpy as np
import pytest

from core.dark_matter.dwarf_profiles import (
    KILOPARSEC,
    SOLAR_MASS,
    SUN_DISTANCE_KPC,
    dwarf_profiles,
    fitted_profile,
    galactocentric_distance_kpc,
    nfw_j_factor,
    tidal_radius_kpc,
)
from core.dark_matter.sources import EMBEDDED_CATALOGUE, read_catalogue
from core.errors import PhysicsError
from core.glossary import GLOSSARY
from core.units import DEGREE

DENSITY = 10.0**7.5 * SOLAR_MASS / KILOPARSEC**3
ANGLES = np.array([0.1, 0.2, 0.5]) * DEGREE


def test_all_of_a_halo_without_end_has_a_closed_form() -> None:
    """4 pi rho_s^2 r_s^3/(3 D^2)."""
    expected = 4.0 * np.pi * DENSITY**2 * 0.5**3 / (3.0 * 80.0**2) * KILOPARSEC
    assert nfw_j_factor(DENSITY, 0.5, 80.0, np.pi, 1e6) == pytest.approx(expected, rel=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("angle_deg", [0.05, 0.3, 1.0, 3.0])
def test_j_is_the_integral_along_lines_of_sight(angle_deg: float) -> None:
    """With the true lengths and angles of a galaxy 80 kpc away: parallel rays are exact to (r_t/D)^2/3."""
    radius, distance, tidal = 0.5, 80.0, 3.0

    nodes, weights = np.polynomial.legendre.leggauss(400)
    edge = min(angle_deg * DEGREE, np.arcsin(tidal / distance) * (1.0 - 1e-12))
    span = np.log(edge) - np.log(1e-9)
    angle = np.exp(np.log(1e-9) + 0.5 * span * (nodes[:, None] + 1.0))
    half_chord = np.sqrt(tidal**2 - (distance * np.sin(angle)) ** 2)
    t = 12.0 * nodes  # lines of sight are finest where they pass the centre
    x = np.hypot(half_chord * np.sinh(t) / np.sinh(12.0), distance * np.sin(angle)) / radius
    along = (half_chord * np.cosh(t) / np.sinh(12.0) * 12.0 / (x * (1.0 + x) ** 2) ** 2) @ weights
    direct = float(weights @ (2.0 * np.pi * np.sin(angle[:, 0]) * angle[:, 0] * along) * 0.5 * span)
    expected = direct * DENSITY**2 * KILOPARSEC
    assert nfw_j_factor(DENSITY, radius, distance, angle_deg * DEGREE, tidal) == pytest.approx(expected, rel=2e-3)


def test_j_grows_with_the_angle_to_that_of_all() -> None:
    angles = np.array([0.01, 0.1, 0.5, 2.0, 10.0, 180.0]) * DEGREE
    found = nfw_j_factor(DENSITY, 0.5, 80.0, angles, 3.0)
    assert np.all(np.diff(found) >= 0.0)
    assert found[-2] == found[-1]


def test_within_the_tidal_radius_a_dwarf_is_as_dense_as_its_host() -> None:
    tidal = float(tidal_radius_kpc(DENSITY, 0.5, 80.0))
    x = tidal / 0.5
    mean = 3.0 * DENSITY * (np.log1p(x) - x / (1.0 + x)) / x**3
    host = 3.0 * 220.0**2 / (4.0 * np.pi * 4.30091e-6 * 80.0**2) * SOLAR_MASS / KILOPARSEC**3
    assert mean == pytest.approx(host, rel=1e-9)
    assert tidal_radius_kpc(DENSITY, 0.5, 160.0) > tidal


@pytest.mark.parametrize("log10_radius", [-0.6, -0.1, 0.3])
def test_a_profile_is_found_again(log10_radius: float) -> None:
    radius = 10.0**log10_radius
    tidal = tidal_radius_kpc(DENSITY, radius, 80.0)
    log10_j = np.log10([float(nfw_j_factor(DENSITY, radius, 80.0, angle, tidal)) for angle in ANGLES])
    error = np.full(3, 0.1)
    found = fitted_profile("A", 80.0, 80.0, ANGLES, log10_j, error, error)
    total, half = (float(nfw_j_factor(DENSITY, radius, 80.0, angle, tidal)) for angle in (np.pi, 0.5 * DEGREE))
    assert found.chi_square < 0.05
    assert np.log10(found.scale_radius_kpc) == pytest.approx(log10_radius, abs=0.05)
    assert np.log10(found.scale_density / DENSITY) == pytest.approx(0.0, abs=0.08)
    assert found.log10_j_total == pytest.approx(np.log10(total), abs=0.05)
    beyond = np.log10(total / half)
    assert found.log10_beyond - 2.0 * found.log10_beyond_error_low < beyond
    assert beyond < found.log10_beyond + 2.0 * found.log10_beyond_error_high


def test_errors_of_each_side_are_its_own() -> None:
    """J values that no profile makes pull the common part to the side that is known worse."""
    rising = np.array([18.0, 18.0, 19.5])
    low, high = np.array([0.05, 0.05, 0.05]), np.array([1.0, 1.0, 1.0])
    up = fitted_profile("A", 80.0, 80.0, ANGLES, rising, low, high)
    down = fitted_profile("A", 80.0, 80.0, ANGLES, rising, high, low)
    assert up.log10_j_total >= down.log10_j_total


def test_the_distance_from_the_galactic_centre() -> None:
    centre = (266.405 * DEGREE, -28.936 * DEGREE)
    assert galactocentric_distance_kpc(*centre, 20.0) == pytest.approx(20.0 - SUN_DISTANCE_KPC)
    behind = (centre[0] - np.pi, -centre[1])
    assert galactocentric_distance_kpc(*behind, 20.0) == pytest.approx(20.0 + SUN_DISTANCE_KPC)


def test_galaxies_of_the_catalogue_have_profiles_and_more_j_beyond_half_a_degree() -> None:
    catalogue = read_catalogue(EMBEDDED_CATALOGUE)
    chosen = catalogue[catalogue["source"].isin(["Willman 1", "Ursa Major II", "Draco", "Sagittarius"])]
    table = dwarf_profiles(chosen)
    rows = {row["source"]: row for row in table.to_pylist()}
    assert set(rows) == {"Willman 1", "Ursa Major II", "Draco"}
    for row in rows.values():
        assert row["log10_j_total_over_half_degree"] > 0.0
        assert row["log10_j_total_over_half_degree_error_high"] > 0.0
        assert row["profile_chi_square"] < 0.1
    assert rows["Ursa Major II"]["log10_j_total_over_half_degree"] > rows["Willman 1"]["log10_j_total_over_half_degree"]
    for column in table.schema:
        assert GLOSSARY[column.name].dtype == column.type


def test_what_has_no_profile_is_refused() -> None:
    one = np.array([0.1])
    with pytest.raises(PhysicsError, match="A has 1 J factors with errors"):
        fitted_profile("A", 80.0, 80.0, ANGLES[:1], one, one, one)
    three = np.array([18.0, 18.1, 18.2])
    with pytest.raises(PhysicsError, match=r"distance of A is -1\.0 kpc"):
        fitted_profile("A", -1.0, 80.0, ANGLES, three, three, three)
    catalogue = read_catalogue(EMBEDDED_CATALOGUE)
    assert dwarf_profiles(catalogue[catalogue["source"] == "Sagittarius"]).num_rows == 0
