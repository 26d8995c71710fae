"""What the atmosphere puts into the 128 bins of the public sample, and how it hangs on fifteen parameters.

    N_b = A Σ_g c_g f_gb [ T_gb(νμ) + ρ T_gb(νe) ] + M m_b + n_s s_b

with g over the groups of ν charged currents by flavour and neutral currents, T the templates of flux times oscillation
times simulation, f the detector's factors, m the release's muons and s the shape of a signal.
"""

from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import NDArray

from core.errors import PhysicsError
from core.inference.atmospheric_templates import MASS_SPLITTING_RANGE, AtmosphericTemplates, public_templates
from core.response.folded import N_CELLS
from core.response.hyperplanes import (
    DETECTOR_PARAMETERS,
    NEUTRINO_GROUPS,
    NOMINAL,
    Hyperplanes,
    public_hyperplanes,
)
from core.response.muons import ExpectedMuons, public_muons

Reals = NDArray[np.float64]

_CONFIGURATION = "IceCube's configuration of this sample in pisa 4.2, as in arXiv:1901.05366"
_RELEASE = "README of the release, DOI 10.21234/ac23-ra43"


@dataclass(frozen=True)
class FitParameter:
    """A parameter of the fit: nominal value, Gaussian prior's width (None: free), limits, and where they come from."""

    name: str
    nominal: float
    prior_uncertainty: float | None
    low: float
    high: float
    source: str


FIT_PARAMETERS: tuple[FitParameter, ...] = (
    FitParameter("normalisation", 1.0, None, 0.1, 3.0, _CONFIGURATION),
    FitParameter("spectral_index", 0.0, 0.1, -0.4, 0.4, _CONFIGURATION),
    FitParameter("nue_numu_ratio", 1.0, 0.05, 0.5, 1.5, _CONFIGURATION),
    FitParameter("nu_nubar_ratio", 0.0, 1.0, -4.0, 4.0, "Barr et al., astro-ph/0611266, in standard deviations"),
    FitParameter("up_horizontal_ratio", 0.0, 1.0, -4.0, 4.0, "Barr et al., astro-ph/0611266, in standard deviations"),
    FitParameter("mass_splitting_32", 2.4e-3, None, *MASS_SPLITTING_RANGE, "free, normal ordering"),
    FitParameter("sin2_theta23", 0.5, None, 0.1, 0.9, "free"),
    FitParameter("nc_normalisation", 1.0, 0.2, 0.2, 1.8, _CONFIGURATION),
    FitParameter("nutau_normalisation", 1.0, None, 0.0, 4.0, _CONFIGURATION + "; charged currents"),
    FitParameter("muon_normalisation", 1.0, None, 0.0, 4.0, "free"),
    *(FitParameter(p.name, p.nominal, p.uncertainty, p.valid_low, p.valid_high, _RELEASE) for p in DETECTOR_PARAMETERS),
)
FIT_NAMES = tuple(parameter.name for parameter in FIT_PARAMETERS)
N_PARAMETERS = len(FIT_PARAMETERS)
NOMINAL_VALUES: Reals = np.array([parameter.nominal for parameter in FIT_PARAMETERS])
LOWER_LIMITS: Reals = np.array([parameter.low for parameter in FIT_PARAMETERS])
UPPER_LIMITS: Reals = np.array([parameter.high for parameter in FIT_PARAMETERS])
PRIOR_UNCERTAINTIES: Reals = np.array([parameter.prior_uncertainty or np.inf for parameter in FIT_PARAMETERS])

# A signal may take away at most this share of the expectation of any bin, and add at most this many times it.
MOST_TAKEN_AWAY, MOST_ADDED = 0.5, 20.0

_NORM, _INDEX, _RATIO, _NUBAR, _UPHOR, _SPLITTING, _ANGLE, _NC, _NUTAU, _MUON = range(10)
DETECTOR = slice(10, N_PARAMETERS)
_TAU_GROUP, _NC_GROUP = NEUTRINO_GROUPS.index("nutau_cc"), NEUTRINO_GROUPS.index("all_nc")


def place_of(name: str) -> int:
    """Return the place of a parameter in FIT_PARAMETERS; PhysicsError if there is none of that name."""
    if name not in FIT_NAMES:
        raise PhysicsError(f"unknown parameter {name!r} of the atmospheric fit; there are {', '.join(FIT_NAMES)}")
    return FIT_NAMES.index(name)


