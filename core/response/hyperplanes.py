"""The detector's own uncertainties: how the counts of each measured bin change with light yield and ice.

A release gives for ν charged currents by flavour and for all neutral currents a factor to each bin's expected count,
linear in five parameters: that of three years (DOI 10.21234/ac23-ra43, arXiv:1901.05366) and that of nine
(DOI 10.7910/DVN/B4RITM, arXiv:2304.12236). The slopes were fitted to simulations of atmospheric neutrinos; what they
say of another spectrum is approximate.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from core.dark_matter.channels import FLAVOURS, listed
from core.errors import InputError, PhysicsError
from core.events.classes import EVENT_CLASSES, INTERACTIONS
from core.events.counts import band_edges
from core.events.public_release import RECO_COS_ZENITH_EDGES, RECO_ENERGY_EDGES
from core.files import MIB, TORN_PARQUET, read_parquet

Reals = NDArray[np.float64]

SHIPPED_HYPERPLANES = Path(__file__).parent / "public_3y_hyperplanes.parquet"

# Whose factors differ: charged currents by flavour, neutral currents of all.
NEUTRINO_GROUPS = ("nue_cc", "numu_cc", "nutau_cc", "all_nc")


@dataclass(frozen=True)
class DetectorParameter:
    """A parameter of the detector: nominal value, uncertainty (None: unknown, flat), and where the slopes are valid.

    `release_unit`: what the release's slope is per, of this parameter: its factor is slope · release_unit · (value -
    nominal) away from nominal. `in_words` for tables and axes.
    """

    name: str
    nominal: float
    uncertainty: float | None
    valid_low: float
    valid_high: float
    release_unit: float
    in_words: str


DETECTOR_PARAMETERS: tuple[DetectorParameter, ...] = (
    DetectorParameter("ice_absorption", 1.0, 0.1, 0.85, 1.15, 100.0, "absorption of light in the ice"),
    DetectorParameter("ice_scattering", 1.0, 0.1, 0.85, 1.15, 100.0, "scattering of light in the ice"),
    DetectorParameter("opt_eff_overall", 1.0, 0.1, 0.8, 1.2, 1.0, "light yield of the optical modules"),
    DetectorParameter("opt_eff_lateral", 0.0, 1.0, -2.0, 2.0, 10.0, "light yield of the modules from the side"),
    DetectorParameter("opt_eff_headon", 0.0, None, -5.0, 2.0, 1.0, "light yield of the modules from below"),
)
DETECTOR_NAMES = tuple(parameter.name for parameter in DETECTOR_PARAMETERS)
NOMINAL: Reals = np.array([parameter.nominal for parameter in DETECTOR_PARAMETERS])
# Best fit of arXiv:1901.05366 to these data, in the order above.
PUBLISHED_BEST_FIT: Reals = np.array([1.021, 0.974, 1.05, -0.25, -1.15])

# Nominal values by the readme of the nine years. Where a fit may go is the narrower of what two public readers of that
# simulation allow, IceCube's own pisa and Newtrinos.jl; the prior of the light yield is that of both.
NINE_YEAR_PARAMETERS: tuple[DetectorParameter, ...] = (
    DetectorParameter("dom_eff", 1.0, 0.1, 0.8, 1.2, 1.0, "light yield of the optical modules"),
    DetectorParameter("hole_ice_p0", 0.1, None, -0.6, 0.5, 1.0, "refrozen ice of the holes, p0"),
    DetectorParameter("hole_ice_p1", -0.05, None, -0.15, 0.05, 1.0, "refrozen ice of the holes, p1"),
    DetectorParameter("bulk_ice_abs", 1.0, None, 0.85, 1.15, 1.0, "absorption of light in the ice"),
    DetectorParameter("bulk_ice_scatter", 1.0, None, 0.9, 1.2, 1.0, "scattering of light in the ice"),
)
KNOWN_PARAMETERS = (DETECTOR_PARAMETERS, NINE_YEAR_PARAMETERS)

GROUP_SHAPE = (len(NEUTRINO_GROUPS), len(EVENT_CLASSES), len(RECO_ENERGY_EDGES) - 1, len(RECO_COS_ZENITH_EDGES) - 1)


@dataclass(frozen=True)
class Hyperplanes:
    """The factors of the measured bins: f = `nominal_factor` + Σ_k `slopes`_k (value_k - nominal_k).

    `nominal_factor` (4 groups, 2 classes, energies, zeniths), `slopes` (5, ...) in the order of `parameters`.
    `n_expected`, of the same shape: atmospheric events expected at nominal, the weights of sums. `zenith_block`: the
    bins of one group, class and energy with the same number share one factor. Edges in GeV, and in cos zenith.
    Those of the public three years have 8 energies and 8 zeniths.
    """

    nominal_factor: Reals
    slopes: Reals
    n_expected: Reals
    zenith_block: NDArray[np.int64]
    parameters: tuple[DetectorParameter, ...] = DETECTOR_PARAMETERS
    reco_energy_edges: Reals = field(default_factory=lambda: RECO_ENERGY_EDGES)
    reco_cos_zenith_edges: Reals = field(default_factory=lambda: RECO_COS_ZENITH_EDGES)

    @property
    def nominal(self) -> Reals:
        """The nominal values of the parameters, (5,)."""
        return np.array([parameter.nominal for parameter in self.parameters])

    def factors(self, values: Reals) -> Reals:
        """Return the factor of each bin, (4, 2, nr, nb), at values (5,) of the parameters, by the release's definition.

        PhysicsError outside their valid ranges.
        """
        checked_values(values, self.parameters)
        return np.asarray(self.nominal_factor + np.tensordot(values - self.nominal, self.slopes, axes=1))

    def relative_factors(self, values: Reals) -> Reals:
        """Return how yields change against nominal, (4 groups, 2 classes, nr): Σ n f(values) / Σ n f(nominal).

        The sums run over cos zenith. A factor below 0 counts as 0, which those of three years never are; where no
        event is expected, nothing changes. PhysicsError outside the valid ranges.
        """
        varied, nominal = (
            (self.n_expected * np.maximum(factor, 0.0)).sum(axis=-1)
            for factor in (self.factors(values), self.nominal_factor)
        )
        return np.asarray(np.divide(varied, nominal, out=np.ones_like(nominal), where=nominal > 0.0))

    def lowest_factors(self) -> Reals:
        """Return the lowest factor of each bin anywhere in the box of valid ranges, as `factors`: at a corner of it."""
        return lowest_in_valid_box(self.nominal_factor, self.slopes, self.parameters)

    @property
    def n_merged_bins(self) -> dict[str, int]:
        """How many of the bins of each group share their factor with neighbours in cos zenith."""
        shared = np.zeros(self.n_expected.shape, dtype=np.int64)
        shared[..., 1:] |= self.zenith_block[..., 1:] == self.zenith_block[..., :-1]
        shared[..., :-1] |= self.zenith_block[..., 1:] == self.zenith_block[..., :-1]
        return dict(zip(NEUTRINO_GROUPS, shared.sum(axis=(1, 2, 3)).tolist(), strict=True))

    def to_table(self) -> pa.Table:
        """Return a row for each group, class and bin of reconstructed energy and cos zenith."""
        group, event_class, energy, zenith = np.indices(self.n_expected.shape).reshape(4, -1)
        columns: dict[str, pa.Array] = {
            "neutrino_group": pa.array(NEUTRINO_GROUPS).take(pa.array(group)),
            "event_class": pa.array(EVENT_CLASSES).take(pa.array(event_class)),
            "reco_energy_low": pa.array(self.reco_energy_edges[energy]),
            "reco_energy_high": pa.array(self.reco_energy_edges[energy + 1]),
            "reco_cos_zenith_low": pa.array(self.reco_cos_zenith_edges[zenith]),
            "reco_cos_zenith_high": pa.array(self.reco_cos_zenith_edges[zenith + 1]),
            "n_expected": pa.array(self.n_expected.ravel()),
            "nominal_factor": pa.array(self.nominal_factor.ravel()),
        }
        for parameter, slope in zip(self.parameters, self.slopes, strict=True):
            columns[f"slope_{parameter.name}"] = pa.array(slope.ravel())
        columns["zenith_block"] = pa.array(self.zenith_block.ravel())
        return pa.table(columns)

    @classmethod
    def from_table(cls, table: pa.Table) -> "Hyperplanes":
        """Return what `to_table` wrote; InputError if columns or rows are missing, or stand in another order."""
        parameters = _parameters_of(table.column_names)
        missing = [name for name in (*_VALUES, *_PLACES) if name not in table.column_names]
        if missing:
            raise InputError(f"hyperplanes lack the columns {listed(missing)}")
        energy, zenith = (band_edges(table, name) for name in ("reco_energy", "reco_cos_zenith"))
        shape = (len(NEUTRINO_GROUPS), len(EVENT_CLASSES), len(energy) - 1, len(zenith) - 1)
        if table.num_rows != np.prod(shape):
            raise InputError(f"hyperplanes have {table.num_rows} rows of {np.prod(shape)}")
        names = (*_VALUES, *(f"slope_{parameter.name}" for parameter in parameters))
        values = {name: table[name].to_numpy().reshape(shape) for name in names}
        slopes = np.array([values[f"slope_{parameter.name}"] for parameter in parameters])
        factors = (values["nominal_factor"], slopes, values["n_expected"], values["zenith_block"])
        found = cls(*factors, parameters, energy, zenith)
        if not all(found.to_table()[name].equals(table[name]) for name in _PLACES):
            raise InputError("hyperplanes: rows do not follow one another by group, class, energy and cos zenith")
        if not all(np.isfinite(values[name]).all() for name in names):
            raise InputError("hyperplanes hold values that are no finite numbers")
        return found


_VALUES = ("nominal_factor", "n_expected", "zenith_block")
_PLACES = (
    *("neutrino_group", "event_class", "reco_energy_low", "reco_energy_high"),
    *("reco_cos_zenith_low", "reco_cos_zenith_high"),
)
MOST_HYPERPLANES = 64 * MIB


def _parameters_of(columns: Sequence[str]) -> tuple[DetectorParameter, ...]:
    """Return the known parameters whose slopes a table has; InputError if it has not those of one release."""
    for parameters in KNOWN_PARAMETERS:
        if all(f"slope_{parameter.name}" in columns for parameter in parameters):
            return parameters
    due = " or ".join(listed([f"slope_{parameter.name}" for parameter in one]) for one in KNOWN_PARAMETERS)
    raise InputError(f"hyperplanes lack the columns of slopes: due are {due}")


def checked_values(values: Reals, parameters: Sequence[DetectorParameter] = DETECTOR_PARAMETERS) -> None:
    """Raise PhysicsError if a parameter's value lies outside its valid range; values (5,)."""
    for parameter, value in zip(parameters, values, strict=True):
        if not parameter.valid_low - 1e-9 <= value <= parameter.valid_high + 1e-9:
            raise PhysicsError(
                f"{parameter.name} = {value:g}: the release's slopes are valid from {parameter.valid_low:g} to "
                f"{parameter.valid_high:g}"
            )


