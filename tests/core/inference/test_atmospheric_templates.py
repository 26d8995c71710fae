"""Templates as coefficients: slopes are differences, polynomials come back, bins of the flux keep their means."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.polynomial import chebyshev

from core.events.atmosphere import AtmosphericFlux, shipped_atmospheric_flux
from core.events.flux_uncertainty import FLUX_SHAPES
from core.inference.atmospheric_templates import (
    MASS_SPLITTING_RANGE,
    N_MASS_SPLITTINGS,
    ORIGINS,
    POWERS,
    AtmosphericTemplates,
    flux_on_grid,
)
from core.response.folded import N_CELLS
from core.response.hyperplanes import NEUTRINO_GROUPS
from core.spectra.atmospheric_oscillation import N_POWERS

SHAPE = (N_MASS_SPLITTINGS, len(POWERS), N_POWERS, len(ORIGINS), len(NEUTRINO_GROUPS), N_CELLS)
LOW, HIGH = MASS_SPLITTING_RANGE
SPLITTINGS = st.floats(LOW * 1.001, HIGH * 0.999)
ANGLES = st.floats(0.1, 0.9)


def templates(coefficients: np.ndarray) -> AtmosphericTemplates:
    return AtmosphericTemplates(coefficients.reshape(N_MASS_SPLITTINGS, -1), np.ones(N_CELLS))


@cache
def any_templates() -> AtmosphericTemplates:
    """Coefficients that fall with the order in Δm²32, as those of a smooth function do."""
    drawn = np.random.default_rng(1).normal(size=SHAPE)
    return templates(drawn / 3.0 ** np.arange(N_MASS_SPLITTINGS)[:, None, None, None, None, None])


@settings(max_examples=5, deadline=None)
@given(splitting=SPLITTINGS, angle=ANGLES, shapes=st.tuples(*(st.floats(-1.0, 1.0) for _ in FLUX_SHAPES)))
def test_slopes_are_differences_of_the_counts(splitting: float, angle: float, shapes: tuple[float, ...]) -> None:
    model, values = any_templates(), np.array([splitting, angle, *shapes])
    counts, slopes = model.counts_and_slopes(splitting, angle, np.array(shapes))
    assert slopes.shape == (2 + len(FLUX_SHAPES), *counts.shape)
    for place, step in enumerate((1e-8, 1e-6, 1e-6, 1e-6, 1e-6)):
        up, down = values.copy(), values.copy()
        up[place] += step
        down[place] -= step
        above, below = (model.counts(each[0], each[1], each[2:]) for each in (up, down))
        scale = np.abs(slopes[place]).max()
        np.testing.assert_allclose((above - below) / (2.0 * step), slopes[place], rtol=1e-4, atol=1e-4 * scale)


@settings(max_examples=30, deadline=None)
@given(splitting=SPLITTINGS)
def test_a_polynomial_in_the_splitting_comes_back(splitting: float) -> None:
    """Coefficients of T_0 to T_13 at nominal flux; at θ23 = 45° the quartic powers are 1/4 each."""
    wanted = np.arange(1.0, N_MASS_SPLITTINGS + 1.0)
    coefficients = np.zeros(SHAPE)
    coefficients[:, POWERS.index((0, 0, 0)), 0] = wanted[:, None, None, None]
    found = templates(coefficients).counts(splitting, 0.5, np.zeros(3))
    node = (2.0 * splitting - LOW - HIGH) / (HIGH - LOW)
    np.testing.assert_allclose(found, 0.25 * chebyshev.chebval(node, wanted), rtol=1e-9, atol=1e-9)


def test_at_the_ends_of_the_angle_one_power_is_left() -> None:
    """θ23 = 0: cos⁴ alone; 90°: sin⁴ alone."""
    coefficients = np.zeros(SHAPE)
    coefficients[0, POWERS.index((0, 0, 0))] = np.arange(1.0, 6.0)[:, None, None, None]
    model = templates(coefficients)
    for angle, wanted in ((1e-12, 1.0), (1.0 - 1e-12, 5.0)):
        np.testing.assert_allclose(model.counts(2.4e-3, angle, np.zeros(3)), wanted, rtol=1e-5)


def test_shapes_enter_as_the_series_of_an_exponential() -> None:
    """With coefficients 1/k! of the spectral index the counts are 1 + θ + θ²/2 + θ³/6."""
    coefficients = np.zeros(SHAPE)
    for power, share in enumerate((1.0, 1.0, 0.5, 1.0 / 6.0)):
        coefficients[0, POWERS.index((power, 0, 0)), :] = share
    model = templates(coefficients)
    at_nominal = model.counts(2.4e-3, 0.3, np.zeros(3))
    found = model.counts(2.4e-3, 0.3, np.array([0.1, 0.0, 0.0])) / at_nominal
    np.testing.assert_allclose(found, np.exp(0.1), rtol=1e-5)
    np.testing.assert_array_equal(model.counts(2.4e-3, 0.3, np.array([0.0, 0.7, -0.4])), at_nominal)


def test_counts_are_those_with_slopes() -> None:
    model, shapes = any_templates(), np.array([0.1, -0.2, 0.3])
    np.testing.assert_array_equal(model.counts(2e-3, 0.4, shapes), model.counts_and_slopes(2e-3, 0.4, shapes)[0])


@pytest.mark.parametrize("flavour", ["numu", "numubar", "nue", "nuebar"])
def test_each_published_bin_of_cos_zenith_keeps_its_average(flavour: str) -> None:
    flux = shipped_atmospheric_flux()
    energy = flux.energy[[0, 30, 60]]
    width = flux.cos_zenith[1] - flux.cos_zenith[0]
    nodes, weights = np.polynomial.legendre.leggauss(4)
    at = (flux.cos_zenith[:, None] + 0.5 * width * nodes).ravel()
    found = flux_on_grid(flux, flavour, energy, at).reshape(len(energy), -1, len(nodes)) @ (0.5 * weights)
    published = flux.flux[("numu", "numubar", "nue", "nuebar").index(flavour)][:, [0, 30, 60]].T
    np.testing.assert_allclose(found, published, rtol=1e-9)


def test_a_flux_that_is_even_in_cos_zenith_stays_so_and_a_power_law_stays_one() -> None:
    energy, cosines = np.geomspace(1.0, 1000.0, 61), np.linspace(-0.95, 0.95, 20)
    flux = AtmosphericFlux(cosines, energy, np.broadcast_to(energy**-3.0, (4, 20, 61)).copy())
    at, directions = np.array([3.7, 55.0, 412.0]), np.array([-1.0, -0.03, 0.5, 1.0])
    found = flux_on_grid(flux, "nue", at, directions)
    np.testing.assert_allclose(found, np.broadcast_to(at[:, None] ** -3.0, (3, 4)), rtol=1e-9)
