"""Neutrinos behind the Earth: a closed form of two flavours at one density, limits, and what it does to n_s."""

import numpy as np
import pyarrow as pa
import pytest

from core.configuration.config import Config
from core.dark_matter.channels import FLAVOURS
from core.dark_matter.sources import catalogue_path, read_catalogue, select_sources
from core.errors import PhysicsError
from core.response import public_response
from core.signal.acceptance import source_acceptance
from core.spectra import earth_matter, produced_spectra, spectra_at_earth, spectra_table
from core.spectra.earth_matter import (
    DETECTOR_RADIUS,
    EARTH_RADIUS,
    PHASE_PER_KM,
    POTENTIAL,
    SPLITTINGS,
    Directions,
    arrival_probabilities,
    crossed_shells,
    mean_arrival_probabilities,
    source_directions,
)
from core.spectra.oscillation import MixingAngles, averaged_probabilities, earth_matter_systematic

ENERGY = np.array([1.0, 3.0, 7.0, 20.0, 100.0])


def test_a_path_through_the_centre_crosses_the_whole_earth():
    length, density = crossed_shells(-1.0)
    assert length.sum() == pytest.approx(EARTH_RADIUS + DETECTOR_RADIUS)
    # 1.1e10 g/cm² of matter along a diameter, 0.47 electrons a nucleon.
    assert 1e5 * (length @ density) == pytest.approx(0.475 * 1.1e10, rel=0.03)


@pytest.mark.parametrize("cos_zenith", [-0.99, -0.5, -0.01, 0.0, 0.3, 1.0])
def test_a_path_is_as_long_as_geometry_says(cos_zenith):
    length, density = crossed_shells(cos_zenith)
    from_detector = np.sqrt((DETECTOR_RADIUS * cos_zenith) ** 2 + EARTH_RADIUS**2 - DETECTOR_RADIUS**2)
    assert length.sum() == pytest.approx(from_detector - DETECTOR_RADIUS * cos_zenith)
    assert (density > 0.0).all()


@pytest.mark.parametrize("antineutrino", [False, True])
def test_probabilities_sum_to_one_and_without_a_path_are_those_of_vacuum(antineutrino):
    behind = arrival_probabilities(ENERGY, -0.8, antineutrino)
    assert np.abs(behind.sum(axis=1) - 1.0).max() < 1e-12
    assert np.abs(behind.sum(axis=2) - 1.0).max() < 1e-12
    # Straight down are 2 km of ice.
    above = arrival_probabilities(ENERGY, 1.0, antineutrino)
    assert np.abs(above - averaged_probabilities()).max() < 1e-3


@pytest.mark.parametrize("antineutrino", [False, True])
def test_one_density_and_two_flavours_have_a_closed_form(monkeypatch, antineutrino):
    """θ13 alone: P(ν₃ → νe) = s² + ½ sin 2θ' sin(2θ' - 2θ) (1 - cos φ), with the angle θ' and the phase φ in matter."""
    length, density, angles = 9000.0, 2.5, MixingAngles(0.0, 0.02215, 0.0, 0.0)
    monkeypatch.setattr(earth_matter, "crossed_shells", lambda _: (np.array([length]), np.array([density])))
    monkeypatch.setattr(earth_matter, "SPLITTINGS", SPLITTINGS * np.array([0.0, 0.0, 1.0]))
    found = arrival_probabilities(ENERGY, -0.7, antineutrino, angles)
    in_vacuum = SPLITTINGS[2] / (2.0e9 * ENERGY)
    potential = (-1.0 if antineutrino else 1.0) * POTENTIAL * density
    double = 2.0 * np.arcsin(np.sqrt(angles.sin2_theta13))
    along, across = in_vacuum * np.cos(double) - potential, in_vacuum * np.sin(double)
    in_matter, splitting = np.arctan2(across, along), np.hypot(along, across)
    turned = np.sin(in_matter) * np.sin(in_matter - double) * (1.0 - np.cos(splitting * length * PHASE_PER_KM)) / 2.0
    third = angles.sin2_theta13 + turned
    c2, s2 = 1.0 - angles.sin2_theta13, angles.sin2_theta13
    assert found[:, 0, 0] == pytest.approx(c2 * (1.0 - third) + s2 * third, abs=1e-10)
    assert np.abs(turned).max() > 0.01


def test_thinner_shells_change_little(monkeypatch):
    before = mean_arrival_probabilities(Directions((-0.95, -0.6), (1.0, 1.0)))
    monkeypatch.setattr(earth_matter, "SHELL_THICKNESS", 75.0)
    earth_matter._shells.cache_clear()
    try:
        after = mean_arrival_probabilities.__wrapped__(Directions((-0.95, -0.6), (1.0, 1.0)))
    finally:
        earth_matter._shells.cache_clear()
    seen = before.energy > 2.0
    assert np.abs(after.neutrinos - before.neutrinos)[seen].max() < 0.02
    assert np.abs(after.neutrinos - before.neutrinos)[seen].mean() < 1e-3


