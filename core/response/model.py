"""What a detector makes of a neutrino: how often it sees it, in which class, at which energy and in which direction."""

from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.dark_matter.channels import FLAVOURS, listed
from core.errors import InputError, PhysicsError
from core.events.classes import EVENT_CLASSES, INTERACTIONS

Reals = NDArray[np.float64]

SPECIES_SHAPE = (len(FLAVOURS), len(INTERACTIONS), len(EVENT_CLASSES))

# Columns of one number or list a row, and the fields of Response that they fill, each value a true energy bin.
FINE_FIELDS = ("effective_area", "effective_area_error", "energy_migration", "energy_migration_error")
# The same for fields that change with the coarser bins of angular_energy_edges; repeated on each row of such a bin.
COARSE_FIELDS = (
    "kappa_core",
    "kappa_core_error",
    "kappa_tail",
    "kappa_tail_error",
    "tail_fraction",
    "tail_fraction_error",
    "true_zenith_energy_factor",
    "reco_zenith_energy_factor",
    "true_reco_zenith_factor",
)
EDGE_FIELDS = ("true_cos_zenith_edges", "reco_energy_edges", "reco_cos_zenith_edges")


@dataclass(frozen=True)
class Response:
    """A detector response in bins; each array begins with (6 species, 2 interactions, 2 classes) after FLAVOURS etc.

    An event of true energy bin E and true direction c is found in reconstructed energy r and band b of reconstructed
    cos zenith with the probability

        P(r, b | E, c) = M(r|E) h(z, r) K_r(b|c) e(r, b) g(z, b) / (the sum of that over r and b).

    K_r is a mixture of two von Mises-Fisher kernels, integrated over the band, and z the band of c. Selection cuts act
    on reconstructed energy and zenith together, so no isotropic kernel describes the kept events alone: h, e, g are
    the pairwise factors that do; g takes up what no kernel can say, such as events reconstructed upside down. Within
    a band the direction follows the kernels: azimuth by isotropy, an assumption.

    `true_energy_edges` (nE + 1,) GeV; `true_cos_zenith_edges` (nz + 1,); `reco_energy_edges` (nr + 1,) GeV;
    `reco_cos_zenith_edges` (nb + 1,), the bands of c and of c'; `angular_energy_edges` (nA + 1,) GeV, a subset of the
    true energy edges. `effective_area` (..., nE, nz) cm². `energy_migration` M (..., nE, nr). `kappa_core`,
    `kappa_tail`, `tail_fraction` (..., nA, nr). `true_zenith_energy_factor` h (..., nA, nb, nr),
    `reco_zenith_energy_factor` e (..., nA, nr, nb), `true_reco_zenith_factor` g (..., nA, nb, nb). Errors, of the
    shape of their value, come from the number of simulated events. `livetime` s.
    """

    true_energy_edges: Reals
    true_cos_zenith_edges: Reals
    reco_energy_edges: Reals
    reco_cos_zenith_edges: Reals
    angular_energy_edges: Reals
    effective_area: Reals
    effective_area_error: Reals
    energy_migration: Reals
    energy_migration_error: Reals
    kappa_core: Reals
    kappa_core_error: Reals
    kappa_tail: Reals
    kappa_tail_error: Reals
    tail_fraction: Reals
    tail_fraction_error: Reals
    true_zenith_energy_factor: Reals
    reco_zenith_energy_factor: Reals
    true_reco_zenith_factor: Reals
    livetime: float

    @cached_property
    def kernels(self) -> tuple[Reals, NDArray[np.int64], NDArray[np.int64]]:
        """The distinct concentrations, (n_kappa,), and the indices of core and tail among them, shaped as these."""
        kappa, index = np.unique(np.stack([self.kappa_core, self.kappa_tail]), return_inverse=True)
        core, tail = index.reshape(2, *self.kappa_core.shape)
        return kappa, core, tail

    @property
    def angular_bin(self) -> NDArray[np.int64]:
        """The bin of `angular_energy_edges` in which each true energy bin lies, (nE,)."""
        centres = np.sqrt(self.true_energy_edges[1:] * self.true_energy_edges[:-1])
        return np.asarray(np.searchsorted(self.angular_energy_edges, centres) - 1, dtype=np.int64)

    def zenith_shares(self, cos_zenith: Reals) -> Reals:
        """Return how a direction's effective area is interpolated from the zenith bins, (n_directions, nz).

        Linear between the bins' centres, constant beyond the outermost; rows sum to 1. PhysicsError outside [-1, 1].
        """
        cos_zenith = np.atleast_1d(np.asarray(cos_zenith, dtype=np.float64))
        if not np.all(np.abs(cos_zenith) <= 1.0):
            raise PhysicsError(f"cos zenith {cos_zenith[~(np.abs(cos_zenith) <= 1.0)][0]} is outside [-1, 1]")
        centres = 0.5 * (self.true_cos_zenith_edges[1:] + self.true_cos_zenith_edges[:-1])
        unit = np.eye(len(centres))
        return np.stack([np.interp(cos_zenith, centres, row) for row in unit], axis=-1)

    def effective_area_at(self, dec: float) -> Reals:
        """Return the effective area towards a declination (rad), (6, 2, 2, nE) cm²; the detector is at the Pole."""
        return np.asarray(self.effective_area @ self.zenith_shares(np.array([-np.sin(dec)]))[0])

    def to_table(self) -> pa.Table:
        """Return the `response` product: a row for each flavour, interaction, class and true energy bin."""
        n_energies = len(self.true_energy_edges) - 1
        flavour, interaction, event_class, energy = np.indices((*SPECIES_SHAPE, n_energies)).reshape(4, -1)
        columns: dict[str, pa.Array] = {
            "flavour": pa.array(FLAVOURS).take(pa.array(flavour)),
            "interaction": pa.array(INTERACTIONS).take(pa.array(interaction)),
            "event_class": pa.array(EVENT_CLASSES).take(pa.array(event_class)),
            "true_energy_low": pa.array(self.true_energy_edges[energy]),
            "true_energy_high": pa.array(self.true_energy_edges[energy + 1]),
            "angular_energy_low": pa.array(self.angular_energy_edges[self.angular_bin[energy]]),
            "angular_energy_high": pa.array(self.angular_energy_edges[self.angular_bin[energy] + 1]),
        }
        for name in FINE_FIELDS:
            columns[name] = _lists(getattr(self, name).reshape(len(energy), -1))
        for name in COARSE_FIELDS:
            fine = getattr(self, name)[:, :, :, self.angular_bin]
            columns[name] = _lists(fine.reshape(len(energy), -1))
        for name in EDGE_FIELDS:
            columns[name] = _lists(np.tile(getattr(self, name), (len(energy), 1)))
        columns["livetime"] = pa.array(np.full(len(energy), self.livetime))
        return pa.table(columns)

    @classmethod
    def from_table(cls, table: pa.Table) -> "Response":
        """Return the response of a `response` product; InputError if it lacks a column or its rows are not a grid."""
        needed = ("flavour", "true_energy_low", *FINE_FIELDS, *COARSE_FIELDS, *EDGE_FIELDS, "livetime")
        missing = [name for name in needed if name not in table.column_names]
        if missing:
            raise InputError(f"response lacks the columns {listed(missing)}; it has {listed(table.column_names)}")
        low, high = _reals(table, "true_energy_low"), _reals(table, "true_energy_high")
        energy_edges = np.append(np.unique(low), high.max())
        angular_edges = np.append(np.unique(_reals(table, "angular_energy_low")), high.max())
        n_energies = len(energy_edges) - 1
        if table.num_rows != np.prod(SPECIES_SHAPE) * n_energies:
            raise InputError(
                f"response has {table.num_rows} rows; needed is one a species and each of {n_energies} bins"
            )
        order = _grid_order(table, low)
        edges = {name: np.asarray(table[name][0].as_py(), dtype=np.float64) for name in EDGE_FIELDS}
        fine = {name: _grid(table, name, order, n_energies) for name in FINE_FIELDS}
        first = np.searchsorted(energy_edges, angular_edges[:-1])
        coarse = {name: _grid(table, name, order, n_energies)[:, :, :, first] for name in COARSE_FIELDS}
        n_reco, n_bands = len(edges["reco_energy_edges"]) - 1, len(edges["reco_cos_zenith_edges"]) - 1
        squares = {
            "true_zenith_energy_factor": (n_bands, n_reco),
            "reco_zenith_energy_factor": (n_reco, n_bands),
            "true_reco_zenith_factor": (n_bands, n_bands),
        }
        for name, shape in squares.items():
            coarse[name] = coarse[name].reshape(*coarse[name].shape[:-1], *shape)
        livetime = float(table["livetime"][0].as_py())
        return cls(
            true_energy_edges=energy_edges, angular_energy_edges=angular_edges, livetime=livetime,
            **edges, **fine, **coarse,
        )  # fmt: skip

    def differs_from(self, other: "Response", relative: float = 1e-6) -> list[str]:
        """Return the names of the fields that are not the same within a relative tolerance."""
        return [
            field.name
            for field in fields(self)
            if np.shape(getattr(self, field.name)) != np.shape(getattr(other, field.name))
            or not np.allclose(getattr(self, field.name), getattr(other, field.name), rtol=relative, atol=1e-30)
        ]


