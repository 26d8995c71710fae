import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.spectra.boost import BOSONS, Boson, boosted, hats_below, pair_kinematics
from core.spectra.grid import LOG10_X, N_NODES, X
from core.spectra.spectrum import ProducedSpectra

NARROW = Boson(80.4, 0.0)


def at_rest(counts):
    return ProducedSpectra("WW", 80.4, LOG10_X, counts, np.zeros(6))


def line_at_half():
    """All neutrinos on the node nearest to half the boson's energy, and that node's x."""
    counts = np.zeros((6, N_NODES))
    node = int(np.argmin(np.abs(LOG10_X - np.log10(0.5))))
    counts[:, node] = 1.0
    return at_rest(counts), X[node]


@given(st.floats(80.5, 1000.0), st.sampled_from([NARROW, BOSONS["WW"]]))
@settings(max_examples=10, deadline=None)
def test_boost_keeps_number_and_energy(mass, boson):
    pair = at_rest(np.random.default_rng(3).uniform(size=(6, N_NODES)) * (X < 0.3))
    found = boosted(pair, mass, boson)
    assert found.sum(axis=1) == pytest.approx(pair.counts.sum(axis=1))
    # Below x = 1e-8 there is no node, which lifts the softest by less than that; a light boson's partner reaches x = 1.
    assert found @ X == pytest.approx(pair.counts @ X, rel=1e-5, abs=1e-6)


def test_a_line_at_rest_becomes_a_box():
    """Two-body decay: x is even between (1 - β)/2 and (1 + β)/2; β = 0.6 at 100 GeV for a boson of 80 GeV."""
    line, centre = line_at_half()
    found = boosted(line, 100.0, Boson(80.0, 0.0))
    low, high = 0.4 * centre, 1.6 * centre
    inside = (low * 1.1 < X) & (high / 1.1 > X)
    widths = np.gradient(X)
    assert (found[0] / widths)[inside] == pytest.approx(1.0 / (high - low), rel=2e-2)
    assert found[0][(low / 1.1 > X) | (high * 1.1 < X)] == pytest.approx(0.0)


def test_a_broad_boson_softens_the_edges_of_the_box():
    line, centre = line_at_half()
    narrow, broad = (boosted(line, 100.0, Boson(80.0, width)) for width in (0.0, 2.085))
    beyond = 1.64 * centre < X
    assert narrow[0][beyond].sum() == pytest.approx(0.0)
    assert 0.002 < broad[0][beyond].sum() < 0.05


def test_at_rest_nothing_is_boosted():
    pair = at_rest(np.random.default_rng(4).uniform(size=(6, N_NODES)))
    assert boosted(pair, 80.4, NARROW) == pytest.approx(pair.counts, abs=1e-6)


def test_masses_of_a_pair_share_its_energy():
    energy, speed, weight = pair_kinematics(100.0, BOSONS["ZZ"])
    mass = 100.0 * energy * np.sqrt(1.0 - speed**2)
    assert weight.sum() == pytest.approx(1.0)
    assert (weight @ energy, weight @ mass) == (pytest.approx(1.0), pytest.approx(91.1876, abs=1.0))
    assert ((speed > 0.0) & (speed < 1.0)).all()


def test_next_to_the_threshold_light_pairs_are_left():
    _, speed, weight = pair_kinematics(80.3, BOSONS["WW"])
    assert len(weight) > 100
    assert weight @ speed < 0.3


def test_hats_sum_to_the_length_of_the_interval():
    upper = np.array([X[0], 1e-5, 0.3, 1.0])
    for point in upper:
        landed = hats_below(np.ones(1), np.array([point]), X)
        assert landed.sum() == pytest.approx(point - X[0], abs=1e-15)
        assert landed @ X == pytest.approx((point**2 - X[0] ** 2) / 2.0, abs=1e-15)
    together = hats_below(np.array([1.0, 2.0, 3.0, 4.0]), upper, X)
    apart = sum(weight * hats_below(np.ones(1), np.array([point]), X) for weight, point in enumerate(upper, start=1))
    assert together == pytest.approx(apart)