def test_neutrinos_resonate_near_7_gev_and_antineutrinos_do_not():
    behind = mean_arrival_probabilities(Directions((-0.7,), (1.0,)))
    lost = averaged_probabilities()[0, 0] - behind.neutrinos[:, 0, 0]
    assert 6.0 < behind.energy[np.argmax(lost)] < 9.0
    assert lost.max() > 0.3
    assert np.abs(behind.antineutrinos[:, 0, 0] - averaged_probabilities()[0, 0])[behind.energy > 5.0].max() < 0.03


def test_spectra_keep_their_neutrinos_and_their_energy():
    directions = Directions((-0.9, -0.3, 0.6), (3.0, 1.0, 2.0))
    for channel, mass in (("tautau", 10.0), ("nuenue", 8.0)):
        made, behind = produced_spectra(channel, mass), spectra_at_earth(channel, mass, behind_earth=directions)
        for half in (slice(0, 3), slice(3, 6)):
            assert behind.multiplicity()[half].sum() == pytest.approx(made.multiplicity()[half].sum())
            assert behind.energy_fraction()[half].sum() == pytest.approx(made.energy_fraction()[half].sum())
    assert behind.line[FLAVOURS.index("nue")] < spectra_at_earth("nuenue", 8.0).line[0] - 0.02


def test_from_above_spectra_are_those_of_vacuum():
    above = spectra_at_earth("bb", 20.0, behind_earth=Directions((0.9,), (1.0,)))
    assert above.counts == pytest.approx(spectra_at_earth("bb", 20.0).counts, rel=5e-3)


def test_sources_are_seen_from_the_pole():
    sources = pa.table({"dec": [np.radians(30.0), np.radians(-90.0)], "j_factor": [1e19, 3e18]})
    directions = source_directions(sources)
    assert directions.cos_zenith == pytest.approx((-0.5, 1.0))
    assert directions.weight == (1e19, 3e18)
    table = spectra_table("tautau", 8.0, behind_earth=directions)
    assert table["dn_de"].to_pylist() != spectra_table("tautau", 8.0)["dn_de"].to_pylist()


@pytest.fixture(scope="module")
def dwarfs():
    settings = Config().sources
    return select_sources(read_catalogue(catalogue_path(settings)), settings)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("channel", "mass", "moved"),
    [("nuenue", 8.0, -0.091), ("numunumu", 8.0, 0.060), ("nutaunutau", 8.0, 0.044), ("tautau", 10.0, 0.022)],
)
def test_expected_events_move_by_the_stated_systematic(dwarfs, channel, mass, moved):
    """Each source behind its own part of the Earth; averaged over the sources by J it is three quarters of that."""
    response, made = public_response(), produced_spectra(channel, mass)
    vacuum = averaged_probabilities()

    def n_s(spectra, sources):
        return source_acceptance(response, spectra.spectra(), sources, mass).total.n_s_per_strength

    in_vacuum = n_s(made.mixed(vacuum), dwarfs)
    source_by_source = sum(
        n_s(mean_arrival_probabilities(source_directions(one)).mixed(made, vacuum), one)
        for one in (dwarfs.slice(index, 1) for index in range(len(dwarfs)))
    )
    averaged = n_s(spectra_at_earth(channel, mass, behind_earth=source_directions(dwarfs)), dwarfs)
    assert source_by_source / in_vacuum - 1.0 == pytest.approx(moved, abs=0.002)
    assert abs(source_by_source / in_vacuum - 1.0) <= earth_matter_systematic(channel, mass) + 0.003
    assert (averaged / in_vacuum - 1.0) / (source_by_source / in_vacuum - 1.0) == pytest.approx(0.78, abs=0.06)


@pytest.mark.parametrize(
    ("cos_zenith", "weight", "message"),
    [
        ((), (), "0 directions with 0 weights"),
        ((0.1, 0.2), (1.0,), "2 directions with 1 weights"),
        ((1.1,), (1.0,), "no cosines"),
        ((float("nan"),), (1.0,), "no cosines"),
        ((0.1,), (0.0,), "not all positive"),
        ((0.1,), (float("inf"),), "not all positive"),
    ],
)
def test_what_are_no_directions_is_refused(cos_zenith, weight, message):
    with pytest.raises(PhysicsError, match=message):
        Directions(cos_zenith, weight)