def _lists(values: Reals) -> pa.Array:
    offsets = np.arange(len(values) + 1, dtype=np.int32) * values.shape[1]
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(values.ravel()))


def _reals(table: pa.Table, name: str) -> Reals:
    return np.asarray(table[name].to_numpy(), dtype=np.float64)


def _grid_order(table: pa.Table, energy_low: Reals) -> NDArray[np.int64]:
    def places(name: str, words: tuple[str, ...]) -> NDArray[np.int64]:
        found = np.array([words.index(word) if word in words else -1 for word in table[name].to_pylist()])
        if (found < 0).any():
            bad = table[name][int(np.argmax(found < 0))].as_py()
            raise InputError(f"response: {name} {bad!r} is unknown; allowed are {listed(words)}")
        return found

    keys = (places("flavour", FLAVOURS), places("interaction", INTERACTIONS), places("event_class", EVENT_CLASSES))
    if len(set(zip(*keys, energy_low, strict=True))) != table.num_rows:
        raise InputError("response: each species, interaction, class and true energy bin may stand there only once")
    return np.asarray(np.lexsort((energy_low, *keys[::-1])))


def _grid(table: pa.Table, name: str, order: NDArray[np.int64], n_energies: int) -> Reals:
    lists = table[name].combine_chunks()
    if not (pa.types.is_list(lists.type) or pa.types.is_large_list(lists.type)):
        raise InputError(f"response: column {name} is of the type {lists.type}, a list of numbers in each row is due")
    flat = lists.flatten().to_numpy(zero_copy_only=False).astype(np.float64)
    if len(flat) % table.num_rows:
        raise InputError(f"response: the lists in column {name} are not of one length")
    rows = flat.reshape(table.num_rows, -1)[order]
    return np.asarray(rows.reshape(*SPECIES_SHAPE, n_energies, -1))
