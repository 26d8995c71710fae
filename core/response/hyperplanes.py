"""The detector's own uncertainties: how the counts of each measured bin change with light yield and ice.

The release gives for ν charged currents by flavour and for all neutral currents a factor to each bin's expected count,
linear in five parameters (DOI 10.21234/ac23-ra43, arXiv:1901.05366). The slopes were fitted to simulations of
atmospheric neutrinos; what they say of another spectrum is approximate.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from core.dark_matter.channels import FLAVOURS, listed
from core.errors import InputError, PhysicsError
from core.events.classes import EVENT_CLASSES, INTERACTIONS
from core.events.public_release import RECO_COS_ZENITH_EDGES, RECO_ENERGY_EDGES

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

GROUP_SHAPE = (len(NEUTRINO_GROUPS), len(EVENT_CLASSES), len(RECO_ENERGY_EDGES) - 1, len(RECO_COS_ZENITH_EDGES) - 1)


@dataclass(frozen=True)
class Hyperplanes:
    """The factors of the 128 bins: f = `nominal_factor` + Σ_k `slopes`_k (value_k - nominal_k).

    `nominal_factor` (4 groups, 2 classes, 8 energies, 8 zeniths), `slopes` (5, ...) in the order of
    DETECTOR_PARAMETERS. `n_expected`, of the same shape: atmospheric events expected at nominal, the weights of sums.
    `zenith_block`: the bins of one group, class and energy with the same number share one factor.
    """

    nominal_factor: Reals
    slopes: Reals
    n_expected: Reals
    zenith_block: NDArray[np.int64]

    def factors(self, values: Reals) -> Reals:
        """Return the factor of each bin, (4, 2, 8, 8), at values (5,) of the parameters, by the release's definition.

        PhysicsError outside their valid ranges.
        """
        checked_values(values)
        return np.asarray(self.nominal_factor + np.tensordot(values - NOMINAL, self.slopes, axes=1))

    def relative_factors(self, values: Reals) -> Reals:
        """Return how yields change against nominal, (4 groups, 2 classes, 8 energies): Σ n f(values) / Σ n f(nominal).

        The sums run over cos zenith. Never negative within the valid ranges; PhysicsError outside.
        """
        varied = (self.n_expected * self.factors(values)).sum(axis=-1)
        return np.asarray(varied / (self.n_expected * self.nominal_factor).sum(axis=-1))

    def lowest_factors(self) -> Reals:
        """Return the lowest factor of each bin anywhere in the box of valid ranges, (4, 2, 8, 8): at a corner of it."""
        return lowest_in_valid_box(self.nominal_factor, self.slopes)

    @property
    def n_merged_bins(self) -> dict[str, int]:
        """How many of the 128 bins of each group share their factor with neighbours in cos zenith."""
        shared = np.zeros(GROUP_SHAPE, dtype=np.int64)
        shared[..., 1:] |= self.zenith_block[..., 1:] == self.zenith_block[..., :-1]
        shared[..., :-1] |= self.zenith_block[..., 1:] == self.zenith_block[..., :-1]
        return dict(zip(NEUTRINO_GROUPS, shared.sum(axis=(1, 2, 3)).tolist(), strict=True))

    def to_table(self) -> pa.Table:
        """Return a row for each group, class and bin of reconstructed energy and cos zenith."""
        group, event_class, energy, zenith = np.indices(GROUP_SHAPE).reshape(4, -1)
        columns: dict[str, pa.Array] = {
            "neutrino_group": pa.array(NEUTRINO_GROUPS).take(pa.array(group)),
            "event_class": pa.array(EVENT_CLASSES).take(pa.array(event_class)),
            "reco_energy_low": pa.array(RECO_ENERGY_EDGES[energy]),
            "reco_energy_high": pa.array(RECO_ENERGY_EDGES[energy + 1]),
            "reco_cos_zenith_low": pa.array(RECO_COS_ZENITH_EDGES[zenith]),
            "reco_cos_zenith_high": pa.array(RECO_COS_ZENITH_EDGES[zenith + 1]),
            "n_expected": pa.array(self.n_expected.ravel()),
            "nominal_factor": pa.array(self.nominal_factor.ravel()),
        }
        for name, slope in zip(DETECTOR_NAMES, self.slopes, strict=True):
            columns[f"slope_{name}"] = pa.array(slope.ravel())
        columns["zenith_block"] = pa.array(self.zenith_block.ravel())
        return pa.table(columns)

    @classmethod
    def from_table(cls, table: pa.Table) -> "Hyperplanes":
        """Return what `to_table` wrote; InputError if rows or columns are missing."""
        names = ["nominal_factor", "n_expected", "zenith_block", *(f"slope_{name}" for name in DETECTOR_NAMES)]
        missing = [name for name in names if name not in table.column_names]
        if missing or table.num_rows != np.prod(GROUP_SHAPE):
            raise InputError(
                f"hyperplanes lack the columns {listed(missing)} or rows: {table.num_rows} of {np.prod(GROUP_SHAPE)}"
            )
        values = {name: table[name].to_numpy().reshape(GROUP_SHAPE) for name in names}
        slopes = np.array([values[f"slope_{name}"] for name in DETECTOR_NAMES])
        return cls(values["nominal_factor"], slopes, values["n_expected"], values["zenith_block"])


def checked_values(values: Reals) -> None:
    """Raise PhysicsError if a parameter's value lies outside its valid range; values (5,)."""
    for parameter, value in zip(DETECTOR_PARAMETERS, values, strict=True):
        if not parameter.valid_low - 1e-9 <= value <= parameter.valid_high + 1e-9:
            raise PhysicsError(
                f"{parameter.name} = {value:g}: the release's slopes are valid from {parameter.valid_low:g} to "
                f"{parameter.valid_high:g}"
            )


def detector_values(changed: Mapping[str, float]) -> Reals:
    """Return the five values, (5,): those named, the others nominal; PhysicsError for an unknown name."""
    unknown = [name for name in changed if name not in DETECTOR_NAMES]
    if unknown:
        raise PhysicsError(f"unknown detector parameters {listed(unknown)}; there are {listed(DETECTOR_NAMES)}")
    return np.array([changed.get(parameter.name, parameter.nominal) for parameter in DETECTOR_PARAMETERS])


def lowest_in_valid_box(nominal_factor: Reals, slopes: Reals) -> Reals:
    """Return the lowest value that nominal_factor + Σ slopes · (value - nominal) takes in the valid ranges."""
    lowest = nominal_factor.copy()
    for parameter, slope in zip(DETECTOR_PARAMETERS, slopes, strict=True):
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
