"""The public response continued in energy."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy.special import ndtr
from scipy.stats import truncnorm

from core.response import public_response
from core.response.continued import (
    HIGHEST_RECO_ENERGY,
    ContinuedResponse,
    area_above,
    continued_response,
    energy_resolution,
    kernels_above,
    reconstructed_above,
)
from tests.core.response.response_cases import plain_response


def test_public_range_is_untouched() -> None:
    assert continued_response().inside.differs_from(public_response(), relative=0.0) == []


def test_nothing_is_negative_and_nothing_is_added_at_low_energy() -> None:
    continued = continued_response()
    assert (continued.area_above >= 0.0).all()
    low = continued.inside.true_energy_edges[1:] < 8.0
    total = continued.effective_area.sum(axis=(0, 1, 2, 4))
    assert continued.area_above.sum(axis=(0, 1, 2, 4))[low].sum() < 1e-3 * total[low].sum()


def test_effective_area_grows_with_energy_beyond_the_join() -> None:
    """Public and continued events are modelled apart: together they grow as the cross section, to within 20 %."""
    continued = continued_response()
    edges = continued.inside.true_energy_edges
    energy = np.sqrt(edges[1:] * edges[:-1])
    per_energy = (continued.effective_area.mean(axis=-1) / energy).sum(axis=(0, 1, 2))
    plateau = per_energy[(energy > 100.0) & (energy < 400.0)]
    np.testing.assert_allclose(plateau, plateau.mean(), rtol=0.2)
    assert per_energy[(energy > 40.0) & (energy < 100.0)].mean() == pytest.approx(plateau.mean(), rel=0.25)


def test_tracks_of_charged_muon_neutrinos_sharpen_with_energy() -> None:
    kernels = continued_response().kernels_above
    assert (np.diff(kernels.kappa_core[0, 1]) >= 0.0).all()
    assert kernels.kappa_core[0, 1, -1] > 2.0 * kernels.kappa_core[0, 1, 60]


SHIFT, SPREAD = -0.1, 0.2
MUON_TRACKS = (1, 0, 1)


@cache
def even() -> ContinuedResponse:
    """A response of one area and one resolution: log10 of the reconstructed energy is normal about log10 E - 0.1."""
    inside = plain_response(area=1e4)
    species = inside.effective_area.shape[:3]
    shift, spread = np.full(species, SHIFT), np.full(species, SPREAD)
    return ContinuedResponse(inside, area_above(inside, shift, spread), shift, spread, kernels_above(inside))


def species_of(n: int) -> tuple[np.ndarray, ...]:
    return tuple(np.full(n, index) for index in MUON_TRACKS)


@pytest.mark.parametrize("energy", [30.0, 80.0, 700.0])
def test_energies_above_are_normal_numbers_between_the_edges(energy: float) -> None:
    """Evenly spread uniform numbers give the truncated normal distribution, quantile by quantile."""
    uniform = (np.arange(400) + 0.5) / 400
    found = np.log10(reconstructed_above(even(), species_of(400), np.full(400, energy), uniform))
    middle = np.log10(energy) + SHIFT
    low, high = ((np.log10(edge) - middle) / SPREAD for edge in (50.0, HIGHEST_RECO_ENERGY))
    np.testing.assert_allclose((found - middle) / SPREAD, truncnorm(low, high).ppf(uniform), atol=1e-6)


def test_energies_above_lie_above_whatever_the_true_one() -> None:
    energy = np.geomspace(1.0, 1e5, 200)
    for uniform in (0.0, 0.5, 1.0 - 1e-12):
        found = reconstructed_above(even(), species_of(200), energy, np.full(200, uniform))
        assert np.all((found >= 50.0 * (1.0 - 1e-12)) & (found <= HIGHEST_RECO_ENERGY * (1.0 + 1e-12)))


def test_below_the_join_what_is_above_is_what_the_edge_took() -> None:
    """A_above/A = [Φ(x_1000) - Φ(x_50)]/Φ(x_50) of the same normal distribution."""
    edges = even().inside.true_energy_edges
    energy = np.sqrt(edges[1:] * edges[:-1])
    x_low, x_high = ((np.log10(edge / energy) - SHIFT) / SPREAD for edge in (50.0, HIGHEST_RECO_ENERGY))
    # G = 85 % at the join: log10 E_j = log10 50 + 0.1 - 1.0364 × 0.2.
    join = 50.0 * 10.0 ** (0.1 - 1.0364 * 0.2)
    wanted = 1e4 * (ndtr(x_high) - ndtr(x_low)) / ndtr(x_low)
    below = energy < join
    found = even().area_above[MUON_TRACKS][:, 0]
    np.testing.assert_allclose(found[below], wanted[below], rtol=1e-6, atol=1e-6)  # of 1e4 cm²
    beyond = energy > join
    assert below.any()
    assert beyond.any()
    # There the area of all events grows with the energy: divided by both it is one number.
    grown = found[beyond] / energy[beyond] / (ndtr(x_high) - ndtr(x_low))[beyond]
    np.testing.assert_allclose(grown, grown[0], rtol=1e-9)


def test_kernels_of_one_concentration_stay_what_they_are() -> None:
    kernels = even().kernels_above
    np.testing.assert_allclose(kernels.kappa_core, 50.0, rtol=1e-9)
    np.testing.assert_allclose(kernels.kappa_tail, 50.0, rtol=1e-9)
    np.testing.assert_allclose(kernels.tail_fraction, 0.0, atol=1e-12)


def test_a_resolution_that_is_put_into_the_migration_comes_out() -> None:
    """Half of the events 0.2, half 0.3 in log10 below their true energy: mean -0.25, rms 0.05."""
    edges = 10.0 ** np.linspace(0.0, 2.5, 101)
    reco = 10.0 ** np.linspace(0.0, 2.5, 101)
    plain = plain_response()
    n_true = len(edges) - 1
    migration = np.zeros((6, 2, 2, n_true, n_true))
    for true_bin in range(n_true):
        for n_below in (8, 12):  # bins of 0.025 in log10
            migration[..., true_bin, max(true_bin - n_below, 0)] = 0.5
    response = replace(
        plain,
        true_energy_edges=edges,
        reco_energy_edges=reco,
        effective_area=np.full((6, 2, 2, n_true, 8), 1e4),
        energy_migration=migration,
    )
    mean, rms = energy_resolution(response)
    np.testing.assert_allclose(mean, -0.25, atol=1e-9)
    np.testing.assert_allclose(rms, 0.05, atol=1e-9)
