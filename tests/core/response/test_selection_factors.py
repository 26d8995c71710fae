"""Raked factors give the model the pairwise sums of the events it is fitted to."""

import numpy as np

from core.response.selection_factors import PairwiseFactors, RakedEvents, rake

N_SPECIES, N_TRUE, N_DIRECTIONS, N_ENERGIES, N_BANDS = 2, 3, 8, 3, 4
ZONE = np.arange(N_DIRECTIONS) // 2


def model(migration: np.ndarray, kernels: np.ndarray, factors: PairwiseFactors) -> np.ndarray:
    joint = migration[:, :, None, :, None] * (kernels * factors.product(ZONE))[:, None]
    return joint / joint.sum(axis=(3, 4), keepdims=True)


def random_truth(seed: int) -> tuple[np.ndarray, np.ndarray, PairwiseFactors, np.ndarray]:
    generator = np.random.default_rng(seed)
    migration = generator.dirichlet(np.ones(N_ENERGIES), (N_SPECIES, N_TRUE))
    kernels = generator.dirichlet(np.ones(N_BANDS), (N_SPECIES, N_DIRECTIONS, N_ENERGIES))
    factors = PairwiseFactors(
        generator.uniform(0.3, 3.0, (4, N_ENERGIES)),
        generator.uniform(0.3, 3.0, (N_ENERGIES, N_BANDS)),
        generator.uniform(0.3, 3.0, (4, N_BANDS)),
    )
    return migration, kernels, factors, generator.uniform(50.0, 200.0, (N_SPECIES, N_TRUE, N_DIRECTIONS))


def test_raked_model_is_the_one_that_made_the_events() -> None:
    migration, kernels, factors, by_direction = random_truth(1)
    truth = model(migration, kernels, factors)
    weights = truth * by_direction[..., None, None]
    events = RakedEvents(weights.sum(axis=1), by_direction, weights.sum(axis=(2, 4)), event_weight=1e-9)
    start = np.full(migration.shape, 1.0 / N_ENERGIES)
    found, raked_migration = rake(events, kernels, start, PairwiseFactors.neutral(N_ENERGIES, N_BANDS), ZONE)
    np.testing.assert_allclose(model(raked_migration, kernels, found), truth, atol=2e-3)


def test_raking_leaves_a_model_that_already_holds() -> None:
    migration, kernels, _, by_direction = random_truth(2)
    neutral = PairwiseFactors.neutral(N_ENERGIES, N_BANDS)
    weights = model(migration, kernels, neutral) * by_direction[..., None, None]
    events = RakedEvents(weights.sum(axis=1), by_direction, weights.sum(axis=(2, 4)), event_weight=1.0)
    found, raked_migration = rake(events, kernels, migration, neutral, ZONE)
    np.testing.assert_allclose(found.reco_zenith_energy, 1.0, rtol=1e-9)
    np.testing.assert_allclose(raked_migration, migration, rtol=1e-9)


def test_cells_without_events_are_drawn_to_the_kernels_not_to_zero() -> None:
    migration, kernels, _, _ = random_truth(3)
    neutral = PairwiseFactors.neutral(N_ENERGIES, N_BANDS)
    by_direction = np.ones((N_SPECIES, N_TRUE, N_DIRECTIONS))
    weights = model(migration, kernels, neutral) * by_direction[..., None, None]
    weights[..., 0, 0] = 0.0
    events = RakedEvents(weights.sum(axis=1), weights.sum(axis=(3, 4)), weights.sum(axis=(2, 4)), event_weight=1.0)
    found, _ = rake(events, kernels, migration, neutral, ZONE)
    assert found.reco_zenith_energy.min() > 0.0