def detector_values(
    changed: Mapping[str, float], parameters: Sequence[DetectorParameter] = DETECTOR_PARAMETERS
) -> Reals:
    """Return the five values, (5,): those named, the others nominal; PhysicsError for an unknown name."""
    names = [parameter.name for parameter in parameters]
    unknown = [name for name in changed if name not in names]
    if unknown:
        raise PhysicsError(f"unknown detector parameters {listed(unknown)}; there are {listed(names)}")
    return np.array([changed.get(parameter.name, parameter.nominal) for parameter in parameters])


def lowest_in_valid_box(
    nominal_factor: Reals, slopes: Reals, parameters: Sequence[DetectorParameter] = DETECTOR_PARAMETERS
) -> Reals:
    """Return the lowest value that nominal_factor + Σ slopes · (value - nominal) takes in the valid ranges."""
    lowest = nominal_factor.copy()
    for parameter, slope in zip(parameters, slopes, strict=True):
        down, up = parameter.valid_low - parameter.nominal, parameter.valid_high - parameter.nominal
        lowest += np.minimum(slope * down, slope * up)
    return lowest


def neutrino_group(flavour: int, interaction: int) -> int:
    """Return the index of NEUTRINO_GROUPS of a species, given as indices of FLAVOURS and INTERACTIONS."""
    if INTERACTIONS[interaction] == "nc":
        return NEUTRINO_GROUPS.index("all_nc")
    return NEUTRINO_GROUPS.index(FLAVOURS[flavour].removesuffix("bar") + "_cc")


@cache
def public_hyperplanes() -> Hyperplanes:
    """Return the factors of the public three-year sample that are shipped with this package."""
    return Hyperplanes.from_table(pq.read_table(SHIPPED_HYPERPLANES, partitioning=None))


def read_hyperplanes(path: Path) -> Hyperplanes:
    """Return the hyperplanes that a file holds; InputError if it is no Parquet file or its table has none."""
    table = read_parquet(path, most_bytes=MOST_HYPERPLANES)
    try:
        return Hyperplanes.from_table(table)
    except TORN_PARQUET as error:
        raise InputError(f"{path}: holds no hyperplanes: {error}") from error
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
