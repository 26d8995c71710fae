"""How simulated events were drawn: densities that integrate to 1 over areas known to Cauchy, and frames that tell."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.events.generation import DEFAULT_CYLINDER, Distribution, Generation, generation_of
from core.events.profiles import DRAGON
from core.units import FULL_SKY, METRE

MAP = {
    "OneWeight": 1.0,
    "NEvents": 1000.0,
    "MinEnergyLog": 0.0,
    "MaxEnergyLog": 3.0,
    "PowerLawIndex": 2.0,
    "MinZenith": 0.0,
    "MaxZenith": math.pi,
}
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(80)


def integral_over_energy(distribution: Distribution, cosine: float) -> float:
    """∫ p dE at one direction, in ln E."""
    low, high = (math.log(10.0) * edge for edge in distribution[:2])
    energy = np.exp(0.5 * (low + high) + 0.5 * (high - low) * _NODES)
    return float(_WEIGHTS @ (energy * distribution.density(energy, np.full(energy.shape, cosine)))) * 0.5 * (high - low)


@settings(max_examples=40, deadline=None)
@given(
    low=st.floats(-1.0, 2.0),
    decades=st.floats(0.1, 4.0),
    index=st.sampled_from([0.0, 1.0, 2.0, 2.7]),
    cosine=st.floats(-0.99, 0.99),
)
def test_a_circle_of_a_square_centimetre_gives_one_over_the_sky(
    low: float, decades: float, index: float, cosine: float
) -> None:
    """∫ dE p · area · 4π = 1 at every direction; E^-1 has an integral of its own."""
    one = Distribution(low, low + decades, index, 0.0, math.pi, 1.0 / math.sqrt(math.pi), 0.0)
    assert integral_over_energy(one, cosine) * FULL_SKY == pytest.approx(1.0, rel=1e-6)


def test_a_part_of_the_sky_holds_all() -> None:
    """Half of the sky, upgoing: twice the density, and none from above."""
    whole = Distribution(0.0, 3.0, 2.0, 0.0, math.pi, 100.0, 0.0)
    half = whole._replace(zenith_min=math.pi / 2.0)
    assert half.density(10.0, -0.5) == pytest.approx(2.0 * whole.density(10.0, -0.5))
    assert half.density(10.0, 0.5) == 0.0


def test_a_cylinder_shows_on_average_a_quarter_of_its_surface() -> None:
    """Cauchy 1841 of every convex body: the mean of the projected area is surface / 4."""
    radius, height = 3.0, 7.0
    cylinder = Distribution(0.0, 3.0, 2.0, 0.0, math.pi, radius, height)
    circle = cylinder._replace(radius=1.0 / math.sqrt(math.pi), height=0.0)  # 1 cm²
    area = circle.density(10.0, _NODES) / cylinder.density(10.0, _NODES)
    surface = 2.0 * math.pi * radius * (radius + height)
    # The projection goes as sin near the poles, where polynomials follow slowly.
    assert 0.5 * float(_WEIGHTS @ area) == pytest.approx(0.25 * surface, rel=1e-4)


def test_from_above_a_cylinder_is_its_lid_and_from_the_side_its_outline() -> None:
    cylinder = Distribution(0.0, 3.0, 2.0, 0.0, math.pi, 3.0, 7.0)
    lid = cylinder._replace(height=0.0)
    assert cylinder.density(10.0, 1.0) == pytest.approx(lid.density(10.0, 1.0))
    assert lid.density(10.0, 0.0) / cylinder.density(10.0, 0.0) == pytest.approx(2.0 * 7.0 / (math.pi * 3.0))


@pytest.mark.parametrize("energy", [0.999, 1001.0])
def test_beyond_its_energies_nothing_is_drawn(energy: float) -> None:
    one = Distribution(0.0, 3.0, 2.0, 0.0, math.pi, 1.0, 0.0)
    assert one.density(energy, 0.0) == 0.0
    assert one.density(np.array([1.0, 1000.0]), np.array([0.0, 0.0])).min() > 0.0


def test_a_power_law_falls_as_it_says() -> None:
    one = Distribution(0.0, 3.0, 2.5, 0.0, math.pi, 1.0, 0.0)
    assert one.density(10.0, 0.1) / one.density(100.0, 0.1) == pytest.approx(10.0**2.5)


def told(**changed: Any) -> Distribution | None:
    found = generation_of({"I3MCWeightDict": MAP | changed}, DRAGON)
    assert found is not None
    return found.distribution


def test_a_frame_tells_what_its_map_says_in_centimetres() -> None:
    found = generation_of({"I3MCWeightDict": MAP | {"InjectionSurfaceR": 800.0}}, DRAGON)
    wanted = Distribution(0.0, 3.0, 2.0, 0.0, math.pi, 800.0 * METRE, 0.0)
    assert found == Generation(1000.0, wanted)


def test_a_circle_that_is_none_leaves_the_cylinder_and_that_the_usual_one() -> None:
    given_cylinder = told(InjectionSurfaceR=-1.0, CylinderRadius=500.0, CylinderHeight=900.0)
    assert given_cylinder is not None
    assert given_cylinder[-2:] == (500.0 * METRE, 900.0 * METRE)
    usual = told()
    assert usual is not None
    assert usual[-2:] == tuple(METRE * length for length in DEFAULT_CYLINDER)


@pytest.mark.parametrize(
    "changed",
    [
        {"MaxEnergyLog": 0.0},
        {"MinEnergyLog": math.nan},
        {"MinZenith": -0.1},
        {"MaxZenith": 0.0},
        {"MaxZenith": 180.0},
        {"CylinderRadius": 0.0},
        {"CylinderHeight": -1.0},
        {"PowerLawIndex": math.inf},
    ],
    ids=str,
)
def test_what_cannot_have_been_drawn_is_not_taken(changed: dict[str, float]) -> None:
    assert told(**changed) is None


def test_a_zenith_that_was_rounded_up_is_the_nadir() -> None:
    found = told(MaxZenith=3.1416)
    assert found is not None
    assert found.zenith_max == math.pi


def test_events_that_are_no_weighted_neutrinos_were_not_generated() -> None:
    assert generation_of({}, DRAGON) is None
    assert generation_of({"I3MCWeightDict": MAP | {"NEvents": 0.0}}, DRAGON) is None
    missing = {name: value for name, value in MAP.items() if name != "MaxZenith"}
    found = generation_of({"I3MCWeightDict": missing}, DRAGON)
    assert found == Generation(1000.0, None)
