import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.spectra.grid import LOG10_X, N_NODES, NODE_WIDTHS, X, node_counts, shared_among_nodes, trapezoid_widths


def test_nodes_rise_from_1e_minus_8_to_1():
    assert LOG10_X[0] == -8.0
    assert LOG10_X[-1] == 0.0
    assert (np.diff(LOG10_X) > 0.0).all()
    assert np.diff(LOG10_X)[-1] == pytest.approx(0.01)


def test_widths_are_those_of_the_trapezoid_rule():
    density = np.random.default_rng(1).uniform(size=N_NODES)
    assert density @ NODE_WIDTHS == pytest.approx(np.trapezoid(density, LOG10_X))
    assert trapezoid_widths(np.array([0.0, 1.0, 3.0])).tolist() == [0.5, 1.5, 1.0]


def test_sharing_an_interval_keeps_number_and_energy():
    rng = np.random.default_rng(2)
    number = rng.integers(0, 50, size=(6, N_NODES - 1)).astype(float)
    mean = rng.uniform(X[:-1], X[1:], size=(6, N_NODES - 1))
    counts = node_counts(number, number * mean)
    assert counts.sum() == pytest.approx(number.sum())
    assert (counts @ X).sum() == pytest.approx((number * mean).sum())
    assert (counts >= 0.0).all()


def test_a_neutrino_in_the_middle_goes_to_both_nodes_alike():
    number, mean = np.zeros(N_NODES - 1), np.zeros(N_NODES - 1)
    number[100] = 1.0
    mean[100] = (X[100] + X[101]) / 2.0
    counts = node_counts(number, mean)
    assert counts[100] == pytest.approx(0.5)
    assert counts[101] == pytest.approx(0.5)


@given(st.lists(st.floats(1e-8, 1.0), min_size=1, max_size=20))
def test_moving_to_other_nodes_keeps_number_and_energy(positions):
    position = np.array(positions)
    counts = np.linspace(1.0, 2.0, len(position))
    shared = shared_among_nodes(counts, position, X)
    assert shared.sum() == pytest.approx(counts.sum())
    assert shared @ X == pytest.approx(counts @ position)
