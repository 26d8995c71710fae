"""Spectra of a pair to Earth and into a table: nothing is lost, and decay is annihilation at half the mass."""

from functools import cache

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.dark_matter.channels import FLAVOURS
from core.errors import PhysicsError, ProductError
from core.spectra.annihilation import (
    SPECTRA_SCHEMA,
    annihilation_spectrum,
    arriving,
    arriving_spectra,
    decay_spectrum,
    decay_spectrum_at_earth,
    made_and_arriving_table,
    produced_from_table,
    produced_spectra,
    spectra_from_table,
    spectrum_at_earth,
)
from core.spectra.earth_matter import Directions
from core.spectra.oscillation import MixingAngles, averaged_probabilities
from core.spectra.spectrum import ProducedSpectra
from core.spectra.table import SpectrumTable

LOG10_X = np.linspace(-2.0, 0.0, 9)
# sin²θ12 = 1/3, sin²θ13 = 0, sin²θ23 = 1/2: tri-bimaximal mixing (Harrison, Perkins & Scott, hep-ph/0202074).
TRIBIMAXIMAL = MixingAngles(1.0 / 3.0, 0.0, 0.5, 0.0)


@cache
def produced(lines: bool = True) -> ProducedSpectra:
    counts = np.random.default_rng(3).uniform(0.0, 1.0, (6, len(LOG10_X)))
    return ProducedSpectra("tautau", 20.0, LOG10_X, counts, np.arange(6.0) if lines else np.zeros(6))


def of_one_flavour(index: int) -> ProducedSpectra:
    counts = np.zeros((6, len(LOG10_X)))
    counts[index] = 1.0
    return ProducedSpectra("tautau", 20.0, LOG10_X, counts, counts[:, 0])


@pytest.mark.parametrize(
    ("flavour", "shares"),
    [("nue", (5.0, 2.0, 2.0)), ("numu", (2.0, 3.5, 3.5)), ("nutau", (2.0, 3.5, 3.5)), ("nuebar", (5.0, 2.0, 2.0))],
)
def test_tribimaximal_mixing_shares_in_eighteenths(flavour: str, shares: tuple[float, ...]) -> None:
    """P_ee = 5/9, P_eμ = P_eτ = 2/9, P_μμ = P_μτ = 7/18."""
    index = FLAVOURS.index(flavour)  # type: ignore[arg-type]
    found = arriving(of_one_flavour(index), TRIBIMAXIMAL).multiplicity()
    half = slice(0, 3) if index < 3 else slice(3, 6)
    np.testing.assert_allclose(found[half] / found.sum(), np.array(shares) / 9.0, rtol=1e-12)
    assert found.sum() == pytest.approx(len(LOG10_X) + 1.0)


@settings(max_examples=25, deadline=None)
@given(angles=st.tuples(st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.floats(-4.0, 4.0)))
def test_whatever_the_angles_every_neutrino_arrives(angles: tuple[float, float, float, float]) -> None:
    before, after = produced(), arriving(produced(), MixingAngles(*angles))
    for half in (slice(0, 3), slice(3, 6)):
        np.testing.assert_allclose(after.counts[half].sum(axis=0), before.counts[half].sum(axis=0), rtol=1e-9)
    assert after.energy_fraction().sum() == pytest.approx(before.energy_fraction().sum())


def test_equal_flavours_arrive_as_they_were_made() -> None:
    even = ProducedSpectra("tautau", 20.0, LOG10_X, np.ones((6, len(LOG10_X))), np.ones(6))
    np.testing.assert_allclose(arriving(even).counts, even.counts)
    through_earth = arriving(even, behind_earth=Directions((-0.9,), (1.0,)))
    np.testing.assert_allclose(through_earth.counts, even.counts, rtol=1e-9)


def test_spectra_that_have_oscillated_already_stay_and_cannot_pass_the_earth() -> None:
    table = SpectrumTable("PPPC", {}, at_earth=True)
    assert arriving_spectra(produced(), table, TRIBIMAXIMAL) is produced()
    with pytest.raises(PhysicsError, match="PPPC have oscillated already: Earth matter cannot be added"):
        arriving_spectra(produced(), table, TRIBIMAXIMAL, Directions((0.1,), (1.0,)))


@pytest.mark.parametrize("lines", [True, False])
def test_a_table_gives_back_what_it_was_made_of(lines: bool) -> None:
    made = produced(lines)
    table = made_and_arriving_table(made, arriving(made, TRIBIMAXIMAL))
    assert table.schema == SPECTRA_SCHEMA
    assert table.num_rows == 6 * (len(LOG10_X) + int(lines))
    again = produced_from_table(table, "anything")
    np.testing.assert_allclose(again.counts, made.counts, rtol=1e-9)
    np.testing.assert_allclose(again.line, made.line)
    at_earth = spectra_from_table(table)
    wanted = averaged_probabilities(TRIBIMAXIMAL).T @ made.multiplicity()[:3]
    np.testing.assert_allclose([at_earth[name].multiplicity() for name in FLAVOURS[:3]], wanted, rtol=1e-9)


def test_a_table_without_a_species_or_a_column_is_named() -> None:
    table = made_and_arriving_table(produced(), produced())
    without = table.filter(pa.compute.not_equal(table["flavour"], "nutaubar"))
    with pytest.raises(ProductError, match="no energies for nutaubar"):
        spectra_from_table(without)
    with pytest.raises(ProductError, match="lacks dn_de_production; it has flavour"):
        spectra_from_table(table.drop_columns(["dn_de_production"]), at_earth=False)


@pytest.mark.parametrize("flavour", ["nue", "nutaubar"])
def test_what_decays_has_the_spectra_of_annihilation_at_half_its_mass(flavour: str) -> None:
    decayed, annihilated = decay_spectrum("tautau", 40.0, flavour), annihilation_spectrum("tautau", 20.0, flavour)  # type: ignore[arg-type]
    np.testing.assert_array_equal(decayed.dn_de, annihilated.dn_de)
    assert decayed.mass == pytest.approx(20.0)
    far = decay_spectrum_at_earth("tautau", 40.0, flavour), spectrum_at_earth("tautau", 20.0, flavour)  # type: ignore[arg-type]
    np.testing.assert_array_equal(far[0].dn_de, far[1].dn_de)


def test_spectra_of_a_pair_are_read_once() -> None:
    assert produced_spectra("Tau", 20.0) is produced_spectra("tautau", 20)


@pytest.mark.parametrize("name", ["nux", "", "NuMu"])
def test_a_flavour_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(PhysicsError, match=f"unknown flavour '{name}': known are nue, numu"):
        annihilation_spectrum("tautau", 20.0, name)  # type: ignore[arg-type]
