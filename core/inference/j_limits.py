"""Limits that are expected with J factors profiled: medians over skies without signal, beside those with J fixed.

Profiled, a limit is the largest strength at which 2 ln L, maximised over the J factors, has fallen by a given amount
from its best (core.likelihood.j_profile). How far it must fall to cover is found by trials (`j_calibration`). Skies are
Gaussian, d normal about 0 with covariance I, or counts in merged cells with the background that each of them gives.

A sky without fluctuations would not do: the J factors follow what each source shows, and the median limit over skies is
a fifth above that of the sky in which every count is the expected one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.special import ndtri

from core.dark_matter.processes import Process
from core.errors import PhysicsError
from core.inference.j_calibration import CalibratedDrop, calibrated_drop
from core.inference.robustness import asymptotic_sensitivity
from core.likelihood.j_profile import FactorErrors, SkyLikelihood, gaussian_drop, profiled_strength
from core.pdfs.source_information import SourceCells, SourcePatterns, leading_sources, slope_share
from core.pdfs.source_skies import SourceSkies

Reals = NDArray[np.float64]

N_GAUSSIAN_SKIES = 128  # a power of two, drawn evenly: medians over them are known to 3 %
_N_RESAMPLED = 200
BAND = (0.16, 0.84)


@dataclass(frozen=True)
class Falls:
    """By how much 2 ln L falls at a limit: as calibrated, with its error, and on which pair that was done."""

    calibrated: float
    error: float
    calibrated_on: str


@dataclass(frozen=True)
class SkyLimits:
    """Upper limits of skies without signal, (n_skies,) each: J fixed, profiled, profiled with the Gaussian fall.

    `expected_fixed`: what the median of the first is where it is known without skies, else None.
    """

    fixed: Reals
    profiled: Reals
    gaussian_fall: Reals
    kind: str
    expected_fixed: float | None = None

    def median(self, limits: Reals) -> float:
        """Return a median limit: where that with J fixed is known, by the ratio of both over the same skies."""
        return float(self._medians(limits, np.arange(len(limits))))

    def median_error(self, limits: Reals) -> float:
        """Return the error of a median limit from the number of skies, by skies drawn again from these."""
        chosen = np.random.default_rng(0).integers(len(limits), size=(_N_RESAMPLED, len(limits)))
        return float(np.std(self._medians(limits, chosen)))

    def _medians(self, limits: Reals, skies: NDArray[np.int64]) -> Reals:
        found = np.median(limits[skies], axis=-1)
        if self.expected_fixed is None:
            return np.asarray(found)
        return np.asarray(self.expected_fixed * found / np.median(self.fixed[skies], axis=-1))


def deciding_sources(information: Reals, errors: FactorErrors) -> tuple[Reals, FactorErrors]:
    """Return information and errors with the faintest sources, 2 % of the slope, as one with their mean errors."""
    kept = leading_sources(information)
    if len(kept) == len(information):
        return information, errors
    gathered = np.zeros((len(kept) + 1, len(information)))
    gathered[np.arange(len(kept)), kept] = 1.0
    gathered[-1] = 1.0 - gathered.sum(axis=0)
    share = np.abs(slope_share(information)) * gathered[-1]
    low, high = (np.append(side[kept], side @ share / share.sum()) for side in (errors.low, errors.high))
    return gathered @ information @ gathered.T, FactorErrors(low, high)


def calibration_table(information: Reals, errors: FactorErrors, seed: int, n_trials: int) -> pa.Table:
    """Return the `j_calibration` product: a row a true strength, with the fall of 2 ln L that covers there.

    Arguments as of `core.inference.j_calibration.calibrated_drop`.
    """
    found: CalibratedDrop = calibrated_drop(*deciding_sources(information, errors), seed, n_trials)
    return pa.table(
        {
            "strength_over_uncertainty": found.strengths,
            "likelihood_fall": found.drop,
            "likelihood_fall_error": found.drop_error,
            "coverage_of_gaussian_fall": found.coverage,
            "n_trials": np.full(len(found.drop), n_trials),
        }
    )


def falls_of_table(calibration: pa.Table, calibrated_on: str) -> Falls:
    """Return the fall that covers at every strength of a `j_calibration` product, not less than the Gaussian one."""
    falls = calibration["likelihood_fall"].to_numpy()
    worst = int(np.argmax(falls))
    error = float(calibration["likelihood_fall_error"][worst].as_py())
    return Falls(max(float(falls[worst]), gaussian_drop()), error, calibrated_on)


def limits_of_gaussian_skies(
    information: Reals, errors: FactorErrors, falls: Falls, seed: int, n_skies: int = N_GAUSSIAN_SKIES
) -> SkyLimits:
    """Return the limits of Gaussian skies; `information` I_kl per square of the strength, (n_sources, n_sources)."""
    from scipy.stats import qmc

    few, own = deciding_sources(information, errors)
    values, directions = np.linalg.eigh(few)
    # Symmetric: the signs of the directions are the library's own choice, and skies must not hang on them.
    root = (directions * np.sqrt(np.maximum(values, 0.0))) @ directions.T
    projections = ndtri(qmc.Sobol(len(few), seed=np.random.default_rng(seed)).random(n_skies)) @ root
    skies = [SkyLikelihood.gaussian(each, few) for each in projections]
    total, slope = float(few.sum()), projections.sum(axis=1)
    # 2 ln L falls from its best at 0 or above: of a sky that fluctuates up from its fit, d/I.
    fixed = (slope + np.sqrt(np.minimum(slope, 0.0) ** 2 + gaussian_drop() * total)) / total
    return SkyLimits(fixed, *_profiled(skies, own, falls), "gaussian", asymptotic_sensitivity(information))


def limits_of_count_skies(
    patterns: SourcePatterns,
    cells: SourceCells,
    reco_cos_zenith_edges: Reals,
    errors: FactorErrors,
    falls: Falls,
    seed: int,
    n_skies: int,
) -> SkyLimits:
    """Return the limits of skies drawn as counts, the background of each estimated from its own events."""
    drawn_from = SourceSkies.of(patterns, cells, reco_cos_zenith_edges)
    generator = np.random.default_rng([seed, n_skies])
    nothing = np.zeros(len(patterns.sources))
    skies = [drawn_from.draw(nothing, generator).likelihood(cells.excess) for _ in range(n_skies)]
    exact = FactorErrors.none(errors.low.size)
    fixed = np.array([profiled_strength(sky, exact).upper_limit for sky in skies])
    return SkyLimits(fixed, *_profiled(skies, errors, falls), "counts")


def j_profile_table(limits: SkyLimits, falls: Falls, process: Process) -> pa.Table:
    """Return the `j_profile` product of a pair, one row: median limits with J profiled beside that with J fixed."""
    strength = process.strength
    low, high = np.quantile(limits.profiled, BAND)
    row: dict[str, object] = {
        f"{strength}_sensitivity_fixed_j": limits.median(limits.fixed),
        f"{strength}_sensitivity_profiled_j": limits.median(limits.profiled),
        f"{strength}_sensitivity_profiled_j_error": limits.median_error(limits.profiled),
        f"{strength}_sensitivity_profiled_j_gaussian_fall": limits.median(limits.gaussian_fall),
        f"{strength}_profiled_j_band_lo68": float(low),
        f"{strength}_profiled_j_band_hi68": float(high),
        "likelihood_fall": falls.calibrated,
        "likelihood_fall_error": falls.error,
        "calibrated_on": falls.calibrated_on,
        "skies": limits.kind,
        "n_skies": len(limits.fixed),
        "process": process.name,
    }
    return pa.table({name: [value] for name, value in row.items()})


def _profiled(skies: Sequence[SkyLikelihood], errors: FactorErrors, falls: Falls) -> tuple[Reals, Reals]:
    """Return the limits of skies with J profiled, by the calibrated fall and by the Gaussian one, (n_skies,) each."""
    if not skies:
        raise PhysicsError("no skies were drawn: there is no median limit; ask for at least 1")
    calibrated, gaussian = (
        np.array([profiled_strength(sky, errors, fall).upper_limit for sky in skies])
        for fall in (falls.calibrated, gaussian_drop())
    )
    return calibrated, gaussian
