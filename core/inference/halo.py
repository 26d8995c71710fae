"""What the Galactic halo does to a search in galaxies, from the densities alone: shares, pulls and sensitivities.

Three hypotheses of one sky: galaxies alone, as published ("none"); galaxies and halo at one strength
("same_cross_section"); galaxies beside a halo of any number of events ("free"). With e_a = R_a - 1 of galaxies (g) and
halo (h) and n_a events per strength, the information on the strength of one component alone is n_a^2 I_aa per event.
A fit of galaxies alone finds, of n halo events, n sum S_h e_g / sum S_g e_g: the pull.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.dark_matter.halo import HaloProfile, within_angle
from core.dark_matter.processes import process_of, strength_column
from core.likelihood.closed_form import closed_form
from core.likelihood.two_templates import information_matrix, ratio_beside_free
from core.pdfs.halo import matching_halo_pdf, sky_acceptance, with_halo
from core.pdfs.one_sky import events_of_signal_pdf
from core.pdfs.ratio import sky_ratio

Reals = NDArray[np.float64]

Treatment = Literal["none", "same_cross_section", "free"]
TREATMENTS: tuple[Treatment, ...] = get_args(Treatment)


@dataclass(frozen=True)
class HaloInformation:
    """What the halo of one profile does to the search of one pair.

    `n_events_per_strength`: of the halo, in the energies of the search. `information_share`: the halo's own Fisher
    information on the strength over the sum of both components' own. `correlation` of the two excess ratios.
    `sensitivity`: of the strength, by treatment, and of the halo alone; closed forms at 90 %.
    `pull_per_strength`: n_s that a fit of galaxies alone finds because of the halo.
    """

    n_events_per_strength: float
    information_share: float
    correlation: float
    sensitivity: dict[Treatment, float]
    halo_sensitivity: float
    pull_per_strength: float


@dataclass(frozen=True)
class _Component:
    """One signal of a sky: probabilities (n_sky_cells,), ratio, and events per strength."""

    signal: Reals
    ratio: Reals
    n_s_per_strength: float

    @classmethod
    def of(cls, pdf: pa.Table, background: Reals, treatment: Literal["data", "known"]) -> "_Component":
        """Return the component of a table with the columns of `signal_pdf`."""
        signal, average = (pdf[f"signal_{name}"].to_numpy() for name in ("probability", "average_probability"))
        ratio = sky_ratio(signal, average, background, treatment)
        return cls(signal, ratio, float(pdf[strength_column(pdf, "n_s_per_{}")][0].as_py()))

    def sensitivity(self, background: Reals, n_events: int, ratio: Reals | None = None) -> float:
        """Return the strength that the closed form says is found; with another ratio than its own if one is given."""
        used = self.ratio if ratio is None else ratio
        return closed_form(background, self.signal, used, n_events).sensitivity / self.n_s_per_strength


def halo_information(
    signal_pdf: pa.Table, halo: pa.Table, n_events: int, treatment: Literal["data", "known"] = "data"
) -> HaloInformation:
    """Return shares, pull and sensitivities of a pair from its `signal_pdf` product and a halo on the same cells.

    `halo`: core.pdfs.halo.halo_pdf; `n_events` in the energies of both; `treatment` of the background, as in
    core.pdfs.ratio.sky_ratio. Raises PhysicsError if one component cannot be told from the background.
    """
    background = signal_pdf["background_probability"].to_numpy()
    galaxies, smooth = (_Component.of(pdf, background, treatment) for pdf in (signal_pdf, halo))
    together = _Component.of(with_halo(signal_pdf, halo), background, treatment)
    matrix = information_matrix(background, galaxies.ratio, smooth.ratio)
    own = np.array([galaxies.n_s_per_strength, smooth.n_s_per_strength]) ** 2 * np.diag(matrix)
    excess = galaxies.ratio - 1.0
    beside = ratio_beside_free(background, galaxies.ratio, smooth.ratio)
    return HaloInformation(
        n_events_per_strength=smooth.n_s_per_strength,
        information_share=float(own[1] / own.sum()),
        correlation=float(matrix[0, 1] / np.sqrt(matrix[0, 0] * matrix[1, 1])),
        sensitivity={
            "none": galaxies.sensitivity(background, n_events),
            "same_cross_section": together.sensitivity(background, n_events),
            "free": galaxies.sensitivity(background, n_events, beside),
        },
        halo_sensitivity=smooth.sensitivity(background, n_events),
        pull_per_strength=float(
            smooth.n_s_per_strength * np.sum(smooth.signal * excess) / np.sum(galaxies.signal * excess)
        ),
    )


def halo_product(
    response: pa.Table,
    spectra: pa.Table,
    sources: pa.Table,
    signal_pdf: pa.Table,
    background_pdf: pa.Table,
    mass: float,
    profiles: Sequence[HaloProfile],
    treatment: Literal["data", "known"] = "data",
) -> pa.Table:
    """Return the `halo` product of a pair: a row a profile, from the pair's other products; mass in GeV.

    Energies and pixels are those of `signal_pdf`; `treatment` of the background as in core.pdfs.ratio.sky_ratio.
    """
    acceptance = sky_acceptance(response, spectra, mass, process_of(sources))
    n_events = events_of_signal_pdf(signal_pdf, background_pdf)
    found = [
        halo_information(signal_pdf, matching_halo_pdf(acceptance, profile, signal_pdf), n_events, treatment)
        for profile in profiles
    ]
    all_sky = np.array([within_angle(profile, process=acceptance.process) for profile in profiles])
    factor = "d_all_sky" if acceptance.process.is_decay else "j_all_sky"
    strength = acceptance.process.strength
    return pa.table(
        {
            "profile": pa.array([profile.name for profile in profiles], pa.string()),
            factor: all_sky,
            "halo_over_sources": all_sky / float(acceptance.process.factors(sources).sum()),
            f"n_events_per_{strength}": [each.n_events_per_strength for each in found],
            "information_share": [each.information_share for each in found],
            "halo_correlation": [each.correlation for each in found],
            f"{strength}_sensitivity_asimov": [each.sensitivity["none"] for each in found],
            f"{strength}_sensitivity_asimov_same_cross_section": [
                each.sensitivity["same_cross_section"] for each in found
            ],
            f"{strength}_sensitivity_asimov_free": [each.sensitivity["free"] for each in found],
            f"{strength}_sensitivity_asimov_halo": [each.halo_sensitivity for each in found],
            f"n_s_pull_per_{strength}": [each.pull_per_strength for each in found],
        }
    )
