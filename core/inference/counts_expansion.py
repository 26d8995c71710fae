"""The counts' expectation as a power series about one point: what makes fits and trials fast.

Second order in all, and third and fourth in Δm²32 and sin²θ23, in which the counts bend more. Within a few standard
deviations the series is the model itself to far less than the counts' fluctuation (a test holds both fits against each
other); the likelihood is exact. Both octants of θ23 are tried.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.inference.atmospheric_model import (
    DETECTOR,
    LOWER_LIMITS,
    N_PARAMETERS,
    NOMINAL_VALUES,
    PRIOR_UNCERTAINTIES,
    UPPER_LIMITS,
    CountsModel,
    place_of,
    strength_limits,
)
from core.inference.counts_series import BENT, expectation, fit_many

Reals = NDArray[np.float64]

# Both octants of θ23 are tried, sin²θ23 being this far from 1/2.
OCTANT_DISTANCE = 0.08
_STEP = 0.02
# A unit of d is at most this share of what lies between a value's limits.
_LARGEST_UNIT = 0.05
_ANGLE = place_of("sin2_theta23")
# Steps of differences along BENT: Δm²32 in eV², sin²θ23.
_BENT_STEPS = (1.2e-4, 0.06)


@dataclass(frozen=True)
class ExpandedModel:
    """A model about one point, in units of `scale`: values are centre + scale · d, d (16,), strength last.

    `expected` (n_cells,), `slopes` (16, n_cells), `curvature` (16, 16, n_cells). `bending` (2, 17, n_cells): third
    derivatives, twice by Δm²32 or sin²θ23 and once by each, and last the fourth by Δm²32 or sin²θ23. `variance`
    (n_cells,) of the bins' factors; `low`, `high` (16,) limits of d; `precision` (16,) of the priors in d.
    """

    centre: Reals
    scale: Reals
    expected: Reals
    slopes: Reals
    curvature: Reals
    bending: Reals
    variance: Reals
    low: Reals
    high: Reals
    precision: Reals

    def touching(self, values: Reals, expected: Reals, slopes: Reals) -> "ExpandedModel":
        """Return the series that has a given expectation (n_cells,) and slopes (16, n_cells) at values (16,).

        What bends stays: a model's series about one point made exact to first order at another, for one evaluation.
        """
        point = (values - self.centre) / self.scale
        mean, rows = expectation(point, self.expected, self.slopes, self.curvature, self.bending)
        turned = slopes * self.scale[:, None] - rows
        return replace(self, expected=self.expected + expected - mean - point @ turned, slopes=self.slopes + turned)

    def with_signal(self, model: CountsModel) -> "ExpandedModel":
        """Return the series of the same model with a signal, exactly, of one without signal."""
        low, high = strength_limits(model)
        displaced, changes = self.centre[DETECTOR] - NOMINAL_VALUES[DETECTOR], model.signal_slopes
        slope = model.signal_counts + displaced @ changes
        flat = slope**2 / (self.expected * (1.0 + self.expected * self.variance))
        unit = float(min(1.0 / np.sqrt(flat.sum()), _LARGEST_UNIT * (high - low)))
        scale, slopes, curvature = self.scale.copy(), self.slopes.copy(), self.curvature.copy()
        scale[-1], slopes[-1] = unit, unit * slope
        curvature[DETECTOR, -1] = curvature[-1, DETECTOR] = unit * scale[DETECTOR][:, None] * changes
        lower, upper = self.low.copy(), self.high.copy()
        lower[-1], upper[-1] = low / unit, high / unit
        return replace(self, scale=scale, slopes=slopes, curvature=curvature, low=lower, high=upper)


@dataclass(frozen=True)
class ExpandedFits:
    """Fits of many histograms: `values` (n, 16), strength last, and `minimum` of -2 ln L, (n,)."""

    values: Reals
    minimum: Reals

    @property
    def strength(self) -> Reals:
        """Strength of the signal, (n,)."""
        return self.values[:, -1]


def expanded_model(model: CountsModel, centre: Reals) -> ExpandedModel:
    """Return the expansion of a model about values (16,) of FIT_PARAMETERS and, last, the signal's strength."""
    low_strength, high_strength = strength_limits(model)
    low, high = np.append(LOWER_LIMITS, low_strength), np.append(UPPER_LIMITS, high_strength)
    expected, slopes = model.expected_and_slopes(centre[:-1], centre[-1])
    scale = _scale(model, expected, slopes, high - low)
    curvature = np.zeros((len(centre), len(centre), len(expected)))
    for index in range(len(centre)):
        step = np.zeros(len(centre))
        step[index] = _STEP * scale[index]
        up, down = centre + step, centre - step
        difference = model.expected_and_slopes(up[:-1], up[-1])[1] - model.expected_and_slopes(down[:-1], down[-1])[1]
        curvature[index] = difference * scale[:, None] / (2.0 * _STEP)
    return ExpandedModel(
        centre=centre,
        scale=scale,
        expected=expected,
        slopes=slopes * scale[:, None],
        curvature=0.5 * (curvature + curvature.swapaxes(0, 1)),
        bending=_bending(model, centre, scale),
        variance=model.relative_error**2,
        low=(low - centre) / scale,
        high=(high - centre) / scale,
        precision=np.append((scale[:-1] / PRIOR_UNCERTAINTIES) ** 2, 0.0),
    )


