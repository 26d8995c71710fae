import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.spectra.boost import BOSONS, boosted
from core.spectra.grid import LOG10_X, N_NODES, X
from core.spectra.interpolation import between, without_negative
from core.spectra.spectrum import ProducedSpectra


def random_spectra(seed, mass, channel="bb"):
    rng = np.random.default_rng(seed)
    counts = rng.uniform(size=(6, N_NODES)) * (X < 0.45)
    return ProducedSpectra(
        channel, mass, LOG10_X, counts, rng.uniform(size=6), rng.uniform(size=6), rng.uniform(size=6)
    )


@given(st.floats(10.0, 40.0))
@settings(max_examples=25)
def test_multiplicity_and_energy_are_those_of_the_neighbours_mixed(mass):
    left, right = random_spectra(1, 10.0), random_spectra(2, 40.0)
    weight = np.log(mass / 10.0) / np.log(4.0)
    found = between(left, right, mass)
    assert found.mass == mass
    assert found.multiplicity() == pytest.approx((1 - weight) * left.multiplicity() + weight * right.multiplicity())
    mixed = (1 - weight) * left.energy_fraction() + weight * right.energy_fraction()
    assert found.energy_fraction() == pytest.approx(mixed)


def test_at_a_tabulated_mass_the_table_comes_back():
    left, right = random_spectra(1, 100.0, "WW"), random_spectra(2, 200.0, "WW")
    at_rest = random_spectra(3, 80.4, "WW")
    for mass, expected in ((100.0, left), (200.0, right)):
        assert between(left, right, mass, at_rest).counts == pytest.approx(expected.counts, abs=1e-9)


def test_between_boosts_the_pair_at_rest_exactly():
    at_rest = random_spectra(3, 80.4, "WW")

    def pair(mass):
        return ProducedSpectra("WW", mass, LOG10_X, boosted(at_rest, mass, BOSONS["WW"]), at_rest.line)

    found = between(pair(100.0), pair(200.0), 140.0, at_rest)
    assert found.counts == pytest.approx(boosted(at_rest, 140.0, BOSONS["WW"]), abs=1e-9)


def test_negative_counts_vanish_without_loss():
    counts = np.random.default_rng(6).uniform(size=(6, N_NODES))
    counts[:, 50] = -0.5
    fixed = without_negative(counts, X)
    assert (fixed >= 0.0).all()
    assert fixed.sum(axis=1) == pytest.approx(counts.sum(axis=1))
    assert fixed @ X == pytest.approx(counts @ X)


def test_errors_of_independent_runs_add_in_quadrature():
    left, right = random_spectra(1, 10.0), random_spectra(2, 40.0)
    found = between(left, right, 20.0)
    assert found.multiplicity_error == pytest.approx(np.hypot(left.multiplicity_error, right.multiplicity_error) / 2.0)
    bare = ProducedSpectra("bb", 40.0, LOG10_X, right.counts, right.line)
    assert between(left, bare, 20.0).multiplicity_error is None
