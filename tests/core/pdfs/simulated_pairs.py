"""Pairs of channel and mass of the simulated sample, from the response that its simulation gives, and its events."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa

from core.dark_matter.channels import Channel
from core.events.counts import event_counts
from core.likelihood.closed_form import ClosedForm, closed_form
from core.pdfs.background import BinnedBackground, background_on_sky, background_pdf, binned_background
from core.pdfs.observed_sky import sky_cells_of_events
from core.pdfs.one_sky import signal_on_sky
from core.pdfs.ratio import RatioCells, merge_cells, sky_ratio
from core.pdfs.sky import right_ascension_average, ring_of_pixel
from core.signal.acceptance import source_acceptance
from core.signal.expected_signal import ExpectedSignal
from core.simulation.injected import injected_signal, simulated_response
from core.simulation.sample import RECO_ENERGY_EDGES, simulated_events
from core.simulation.seasons import SEASONS, simulated_livetime
from tests.core.pdfs.pseudo_skies import N_RINGS, Analysis, Truth
from tests.core.pdfs.public_pairs import STATISTIC
from tests.core.response.simulated_cases import default_sources, full_response, parts, spectra

SHAPE = (2, len(RECO_ENERGY_EDGES) - 1, 12 * STATISTIC.nside**2)


@dataclass(frozen=True, eq=False)
class SimulatedPair:
    """One pair as the analysis sees it."""

    channel: Channel
    mass: float
    expected: ExpectedSignal

    @property
    def n_s_per_sigma_v(self) -> float:
        return self.expected.acceptance.total.n_s_per_strength

    @property
    def true_n_s_per_sigma_v(self) -> float:
        """That of the response from which events are drawn."""
        true = source_acceptance(simulated_response(), spectra(self.channel, self.mass), default_sources(), self.mass)
        return true.total.n_s_per_strength

    def signal(self, nside: int = STATISTIC.nside) -> np.ndarray:
        return _signal(self, nside)

    def ratio_cells(self, nside: int = STATISTIC.nside, n_cells: int = STATISTIC.n_cells) -> RatioCells:
        signal, background = self.signal(nside), background_on_sky(background_of_data(), nside)
        ratio = sky_ratio(signal, right_ascension_average(signal, nside), background, STATISTIC.background)
        return merge_cells(ratio, background, signal, n_cells)

    def closed_form(self, nside: int = STATISTIC.nside, n_cells: int = STATISTIC.n_cells) -> ClosedForm:
        cells = self.ratio_cells(nside, n_cells)
        return closed_form(cells.background, cells.signal, cells.ratio, background_of_data().n_events)

    @property
    def analysis(self) -> Analysis:
        signal = self.signal()
        return Analysis(signal, right_ascension_average(signal, STATISTIC.nside), background_of_data())

    def injected(self, sigma_v: float, seed: int) -> pa.Table:
        """Signal events of all seasons, a Poisson number."""
        given = spectra(self.channel, self.mass), default_sources(), self.mass, sigma_v
        return pa.concat_tables([injected_signal(*given, season, seed) for season in SEASONS])

    def truth(self, n_pool: int = 1_000_000, seed: int = 77) -> Truth:
        """What the sample's events are drawn from: its own injected events, and the background of its simulation."""
        pool = self.injected(n_pool / self.true_n_s_per_sigma_v, seed)
        return Truth(expected_background(), flat_cells(pool))


@cache
def simulated_pair(channel: Channel, mass: float) -> SimulatedPair:
    acceptance = source_acceptance(full_response(), spectra(channel, mass), default_sources(), mass)
    return SimulatedPair(channel, mass, ExpectedSignal(full_response(), acceptance, default_sources()))


@cache
def _signal(pair: SimulatedPair, nside: int) -> np.ndarray:
    on_sky = signal_on_sky(pair.expected, nside)
    return on_sky / on_sky.sum()


def data(seed: int = 0) -> pa.Table:
    """The atmospheric events of all seasons."""
    return pa.concat_tables([simulated_events("data", season, seed=seed) for season in SEASONS])


@cache
def background_of_data() -> BinnedBackground:
    return background_of_events(data())


def background_of_events(events: pa.Table) -> BinnedBackground:
    """The background as the analysis of these events estimates it."""
    edges = full_response().reco_energy_edges, full_response().reco_cos_zenith_edges
    return binned_background(background_pdf(event_counts(events, *edges)))


@cache
def expected_background() -> np.ndarray:
    """Atmospheric events by class, energy and ring of declination, from the rates of the simulation."""
    expected = np.zeros((*SHAPE[:2], N_RINGS))
    for season in parts():
        event_class, energy, pixel = sky_cells_of_events(season, RECO_ENERGY_EDGES, STATISTIC.nside)
        assert len(pixel) == season.num_rows
        place = event_class, energy, ring_of_pixel(STATISTIC.nside)[pixel]
        np.add.at(expected, place, season["atmospheric_rate"].to_numpy())
    return expected * simulated_livetime() / len(parts())


def flat_cells(events: pa.Table) -> np.ndarray:
    """The cell of one sky of each event, (n,), flat."""
    return np.ravel_multi_index(sky_cells_of_events(events, RECO_ENERGY_EDGES, STATISTIC.nside), SHAPE)
