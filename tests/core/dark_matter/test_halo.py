"""Profiles and lines of sight against independent integrals and closed forms."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import quad

from core.dark_matter.halo import PROFILES, HaloProfile, halo_profile, line_of_sight, within_angle
from core.dark_matter.processes import ANNIHILATION, PROCESSES, Process
from core.errors import ConfigError
from core.units import KILOPARSEC

profiles = pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
processes = pytest.mark.parametrize("process", [ANNIHILATION, PROCESSES["decay"]], ids=["J", "D"])


def power(process: Process) -> int:
    return 1 if process.is_decay else 2


def all_sky_by_shells(profile: HaloProfile, process: Process) -> float:
    """(2π/R) ∫ r rho^2 ln[(r+R)/|r-R|] dr: each shell of the halo, at its distances from the Sun."""
    sun, edge = profile.solar_distance / KILOPARSEC, profile.outer_radius / KILOPARSEC

    def shell(radius: float) -> float:
        density = float(profile.density(radius * KILOPARSEC))
        return radius * density ** power(process) * np.log((radius + sun) / abs(radius - sun))

    parts = [(0.0, sun), (sun, 2.0 * sun), (2.0 * sun, edge)]
    total = sum(quad(shell, low, high, limit=400, epsrel=1e-9)[0] for low, high in parts)
    return 2.0 * np.pi / sun * total * KILOPARSEC


@profiles
@processes
def test_the_sky_holds_what_the_shells_of_the_halo_hold(profile: HaloProfile, process: Process) -> None:
    assert within_angle(profile, process=process) == pytest.approx(all_sky_by_shells(profile, process), rel=1e-6)


@profiles
@pytest.mark.parametrize("angle", [1e-3, 0.1, 1.0, 2.0, 3.1])
def test_a_line_of_sight_is_the_integral_along_it(profile: HaloProfile, angle: float) -> None:
    sun = profile.solar_distance

    def squared(length: float) -> float:
        position = np.sqrt(sun**2 + (length * KILOPARSEC) ** 2 - 2.0 * sun * length * KILOPARSEC * np.cos(angle))
        return float(profile.density(position)) ** 2 * KILOPARSEC

    nearest = max(sun / KILOPARSEC * np.cos(angle), 0.0)
    exit_after = sun * np.cos(angle) + np.sqrt(profile.outer_radius**2 - (sun * np.sin(angle)) ** 2)
    parts = [(0.0, nearest), (nearest, nearest + 5.0), (nearest + 5.0, exit_after / KILOPARSEC)]
    direct = sum(quad(squared, low, high, limit=1000, epsrel=1e-10)[0] for low, high in parts if high > low)
    assert line_of_sight(profile, angle) == pytest.approx(direct, rel=1e-6)


def test_the_cusp_of_nfw_rises_as_one_over_the_angle() -> None:
    """rho = rho_s r_s/r inside: J = π rho_s^2 r_s^2/(R sin ψ)."""
    profile = PROFILES["nfw"]
    radius = 1e-6 * profile.scale_radius
    inner = float(profile.density(radius)) * radius
    expected = np.pi * inner**2 / (profile.solar_distance * np.sin(1e-6))
    assert line_of_sight(profile, 1e-6) == pytest.approx(expected, rel=1e-3)


@profiles
def test_the_density_at_the_sun_is_the_local_one_and_beyond_the_halo_there_is_none(profile: HaloProfile) -> None:
    assert profile.density(profile.solar_distance) == pytest.approx(profile.local_density)
    assert profile.density(1.001 * profile.outer_radius) == 0.0


@profiles
def test_parts_of_the_sky_add_up(profile: HaloProfile) -> None:
    assert within_angle(profile, 0.3) < within_angle(profile, 1.0) < within_angle(profile)
    assert within_angle(profile, 1e-3) < 0.01 * within_angle(profile)


def test_a_profile_that_is_not_known_is_refused_with_those_that_are() -> None:
    assert halo_profile("burkert") is PROFILES["burkert"]
    with pytest.raises(ConfigError, match=r"moore.*nfw, einasto, burkert, isothermal"):
        halo_profile("moore")


@pytest.mark.parametrize("angle", [0.3, 1.0, 1.5, 2.5])
def test_the_isothermal_sphere_has_its_line_of_sight_in_closed_form(angle: float) -> None:
    """ρ = ρ_0/(1 + r²/r_s²): with a² = r_s² + R² sin²ψ, ∫ ρ² dl = ρ_0² r_s⁴ [l/(2a²(l² + a²)) + atan(l/a)/(2a³)].

    From the Sun, l = -R cos ψ from the nearest point, to the edge of the halo; ∫ ρ dl = ρ_0 r_s² atan(l/a)/a.
    """
    profile = PROFILES["isothermal"]
    central, scale, sun = float(profile.density(0.0)), profile.scale_radius, profile.solar_distance
    least = sun * np.sin(angle)
    width = np.hypot(scale, least)
    ends = np.array([-sun * np.cos(angle), np.sqrt(profile.outer_radius**2 - least**2)])
    squared = ends / (2.0 * width**2 * (ends**2 + width**2)) + np.arctan(ends / width) / (2.0 * width**3)
    single = np.arctan(ends / width) / width
    annihilating = central**2 * scale**4 * (squared[1] - squared[0])
    decaying = central * scale**2 * (single[1] - single[0])
    assert line_of_sight(profile, angle) == pytest.approx(annihilating, rel=1e-7)
    assert line_of_sight(profile, angle, PROCESSES["decay"]) == pytest.approx(decaying, rel=1e-7)


@profiles
@pytest.mark.parametrize("factor", [0.5, 3.0])
def test_a_denser_halo_shines_with_the_square_and_decays_in_proportion(profile: HaloProfile, factor: float) -> None:
    denser = replace(profile, local_density=factor * profile.local_density)
    assert line_of_sight(denser, 0.7) == pytest.approx(factor**2 * line_of_sight(profile, 0.7))
    decay = PROCESSES["decay"]
    assert line_of_sight(denser, 0.7, decay) == pytest.approx(factor * line_of_sight(profile, 0.7, decay))


@profiles
def test_towards_the_centre_it_is_brightest(profile: HaloProfile) -> None:
    found = line_of_sight(profile, np.linspace(1e-3, np.pi, 60))
    assert np.all(np.diff(found) < 0.0)
    assert line_of_sight(profile, np.pi) == pytest.approx(line_of_sight(profile, np.pi - 1e-10))
