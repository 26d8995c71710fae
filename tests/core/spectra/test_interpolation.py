import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.spectra.grid import LOG10_X, N_NODES, X
from core.spectra.interpolation import between, boosted, hat_integrals, without_negative
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


@given(st.floats(80.5, 1000.0))
@settings(max_examples=25)
def test_boost_keeps_number_and_energy(mass):
    at_rest = random_spectra(3, 80.4, "WW")
    found = boosted(at_rest, mass)
    assert found.sum(axis=1) == pytest.approx(at_rest.counts.sum(axis=1))
    # Below x = 1e-8 there is no node, which lifts the softest by less than that.
    assert found @ X == pytest.approx(at_rest.counts @ X, abs=1e-6)


def test_a_line_at_rest_becomes_a_box():
    """Two-body decay: x is even between (1 - β)/2 and (1 + β)/2."""
    counts = np.zeros((6, N_NODES))
    node = int(np.argmin(np.abs(LOG10_X - np.log10(0.5))))
    counts[:, node] = 1.0
    centre = X[node]
    found = boosted(ProducedSpectra("WW", 80.0, LOG10_X, counts, np.zeros(6)), 100.0)
    low, high = 0.4 * centre, 1.6 * centre
    inside = (low * 1.1 < X) & (high / 1.1 > X)
    widths = np.gradient(X)
    assert (found[0] / widths)[inside] == pytest.approx(1.0 / (high - low), rel=2e-2)
    assert found[0][(low / 1.1 > X) | (high * 1.1 < X)] == pytest.approx(0.0)


def test_at_rest_nothing_is_boosted():
    at_rest = random_spectra(3, 80.4, "WW")
    assert boosted(at_rest, 80.4) == pytest.approx(at_rest.counts)


def test_between_boosts_the_pair_at_rest_exactly():
    at_rest = random_spectra(3, 80.4, "WW")

    def pair(mass):
        return ProducedSpectra("WW", mass, LOG10_X, boosted(at_rest, mass), at_rest.line)

    found = between(pair(100.0), pair(200.0), 140.0, at_rest)
    assert found.counts == pytest.approx(boosted(at_rest, 140.0), abs=1e-9)


def test_hats_sum_to_the_length_of_the_interval():
    upper = np.array([X[0], 1e-5, 0.3, 1.0])
    integrals = hat_integrals(upper, X)
    assert integrals.sum(axis=1) == pytest.approx(upper - X[0], abs=1e-15)
    assert integrals @ X == pytest.approx((upper**2 - X[0] ** 2) / 2.0, abs=1e-15)


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
