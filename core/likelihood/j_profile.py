"""The likelihood of the strength (⟨σv⟩ or 1/τ) with the J factor of each source as a nuisance parameter.

With ν_k = ln(J_k / J_k,observed) and θ_k = s exp(ν_k) the strength that source k would have at its observed J factor,

    ln L(s, ν) = ln L_sky(θ) - Σ_k ν_k² / (2 σ_k²),

where σ_k is the error of ln J_k on the side on which ν_k lies: upwards for J_k above the observed value. The second
term is the log-normal one of the searches with Fermi-LAT (Ackermann et al. 2015, arXiv:1503.02641), whose normalisation
does not depend on the nuisance; here with each value's own asymmetric errors. The sky enters either by its
counts in cells in which every source has one ratio to the background,

    ln L_sky = Σ_cells counts ln[1 + Σ_k θ_k e_k],   e_k = E_k / (N B) (core.pdfs.source_information),

or, where fits are Gaussian, by d_k = Σ_cells counts e_k and the information matrix: θ·d - θ·I·θ/2. The J factors are
maximised over at each s (profiled); the strength is bounded at 0, limits are one-sided: the largest s at which 2 ln L
has fallen by a given amount from its maximum over s >= 0. For Gaussian errors that is z², z the normal quantile of the
confidence level; for log-normal ones it is more (`j_calibration`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from core.dark_matter.processes import FACTOR_SYMBOLS, process_of
from core.errors import InputError, PhysicsError
from core.likelihood.j_profile_loops import ProfiledSky, profiled_curve, profiled_ends

Reals = NDArray[np.float64]

CONFIDENCE = 0.9
ONE_SIGMA = 1.0


@dataclass(frozen=True)
class FactorErrors:
    """The errors of ln J of each source, downwards and upwards, (n_sources,) each; 0 holds a J factor fixed."""

    low: Reals
    high: Reals

    def __post_init__(self) -> None:
        if self.low.shape != self.high.shape or not (np.all(self.low >= 0.0) and np.all(self.high >= 0.0)):
            raise PhysicsError(f"errors of J factors {self.low} and {self.high}: needed are two numbers >= 0 a source")

    @classmethod
    def none(cls, n_sources: int) -> "FactorErrors":
        """Return those of J factors that are taken as exact."""
        return cls(np.zeros(n_sources), np.zeros(n_sources))

    @classmethod
    def of_sources(cls, sources: pa.Table) -> "FactorErrors":
        """Return the errors in a `sources` product; InputError for a source without."""
        factor = process_of(sources).factor
        low, high = (sources[f"log10_{factor}_error_{side}"].to_numpy() * np.log(10.0) for side in ("low", "high"))
        unknown = ~(np.isfinite(low) & np.isfinite(high))
        if unknown.any():
            name = sources["source"].to_pylist()[int(unknown.argmax())]
            raise InputError(
                f"{FACTOR_SYMBOLS[factor]} factor of {name} has no error: give one, add the galaxy to sources.exclude, "
                'or take sources.j_uncertainty = "fixed"'
            )
        return cls(low, high)

    def shifts(self, pulls: ArrayLike) -> Reals:
        """Return ν = ln(J/J_observed) at pulls in standard deviations, (..., n_sources), each side with its own σ."""
        given = np.asarray(pulls, dtype=np.float64)
        return np.asarray(np.where(given > 0.0, given * self.high, given * self.low))


@dataclass(frozen=True)
class SkyLikelihood:
    """What one sky says of the strengths θ of its sources: by counts in cells, or by projections and information.

    `counts` (n_cells,) and `relative_excess` e (n_cells, n_sources) per strength; or `projections` d (n_sources,) and
    `information` I (n_sources, n_sources).
    """

    counts: Reals
    relative_excess: Reals
    projections: Reals
    information: Reals

    @classmethod
    def of_counts(cls, counts: ArrayLike, relative_excess: ArrayLike) -> "SkyLikelihood":
        """Return the exact likelihood of counts in cells; PhysicsError if shapes differ or a number is not finite."""
        given, excess = np.asarray(counts, dtype=np.float64), np.asarray(relative_excess, dtype=np.float64)
        if excess.ndim != 2 or given.shape != excess.shape[:1] or not np.all(np.isfinite(excess)):
            raise PhysicsError(
                f"counts {given.shape} and excess {excess.shape} do not fit or are not finite: give (n_cells,) "
                "and (n_cells, n_sources)"
            )
        occupied = given > 0.0
        n_sources = excess.shape[1]
        empty = np.zeros(n_sources), np.zeros((n_sources, n_sources))
        return cls(given[occupied], np.ascontiguousarray(excess[occupied]), *empty)

    @classmethod
    def gaussian(cls, projections: ArrayLike, information: ArrayLike) -> "SkyLikelihood":
        """Return the likelihood of Gaussian fits; PhysicsError if shapes differ or a number is not finite."""
        found, matrix = np.array(projections, dtype=np.float64), np.array(information, dtype=np.float64)
        if matrix.shape != (found.size, found.size) or not (np.all(np.isfinite(found)) and np.all(np.isfinite(matrix))):
            raise PhysicsError(
                f"projections {found.shape} and information {matrix.shape} do not fit, or are not finite"
            )
        return cls(np.zeros(0), np.zeros((0, found.size)), found, matrix)

    @property
    def n_sources(self) -> int:
        """How many sources there are."""
        return int(self.projections.size)

    @property
    def scale(self) -> float:
        """The error of the strength at fixed J factors: 1/sqrt(Σ_kl I_kl), of counts by their own curvature at 0."""
        total = float(self.information.sum() + self.counts @ self.relative_excess.sum(axis=1) ** 2)
        if not total > 0.0:
            raise PhysicsError(
                "the signal of these sources cannot be told from the background: there is no information"
            )
        return float(1.0 / np.sqrt(total))


@dataclass(frozen=True)
class ProfiledStrength:
    """Best fit (>= 0), interval and one-sided upper limit of the strength, with the J factors profiled.

    `fall_at_zero`: by how much 2 ln L falls from its maximum to no signal, the bounded test statistic. `factors`:
    (n_sources,), J_k over its observed value at the upper limit.
    """

    best: float
    low: float
    high: float
    upper_limit: float
    fall_at_zero: float
    factors: Reals = field(repr=False)


def profiled_strength(
    sky: SkyLikelihood, errors: FactorErrors, limit_drop: float | None = None, drop: float = ONE_SIGMA
) -> ProfiledStrength:
    """Return what a sky says of the strength with J factors profiled within their errors; exact ones are fixed.

    `limit_drop`: the fall of 2 ln L at the upper limit; that of 90 % confidence for Gaussian errors where not given,
    which is too little for log-normal ones (`j_calibration`). `drop`: the fall at the ends of the interval, whose
    lower end is 0 where 2 ln L falls by less to no signal. Raises PhysicsError for a fall that is not positive, or for
    a sky without information.
    """
    asked = gaussian_drop() if limit_drop is None else limit_drop
    if not (0.0 < asked < np.inf and 0.0 < drop < np.inf):
        raise PhysicsError(
            f"2 ln L is to fall by {asked} at the limit and {drop} at the interval: needed is more than 0"
        )
    _refuse_other_sources(sky, errors)
    scale = sky.scale
    numbers, shifts = profiled_ends(_in_units(sky, errors, scale), float(asked), float(drop))
    best, low, high, limit = (float(number) * scale for number in numbers[:4])
    return ProfiledStrength(best, low, high, limit, float(numbers[4]), np.exp(shifts))


def profile_curve(sky: SkyLikelihood, errors: FactorErrors, strengths: Sequence[float] | Reals) -> Reals:
    """Return 2 ln L at its maximum over J factors for each strength >= 0, (n,), less its value without signal."""
    _refuse_other_sources(sky, errors)
    given = np.asarray(strengths, dtype=np.float64)
    if not (np.all(np.isfinite(given)) and np.all(given >= 0.0)):
        raise PhysicsError(f"strengths {given}: needed are numbers >= 0")
    scale = sky.scale
    order = np.argsort(given, kind="stable")
    found = np.empty(given.size)
    found[order] = -2.0 * profiled_curve(_in_units(sky, errors, scale), given[order] / scale)
    return found


def gaussian_drop(confidence: float = CONFIDENCE) -> float:
    """Return z², the fall of 2 ln L at a one-sided limit of Gaussian errors; PhysicsError if it is not above 1/2."""
    if not 0.5 < confidence < 1.0:
        raise PhysicsError(f"confidence {confidence}: needed is one between 0.5 and 1")
    return float(ndtri(confidence)) ** 2


def _in_units(sky: SkyLikelihood, errors: FactorErrors, scale: float) -> ProfiledSky:
    """Return a sky with strengths in units of a scale."""
    parts = sky.counts, sky.relative_excess * scale, sky.projections * scale, sky.information * scale**2
    return ProfiledSky(*(np.ascontiguousarray(part, dtype=np.float64) for part in (*parts, errors.low, errors.high)))


def _refuse_other_sources(sky: SkyLikelihood, errors: FactorErrors) -> None:
    if errors.low.size != sky.n_sources:
        raise PhysicsError(f"errors of {errors.low.size} J factors do not fit a sky of {sky.n_sources} sources")
