"""Events drawn one by one against the response that they are drawn from."""

import numpy as np
import pytest

from core.coordinates import angular_separation
from core.events.classes import EVENT_CLASSES
from core.response.angular import expected_counts
from core.response.continued import HIGHEST_RECO_ENERGY, continued_response
from core.response.kernels import mean_cosine
from core.simulation.reconstruction import TrueEvents, kernel_cosine, reconstructed, turned

N_EVENTS = 20_000


def alike(species: tuple[int, int, int], energy: float, cos_zenith: float, is_above: bool) -> TrueEvents:
    whole = [np.full(N_EVENTS, value) for value in species]
    edges = continued_response().inside.true_energy_edges
    energy_bin = np.full(N_EVENTS, np.searchsorted(edges, energy) - 1)
    zenith = np.full(N_EVENTS, np.arccos(cos_zenith))
    return TrueEvents(
        *whole, energy_bin, np.full(N_EVENTS, is_above), np.full(N_EVENTS, energy), zenith, np.zeros(N_EVENTS)
    )


def test_directions_lie_at_the_angle_they_are_turned_by() -> None:
    generator = np.random.default_rng(3)
    zenith, cosine = np.arccos(generator.uniform(-1.0, 1.0, (2, 1000)))
    azimuth, turn = generator.uniform(0.0, 2.0 * np.pi, (2, 1000))
    found = turned(zenith, azimuth, np.cos(cosine), turn)
    separation = angular_separation(azimuth, np.pi / 2 - zenith, found[1], np.pi / 2 - found[0])
    np.testing.assert_allclose(separation, cosine, atol=1e-7)
    assert turned(np.array([1.0]), np.array([2.0]), np.array([np.cos(0.2)]), np.array([0.0]))[0] == pytest.approx(0.8)


@pytest.mark.parametrize("kappa", [0.1, 4.0, 80.0, 1200.0])
def test_mean_cosine_of_a_kernel(kappa: float) -> None:
    shares = (np.arange(100_000) + 0.5) / 100_000
    cosine = kernel_cosine(np.full(100_000, kappa), shares)
    assert cosine.mean() == pytest.approx(float(mean_cosine(np.array([kappa]))[0]), rel=1e-4)


@pytest.mark.parametrize(
    ("species", "energy", "cos_zenith"),
    [((1, 0, 1), 30.0, -0.8), ((0, 0, 0), 12.0, 0.1), ((4, 1, 0), 60.0, 0.9), ((2, 0, 1), 25.0, -0.26)],
)
def test_public_range_follows_the_response(species: tuple[int, int, int], energy: float, cos_zenith: float) -> None:
    response, events = continued_response().inside, alike(species, energy, cos_zenith, is_above=False)
    reco_energy, zenith, azimuth = reconstructed(events, np.random.default_rng(7))
    counts, *_ = np.histogram2d(
        reco_energy, np.cos(zenith), (response.reco_energy_edges, response.reco_cos_zenith_edges)
    )
    weights = np.zeros(response.energy_migration.shape[:4])
    weights[*species, events.energy_bin[0]] = N_EVENTS
    expected = expected_counts(response, weights, cos_zenith)[species[2]]
    thick = expected > 5.0
    chi_square = ((counts - expected)[thick] ** 2 / expected[thick]).sum() + (
        (counts - expected)[~thick].sum() ** 2 / max(expected[~thick].sum(), 1.0)
    )
    n_free = np.count_nonzero(thick)
    assert counts.sum() == N_EVENTS
    assert abs(chi_square - n_free) < 4.0 * np.sqrt(2.0 * n_free)
    assert np.cos(azimuth).sum() / N_EVENTS > -0.02  # around the true azimuth, 0


def test_energies_above_the_public_range_are_normal_in_the_logarithm() -> None:
    continued, species = continued_response(), (1, 0, EVENT_CLASSES.index("track"))
    energy, *_ = reconstructed(alike(species, 250.0, -0.5, is_above=True), np.random.default_rng(5))
    logarithm = np.log10(energy / 250.0)
    spread = continued.spread[species]
    assert energy.min() >= continued.inside.reco_energy_edges[-1]
    assert energy.max() <= HIGHEST_RECO_ENERGY
    assert np.median(logarithm) == pytest.approx(continued.shift[species], abs=4.0 * 1.26 * spread / N_EVENTS**0.5)
    assert np.quantile(logarithm, 0.16) == pytest.approx(continued.shift[species] - 0.9945 * spread, abs=0.01)
