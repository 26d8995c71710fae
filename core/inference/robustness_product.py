"""The variants of a pair's analysis that its `robustness` product holds, each with what it does to the sensitivity.

Variants of the J factors are weights of the information matrix (core.inference.robustness). All others are ratios of
closed forms, each with a pattern that is both true and looked for: nothing here is a bias.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.dark_matter.processes import strength_column
from core.dark_matter.sources import APERTURES_DEG, WITHOUT_CONTESTED
from core.inference.robustness import (
    asymptotic_sensitivity,
    drawn_factors,
    marginalised_ratio,
    weights_of_aperture,
    weights_without,
)
from core.likelihood.j_profile import FactorErrors
from core.likelihood.stacked_law import StackedLaw
from core.likelihood.stacked_model import source_trial_model
from core.pdfs.background import BinnedBackground
from core.pdfs.source_background import source_background_pdf
from core.pdfs.source_information import (
    Treatment,
    information_of_table,
    leading_sources,
    slope_share,
    source_patterns,
)
from core.pdfs.source_signal import source_signal_pdf
from core.response.variations import with_one_kernel
from core.signal.acceptance import source_acceptance
from core.signal.expected_signal import ExpectedSignal
from core.signal.windows import Window
from core.spectra.annihilation import arriving, produced_from_table
from core.spectra.earth_matter import Directions
from core.spectra.oscillation import MixingAngles

if TYPE_CHECKING:
    import pandas as pd


Reals = NDArray[np.float64]

N_DRAWS = 8192
N_ANGLE_BINS = 36
# Gauss-Legendre nodes in a bin of angle: 6 change the closed form of j_weighted by less than 1e-3.
N_NODES = 6


def left_out_weights(sources: pa.Table, information: Reals) -> dict[str, Reals]:
    """Return the weights without the largest source by its share of the slope, the two largest, contested ones.

    Each contested galaxy alone and all of them together; what leaves no source is no variant.
    """
    names = sources["source"].to_pylist()
    largest = [names[index] for index in np.argsort(slope_share(information))[::-1]]
    contested = [name for name, paper in zip(names, sources["contested_by"].to_pylist(), strict=True) if paper]
    groups = {f"without {largest[0]}": largest[:1]}
    groups |= {f"without {' and '.join(largest[:2])}": largest[:2]}
    groups |= {f"without {name}": [name] for name in contested}
    groups |= {WITHOUT_CONTESTED: contested} if contested else {}
    return {name: weights_without(names, group) for name, group in groups.items() if len(set(group)) < len(names)}


def aperture_weights(sources: pa.Table, catalogue: pd.DataFrame) -> dict[str, Reals]:
    """Return the weights of J within other apertures, for those that the catalogue has for every source."""
    found = {}
    for aperture in APERTURES_DEG:
        if f"log10_j_factor_{aperture:g}deg" not in catalogue:
            continue
        weights = weights_of_aperture(sources, catalogue, aperture)
        if np.all(weights > 0.0):
            found[f"J within {aperture:g} deg"] = weights
    return found


def whole_galaxy_weights(sources: pa.Table, catalogue: pd.DataFrame, profiles: pa.Table) -> dict[str, Reals]:
    """Return the weights of J of whole galaxies by their profiles, and with all factors at their lower or upper error.

    The factor is over J within half a degree; a galaxy without a profile keeps its J.
    """
    if profiles.num_rows == 0 or "log10_j_factor_0.5deg" not in catalogue:
        return {}
    names = sources["source"].to_pylist()
    half = weights_of_aperture(sources, catalogue, 0.5)
    frame = profiles.to_pandas().set_index("source").reindex(names)
    factor = frame["log10_j_total_over_half_degree"].to_numpy()
    low, high = (frame[f"log10_j_total_over_half_degree_error_{side}"].to_numpy() for side in ("low", "high"))
    shifts = {"": factor, ", all at their lower errors": factor - low, ", all at their upper errors": factor + high}
    return {
        f"J of whole galaxies{name}": np.where(np.isfinite(shift), half * 10.0 ** np.nan_to_num(shift), 1.0)
        for name, shift in shifts.items()
    }


def marginalised_ratios(sources: pa.Table, information: Reals) -> dict[str, float]:
    """Return the ratio of trials with drawn J factors; none where an error of a J factor is not known."""
    errors = known_errors(sources)
    if errors is None:
        return {}
    factors = drawn_factors(errors, N_DRAWS, np.random.default_rng(1))
    return {"J factors marginalised": marginalised_ratio(information, factors)}


def known_errors(sources: pa.Table) -> FactorErrors | None:
    """Return the errors of J (or D) of a `sources` product; None where one is not known."""
    columns = [name for name in sources.column_names if name.endswith(("_factor_error_low", "_factor_error_high"))]
    if not all(np.isfinite(sources[name].to_numpy(zero_copy_only=False)).all() for name in columns):
        return None
    return FactorErrors.of_sources(sources)


def profiled_ratios(j_profile: pa.Table) -> dict[str, float]:
    """Return the ratios of expected limits with J profiled to that with J fixed, from a `j_profile` product."""
    name = strength_column(j_profile, "{}_sensitivity_fixed_j").removesuffix("fixed_j")
    row = j_profile.to_pylist()[0]
    fixed = row[f"{name}fixed_j"]
    return {
        "J factors profiled": row[f"{name}profiled_j"] / fixed,
        "J factors profiled, fall of Gaussian errors": row[f"{name}profiled_j_gaussian_fall"] / fixed,
    }


def background_ratios(source_information: pa.Table) -> dict[str, float]:
    """Return the ratio with the other treatment of the background, from a `source_information` product."""
    own, other = (information_of_table(source_information, is_other) for is_other in (False, True))
    is_data = source_information["background"][0].as_py() == "data"
    name = "background known" if is_data else "background from the data"
    return {name: asymptotic_sensitivity(other) / asymptotic_sensitivity(own)}


def halo_ratios(halo: pa.Table) -> dict[str, float]:
    """Return the ratios with the Galactic halo of each profile beside the galaxies, from a `halo` product."""
    nominal = strength_column(halo, "{}_sensitivity_asimov")
    found = {}
    for row in halo.to_pylist():
        same, free = (row[f"{nominal}_{name}"] / row[nominal] for name in ("same_cross_section", "free"))
        found[f"halo ({row['profile']}) at the same strength"] = same
        found[f"halo ({row['profile']}) of any strength"] = free
    return found


class DetectorVariants:
    """What detector, spectra and statistic do: ratios from patterns of the sources that make 98 % of the slope."""

    def __init__(
        self,
        expected: ExpectedSignal,
        background: BinnedBackground,
        information: Reals,
        nside: int,
        treatment: Treatment,
        window: Window | None,
    ) -> None:
        """Take a pair as it is; `information` I_kl of all its sources on the same pixels, `window` in GeV."""
        self._all, self._information, self._window = expected, information, window
        leading = leading_sources(information)
        self._expected = expected.of(leading)
        self._background, self._nside, self._treatment = background, nside, treatment
        self._nominal = asymptotic_sensitivity(information[np.ix_(leading, leading)])

    def one_kernel(self) -> dict[str, float]:
        """Return the ratio with one kernel for each angular error, in place of core and tail."""
        changed = replace(self._expected, response=with_one_kernel(self._expected.response))
        return {"one angular kernel": self._sensitivity(changed) / self._nominal}

    def earth_matter(
        self, spectra: pa.Table, mass: float, angles: MixingAngles, behind_earth: Directions | None
    ) -> dict[str, float]:
        """Return the ratio with the Earth's matter on the way from directions, or without it where there are none."""
        at_earth = arriving(produced_from_table(spectra, ""), angles, behind_earth)
        response, sources = self._expected.response, self._expected.sources
        acceptance = source_acceptance(response, at_earth.spectra(), sources, mass)
        changed = self._sensitivity(replace(self._expected, acceptance=acceptance))
        return {"no Earth matter" if behind_earth is None else "Earth matter": changed / self._nominal}

    def j_weighted(self, background_pdf: pa.Table) -> dict[str, float]:
        """Return the ratio of the published statistic, sources on skies of their own: the law of its Gaussian fits.

        Sources of which no event is expected have no histogram, and no part in it.
        """
        seen = self._all.of_seen()
        sources = seen.sources
        background = source_background_pdf(background_pdf, sources, N_ANGLE_BINS, self._window)
        signal = source_signal_pdf(seen, N_ANGLE_BINS, self._window, n_nodes=N_NODES)
        law = StackedLaw.of(source_trial_model(background, signal, sources, grid=False))
        sensitivity = law.sensitivity() / float(signal["entries"].to_numpy().sum())
        return {"statistic j_weighted": sensitivity / asymptotic_sensitivity(self._information)}

    def _sensitivity(self, expected: ExpectedSignal) -> float:
        patterns = source_patterns(expected, self._background, self._nside, self._treatment, self._window)
        return asymptotic_sensitivity(patterns.information)