@dataclass(frozen=True)
class CountsModel:
    """The expectation of the bins, with or without a signal.

    `signal_shape`: counts per unit of signal strength, (4 groups, N_CELLS), which follow the detector's parameters
    relative to nominal, or (N_CELLS,), which do not; None: no signal. `relative_error` (N_CELLS,): of the expectation,
    from finite simulation and the muons' own error.
    """

    templates: AtmosphericTemplates
    hyperplanes: Hyperplanes
    muons: ExpectedMuons
    signal_shape: Reals | None = None
    relative_error: Reals = field(init=False)
    _factor: Reals = field(init=False)
    _factor_slopes: Reals = field(init=False)
    signal_slopes: Reals = field(init=False)

    def __post_init__(self) -> None:
        factor = self.hyperplanes.nominal_factor.reshape(len(NEUTRINO_GROUPS), N_CELLS)
        slopes = self.hyperplanes.slopes.reshape(len(DETECTOR_PARAMETERS), len(NEUTRINO_GROUPS), N_CELLS)
        object.__setattr__(self, "_factor", factor)
        object.__setattr__(self, "_factor_slopes", slopes)
        object.__setattr__(self, "signal_slopes", self._slopes_of_signal())
        variance = self.templates.variance + self.muons.n_expected_error.ravel() ** 2
        object.__setattr__(self, "relative_error", np.sqrt(variance) / self.expected(NOMINAL_VALUES))

    def with_signal(self, shape: Reals) -> "CountsModel":
        """Return the model with a signal; shape (4, N_CELLS) or (N_CELLS,) events per unit of strength."""
        if shape.shape not in ((N_CELLS,), (len(NEUTRINO_GROUPS), N_CELLS)) or not np.all(np.isfinite(shape)):
            raise PhysicsError(f"a signal of shape {shape.shape}: needed are ({N_CELLS},) or (4, {N_CELLS}) numbers")
        if np.any(shape < 0.0) or not shape.sum() > 0.0:
            raise PhysicsError("the signal expects no events, or less than none in some bin: there is nothing to limit")
        return CountsModel(self.templates, self.hyperplanes, self.muons, shape)

    @property
    def signal_counts(self) -> Reals:
        """Expected signal per unit of strength at the nominal detector, (N_CELLS,); 0 without signal."""
        if self.signal_shape is None:
            return np.zeros(N_CELLS)
        return self.signal_shape if self.signal_shape.ndim == 1 else self.signal_shape.sum(axis=0)

    def expected(self, values: Reals, strength: float = 0.0) -> Reals:
        """Return the expected counts (N_CELLS,) at values (15,) of FIT_PARAMETERS and a strength of the signal."""
        return self.expected_and_slopes(values, strength)[0]

    def expected_and_slopes(self, values: Reals, strength: float = 0.0) -> tuple[Reals, Reals]:
        """Return the expected counts (N_CELLS,) and their derivatives by values and, last, strength, (16, N_CELLS)."""
        by_group, template_slopes = self._neutrinos(values)
        displaced = values[DETECTOR] - NOMINAL
        factor = self._factor + np.tensordot(displaced, self._factor_slopes, axes=1)
        scale = np.ones(len(NEUTRINO_GROUPS))
        scale[_TAU_GROUP], scale[_NC_GROUP] = values[_NUTAU], values[_NC]
        seen = factor * scale[:, None] * values[_NORM]
        slopes = np.empty((N_PARAMETERS + 1, N_CELLS))
        neutrinos = (by_group.sum(axis=0) * seen).sum(axis=0)
        slopes[_NORM] = neutrinos / values[_NORM]
        slopes[_RATIO] = (by_group[0] / values[_RATIO] * seen).sum(axis=0)
        slopes[[_SPLITTING, _ANGLE, _INDEX, _NUBAR, _UPHOR]] = (template_slopes.sum(axis=1) * seen).sum(axis=1)
        slopes[_NC], slopes[_NUTAU] = (
            by_group[:, group].sum(axis=0) * factor[group] * values[_NORM] for group in (_NC_GROUP, _TAU_GROUP)
        )
        slopes[_MUON] = self.muons.n_expected.ravel()
        unscaled = by_group.sum(axis=0) * scale[:, None] * values[_NORM]
        slopes[DETECTOR] = (self._factor_slopes * unscaled).sum(axis=1) + strength * self.signal_slopes
        slopes[-1] = self.signal_counts + displaced @ self.signal_slopes
        return neutrinos + values[_MUON] * slopes[_MUON] + strength * slopes[-1], slopes

    def _neutrinos(self, values: Reals) -> tuple[Reals, Reals]:
        """Return counts (2 origins, 4, N_CELLS) and derivatives (5, 2, 4, N_CELLS), νe scaled by their ratio to νμ."""
        shapes = values[[_INDEX, _NUBAR, _UPHOR]]
        counts, slopes = self.templates.counts_and_slopes(values[_SPLITTING], values[_ANGLE], shapes)
        ratio = np.array([values[_RATIO], 1.0])[:, None, None]
        return counts * ratio, slopes * ratio

    def _slopes_of_signal(self) -> Reals:
        """Return the signal's change with the detector's parameters, (5, N_CELLS): s_g Σ n ∂f / Σ n f over zenith."""
        planes, shape = self.hyperplanes, self.signal_shape
        if shape is None or shape.ndim == 1:
            return np.zeros((len(DETECTOR_PARAMETERS), N_CELLS))
        relative = (planes.n_expected * planes.slopes).sum(axis=-1, keepdims=True)
        relative = relative / (planes.n_expected * planes.nominal_factor).sum(axis=-1, keepdims=True)
        by_bin = np.broadcast_to(relative, planes.slopes.shape).reshape(len(DETECTOR_PARAMETERS), *shape.shape)
        return np.asarray((by_bin * shape).sum(axis=1))


def strength_limits(model: CountsModel) -> tuple[float, float]:
    """Return the lowest and highest strength of the signal that a fit may take."""
    most = float((model.signal_counts / model.expected(NOMINAL_VALUES)).max())
    return (-MOST_TAKEN_AWAY / most, MOST_ADDED / most) if most > 0.0 else (-1.0, 1.0)


@cache
def public_counts_model() -> CountsModel:
    """Return the model of the public three-year sample, without signal."""
    return CountsModel(public_templates(), public_hyperplanes(), public_muons())
