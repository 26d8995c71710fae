"""Pairs of channel and mass of the public analysis, by the functions that make its products."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa

from core.configuration.config import Config
from core.dark_matter.sources import catalogue_path, read_catalogue, select_sources
from core.events.public_release import public_counts
from core.likelihood.closed_form import ClosedForm, closed_form
from core.likelihood.model import TrialModel
from core.pdfs.background import BinnedBackground, background_pdf, binned_background
from core.pdfs.one_sky import ratio_cells, signal_pdf
from core.response import EVENT_CLASSES, public_response
from core.signal.expected_signal import ExpectedSignal, expected_signal
from core.spectra import spectra_table

STATISTIC = Config().statistic


@dataclass(frozen=True, eq=False)
class PublicPair:
    """What one pair's densities are made from, and the densities, with the default settings where none are given."""

    expected: ExpectedSignal
    background: pa.Table

    @property
    def binned_background(self) -> BinnedBackground:
        return binned_background(self.background)

    def signal_pdf(self, nside: int = STATISTIC.nside) -> pa.Table:
        return _signal_pdf(self, nside)

    def sky(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Signal, its average over right ascension, and background, (n_classes, n_energies, n_pixels) each."""
        table, shape = self.signal_pdf(), (len(EVENT_CLASSES), -1, 12 * STATISTIC.nside**2)
        signal, average, background = (
            table[f"{name}_probability"].to_numpy().reshape(shape)
            for name in ("signal", "signal_average", "background")
        )
        return signal, average, background

    def ratio_cells(self, nside: int = STATISTIC.nside, n_cells: int = STATISTIC.n_cells) -> pa.Table:
        return ratio_cells(self.signal_pdf(nside), self.background, STATISTIC.background, n_cells)

    def trial_model(self, nside: int = STATISTIC.nside, n_cells: int = STATISTIC.n_cells) -> TrialModel:
        cells = self.ratio_cells(nside, n_cells)
        arrays = (cells[name].to_numpy() for name in ("background_probability", "signal_probability", "ratio"))
        return TrialModel.joint(*arrays, n_events=cells["n_events"][0].as_py())

    def closed_form(self, nside: int = STATISTIC.nside, n_cells: int = STATISTIC.n_cells) -> ClosedForm:
        model = self.trial_model(nside, n_cells)
        return closed_form(model.background[0], model.signal[0], model.ratio[0], model.n_events)


@cache
def public_pair(channel: str, mass: float) -> PublicPair:
    settings = Config().sources
    sources = select_sources(read_catalogue(catalogue_path(settings)), settings)
    expected = expected_signal(public_response().to_table(), spectra_table(channel, mass), sources, mass)
    return PublicPair(expected, background_pdf(public_counts()))


@cache
def _signal_pdf(pair: PublicPair, nside: int) -> pa.Table:
    return signal_pdf(pair.expected, pair.binned_background, nside)
