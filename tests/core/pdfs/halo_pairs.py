"""Halos of the public analysis' pairs, by the functions that make its products."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa

from core.dark_matter.halo import PROFILES
from core.inference.halo import HaloInformation, halo_information
from core.pdfs.halo import SkyAcceptance, matching_halo_pdf, sky_acceptance, with_halo
from core.pdfs.ratio import sky_ratio
from core.response import EVENT_CLASSES, public_response
from core.spectra import spectra_table
from tests.core.pdfs.public_pairs import STATISTIC, PublicPair, public_pair


@dataclass(frozen=True, eq=False)
class HaloPair:
    """One pair and one halo on the same cells."""

    pair: PublicPair
    halo: pa.Table

    @property
    def n_s_per_sigma_v(self) -> float:
        return float(self.pair.signal_pdf()["n_s_per_sigma_v"][0].as_py())

    @property
    def halo_per_sigma_v(self) -> float:
        return float(self.halo["n_s_per_sigma_v"][0].as_py())

    @property
    def n_events(self) -> int:
        return self.pair.binned_background.n_events

    def together(self) -> pa.Table:
        return with_halo(self.pair.signal_pdf(), self.halo)

    def information(self) -> HaloInformation:
        return halo_information(self.pair.signal_pdf(), self.halo, self.n_events, STATISTIC.background)

    def ratios(self) -> tuple[np.ndarray, np.ndarray]:
        signal, average, background = self.pair.sky()
        return (
            sky_ratio(signal, average, background, STATISTIC.background),
            sky_ratio(*on_cells(self.halo), background, STATISTIC.background),
        )


def on_cells(pdf: pa.Table) -> tuple[np.ndarray, np.ndarray]:
    """Signal and its average over right ascension, (n_classes, n_energies, n_pixels) each."""
    shape = (len(EVENT_CLASSES), -1, 12 * STATISTIC.nside**2)
    signal, average = (pdf[f"signal_{name}"].to_numpy() for name in ("probability", "average_probability"))
    return signal.reshape(shape), average.reshape(shape)


@cache
def public_acceptance(channel: str, mass: float) -> SkyAcceptance:
    return sky_acceptance(public_response().to_table(), spectra_table(channel, mass), mass)


@cache
def halo_pair(channel: str, mass: float, profile: str) -> HaloPair:
    pair = public_pair(channel, mass)
    acceptance = public_acceptance(channel, mass)
    return HaloPair(pair, matching_halo_pdf(acceptance, PROFILES[profile], pair.signal_pdf()))
