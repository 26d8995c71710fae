"""Where events of a source are found: in which class, reconstructed energy and band, and at which angle from it."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from core.dark_matter.channels import listed
from core.errors import PhysicsError
from core.response.kernels import kernel_density, widened_kappa, zenith_probabilities
from core.response.model import Response

Reals = NDArray[np.float64]


@dataclass(frozen=True)
class Reconstruction:
    """Events of one true direction, after reconstruction and selection.

    `kappa`: (n_kappa,), the distinct kernels; `core` and `tail` (6, 2, 2, nA, nr) index it. `factors` (6, 2, 2, nA,
    nr, nb): h e g of the direction's band. `kept`, of the same shape: kernels times factors, not yet normalised.
    `weight` (6, 2, 2, nA, nr): what each has to be multiplied by to be expected events.
    """

    kappa: Reals
    core: NDArray[np.int64]
    tail: NDArray[np.int64]
    factors: Reals
    weight: Reals
    kept: Reals


def expected_counts(response: Response, weights: Reals, cos_zenith: float, extent: float = 0.0) -> Reals:
    """Return the expected events in each (class, reconstructed energy, band of cos zenith), (2, nr, nb).

    `weights`: (6, 2, 2, nE) expected events of each species, interaction, class and true energy bin, all from true
    cos zenith `cos_zenith`; `extent` of the source in rad (rms per axis). Their sum is kept.
    """
    return _counts(_reconstruction(response, weights, cos_zenith, extent))


def expected_counts_by_species(response: Response, weights: Reals, cos_zenith: float, extent: float = 0.0) -> Reals:
    """Return what `expected_counts` returns, apart by species and interaction, (6, 2, 2, nr, nb)."""
    found = _reconstruction(response, weights, cos_zenith, extent)
    return np.asarray(np.einsum("ficar,ficarb->ficrb", found.weight, found.kept))


def reconstructed_density(
    response: Response, weights: Reals, cos_zenith: float, angles: Reals, extent: float = 0.0
) -> Reals:
    """Return the expected events per sr against the angle to the source, (2, nr, nb, n_angles).

    The density of a class and reconstructed energy at a point of the sky is that of the band in which the point's cos
    zenith lies, at its angle to the source; over the whole sphere it integrates to the sum of `weights`, and over
    each band to `expected_counts`. Arguments as there; `angles`: (n_angles,) rad.
    """
    return _density(response, _reconstruction(response, weights, cos_zenith, extent), angles)


def density_and_counts(
    response: Response, weights: Reals, cos_zenith: float, angles: Reals, extent: float = 0.0
) -> tuple[Reals, Reals]:
    """Return `reconstructed_density` and `expected_counts` of one direction, at the cost of the first."""
    found = _reconstruction(response, weights, cos_zenith, extent)
    return _density(response, found, angles), _counts(found)


def summed_density_and_counts(
    response: Response, weights: Reals, cos_zenith: float, angles: Reals, inside: NDArray[np.bool_], extent: float = 0.0
) -> tuple[Reals, Reals]:
    """Return the same summed over classes and those reconstructed energies `inside` (nr,): (nb, n_angles) and (nb,)."""
    found = _reconstruction(response, weights, cos_zenith, extent)
    density = kernel_density(found.kappa[:, None], np.asarray(angles))
    coefficients = _coefficients(response, found)[:, inside].sum(axis=(0, 1))
    return np.asarray(np.einsum("kb,ka->ba", coefficients, density)), _counts(found)[:, inside].sum(axis=(0, 1))


def kernel_coefficients(
    response: Response, weights: Reals, cos_zenith: float, extent: float = 0.0
) -> tuple[Reals, Reals]:
    """Return the kernels that events of one direction are spread by, kappa (nk,), and how many each, (2, nr, nk, nb).

    The density of a class, reconstructed energy and band (`reconstructed_density`) is the sum over the kernels of
    coefficient times von Mises-Fisher density. Arguments as in `expected_counts`; without an `extent` the kernels are
    the same for every direction.
    """
    found = _reconstruction(response, weights, cos_zenith, extent)
    return found.kappa, _coefficients(response, found)


def _coefficients(response: Response, found: Reconstruction) -> Reals:
    """Return how many events of one direction each kernel spreads, (2, nr, nk, nb)."""
    share = response.tail_fraction
    n_classes, n_reco, n_bands = share.shape[2], share.shape[4], found.factors.shape[-1]
    shape = n_classes, n_reco, len(found.kappa), n_bands
    event_class, reco_energy = np.indices(share.shape)[[2, 4]]
    kernels, parts = np.stack([found.core, found.tail]), np.stack([1.0 - share, share])
    place = np.ravel_multi_index((event_class[None], reco_energy[None], kernels), shape[:-1])
    place = (place[..., None] * n_bands + np.arange(n_bands)).ravel()
    amounts = ((found.weight * parts)[..., None] * found.factors).ravel()
    sums = np.bincount(place, weights=amounts, minlength=int(np.prod(shape)))
    return np.asarray(sums, dtype=np.float64).reshape(shape)


def _density(response: Response, found: Reconstruction, angles: Reals) -> Reals:
    """Return the events per sr of one direction against the angle to it, (2, nr, nb, n_angles)."""
    density = kernel_density(found.kappa[:, None], np.asarray(angles))
    # Not a matrix product: its threads cost more than they save on a machine that is busy with other tasks.
    return np.asarray(np.einsum("crkb,ka->crba", _coefficients(response, found), density))


def _counts(found: Reconstruction) -> Reals:
    """Return the events of one direction in each (class, reconstructed energy, band), (2, nr, nb)."""
    return np.asarray(np.einsum("ficar,ficarb->crb", found.weight, found.kept))


@lru_cache(maxsize=256)
def _bands(kappa: bytes, extent: float, cos_zenith: float, edges: bytes) -> tuple[Reals, Reals]:
    """Return kernels widened by an extent, and the share of each in bands of cos zenith, (n_kappa, n_bands).

    They are the same for every spectrum from one direction.
    """
    widened = widened_kappa(np.frombuffer(kappa), extent)
    found = zenith_probabilities(widened, np.array([cos_zenith]), np.frombuffer(edges))[:, 0]
    found.setflags(write=False)
    return widened, found


def folded_counts(response: Response, weights: Reals, n_directions: int = 4) -> Reals:
    """Return the expected events in each (class, reconstructed energy, band) of a flux over the whole sky, (2, nr, nb).

    `weights`: (6, 2, 2, nE, nz) expected events in each bin of true energy and true cos zenith; inside a zenith bin
    they are spread evenly, over `n_directions` Gauss-Legendre nodes.
    """
    position, share = np.polynomial.legendre.leggauss(n_directions)
    edges = response.true_cos_zenith_edges
    counts = np.zeros((weights.shape[2], len(response.reco_energy_edges) - 1, len(response.reco_cos_zenith_edges) - 1))
    for zenith in range(weights.shape[-1]):
        nodes = 0.5 * (edges[zenith] + edges[zenith + 1]) + 0.5 * (edges[zenith + 1] - edges[zenith]) * position
        for node, part in zip(nodes, 0.5 * share, strict=True):
            counts += expected_counts(response, part * weights[..., zenith], float(node))
    return counts


def _reconstruction(response: Response, weights: Reals, cos_zenith: float, extent: float) -> Reconstruction:
    if weights.shape != response.energy_migration.shape[:4]:
        raise PhysicsError(
            f"weights have the shape {listed(weights.shape)}; needed is {listed(response.energy_migration.shape[:4])}: "
            "species, interactions, classes, true energy bins"
        )
    if not -1.0 <= cos_zenith <= 1.0:
        raise PhysicsError(f"cos zenith {cos_zenith} is outside [-1, 1]")
    (kappa, core, tail), edges = response.kernels, response.reco_cos_zenith_edges
    kappa, bands = _bands(kappa.tobytes(), float(extent), float(cos_zenith), edges.tobytes())
    zone = min(int(np.searchsorted(edges, cos_zenith, side="right")) - 1, len(edges) - 2)
    factors = (
        response.true_zenith_energy_factor[:, :, :, :, zone, :, None]
        * response.reco_zenith_energy_factor
        * response.true_reco_zenith_factor[:, :, :, :, zone, None, :]
    )
    share = response.tail_fraction[..., None]
    kept = ((1.0 - share) * bands[core] + share * bands[tail]) * factors
    weight = _weight_of_kernels(response, weights, kept.sum(axis=-1))
    return Reconstruction(kappa, core, tail, factors, weight, kept)


def _weight_of_kernels(response: Response, weights: Reals, kept: Reals) -> Reals:
    """Return what the kernels of each (..., nA, nr) are multiplied by to be events: M over the norm, summed over E."""
    angular_bin = response.angular_bin
    norm = np.einsum("ficer,ficer->fice", response.energy_migration, kept[:, :, :, angular_bin])
    scaled = np.divide(weights, norm, out=np.zeros_like(norm), where=norm > 0.0)
    first = np.searchsorted(angular_bin, np.arange(kept.shape[3]))
    return np.asarray(np.add.reduceat(scaled[..., None] * response.energy_migration, first, axis=3))
