"""A small response with round numbers, and one whose every number differs."""

from dataclasses import replace

import numpy as np

from core.response import Response

ENERGY_EDGES = 10.0 ** np.linspace(0.0, 2.0, 21)
RECO_ENERGY_EDGES = np.array([5.0, 10.0, 20.0, 50.0])
BANDS = np.linspace(-1.0, 1.0, 5)


def plain_response(area: float = 1e4, livetime: float = 1e8) -> Response:
    """Effective area `area` everywhere, flat migration, one kernel of kappa 50, no selection."""
    n_true, n_reco, n_bands, n_angular, n_zenith = 20, 3, 4, 2, 8
    species = (6, 2, 2)
    kernels = np.ones((*species, n_angular, n_reco))
    return Response(
        true_energy_edges=ENERGY_EDGES,
        true_cos_zenith_edges=np.linspace(-1.0, 1.0, n_zenith + 1),
        reco_energy_edges=RECO_ENERGY_EDGES,
        reco_cos_zenith_edges=BANDS,
        angular_energy_edges=ENERGY_EDGES[[0, 10, 20]],
        effective_area=np.full((*species, n_true, n_zenith), area),
        effective_area_error=np.full((*species, n_true, n_zenith), 0.1 * area),
        energy_migration=np.full((*species, n_true, n_reco), 1.0 / n_reco),
        energy_migration_error=np.full((*species, n_true, n_reco), 0.01),
        kappa_core=50.0 * kernels,
        kappa_core_error=kernels,
        kappa_tail=50.0 * kernels,
        kappa_tail_error=kernels,
        tail_fraction=0.0 * kernels,
        tail_fraction_error=kernels,
        true_zenith_energy_factor=np.ones((*species, n_angular, n_bands, n_reco)),
        reco_zenith_energy_factor=np.ones((*species, n_angular, n_reco, n_bands)),
        true_reco_zenith_factor=np.ones((*species, n_angular, n_bands, n_bands)),
        livetime=livetime,
    )


def uneven_response(seed: int = 1) -> Response:
    """The same shapes, every value its own."""
    plain, generator = plain_response(), np.random.default_rng(seed)
    changed = {
        name: getattr(plain, name) * generator.uniform(0.5, 2.0, getattr(plain, name).shape)
        for name in vars(plain)
        if "edges" not in name and name != "livetime"
    }
    migration = changed["energy_migration"]
    changed["energy_migration"] = migration / migration.sum(axis=-1, keepdims=True)
    changed["kappa_tail"] = 0.1 * changed["kappa_core"]
    changed["tail_fraction"] = generator.uniform(0.1, 0.9, plain.tail_fraction.shape)
    return replace(plain, **changed)