def fit_expanded(
    model: ExpandedModel,
    counts: Reals,
    priors: Reals,
    strength: float | None = None,
    fixed: Mapping[str, float] | None = None,
    start: Reals | None = None,
) -> ExpandedFits:
    """Return the fits of histograms (n, n_cells) with priors centred at (n, 15); `strength` None: fitted, else held.

    `start`: first values, (16,) of all or (n, 16); None: the expansion's centre, in one octant of θ23 first. The other
    octant is tried too where θ23 is free.
    """
    free = np.ones(N_PARAMETERS + 1, dtype=np.bool_)
    first = np.zeros(N_PARAMETERS + 1) if start is None else (start - model.centre) / model.scale
    first = np.array(np.broadcast_to(first, (len(counts), N_PARAMETERS + 1)))
    if start is None:
        first[:, _ANGLE] = (0.5 - OCTANT_DISTANCE - model.centre[_ANGLE]) / model.scale[_ANGLE]
    for name, value in (fixed or {}).items():
        free[place_of(name)] = False
        first[:, place_of(name)] = (value - model.centre[place_of(name)]) / model.scale[place_of(name)]
    if strength is not None:
        free[-1] = False
        first[:, -1] = (strength - model.centre[-1]) / model.scale[-1]
    centres = np.hstack([(priors - model.centre[:-1]) / model.scale[:-1], np.zeros((len(priors), 1))])
    found, minimum = fit_many(
        np.ascontiguousarray(counts, dtype=np.float64), centres, model.expected, model.slopes, model.curvature,
        model.bending, model.variance, model.precision, model.low, model.high, first, free,
        float((1.0 - 2.0 * model.centre[_ANGLE]) / model.scale[_ANGLE]),
    )  # fmt: skip
    return ExpandedFits(model.centre + model.scale * found, minimum)


def _bending(model: CountsModel, centre: Reals, scale: Reals) -> Reals:
    """Return the third and fourth derivatives of ExpandedModel.bending, from differences along what bends."""
    derivatives = []
    for place, step in zip(BENT, _BENT_STEPS, strict=True):
        slopes = []
        for n_steps in (-2, -1, 0, 1, 2):
            values = centre.copy()
            values[place] += n_steps * step
            slopes.append(model.expected_and_slopes(values[:-1], values[-1])[1] * scale[:, None])
        width = step / scale[place]
        third = (-slopes[0] + 16.0 * slopes[1] - 30.0 * slopes[2] + 16.0 * slopes[3] - slopes[4]) / (12.0 * width**2)
        own = [slope[place] for slope in slopes]
        fourth = (own[4] - 2.0 * own[3] + 2.0 * own[1] - own[0]) / (2.0 * width**3)
        derivatives.append(np.vstack([third, fourth]))
    return np.array(derivatives)


def _scale(model: CountsModel, expected: Reals, slopes: Reals, width: Reals) -> Reals:
    """Return the units of d, (16,): its uncertainty with all others held, a share of its limits at most."""
    variance = expected * (1.0 + expected * model.relative_error**2)
    information = (slopes**2 / variance).sum(axis=1) + np.append(1.0 / PRIOR_UNCERTAINTIES**2, 0.0)
    scale = np.minimum(1.0 / np.sqrt(np.maximum(information, 1e-300)), _LARGEST_UNIT * width)
    scale[_ANGLE] = 0.05
    return np.asarray(scale)
