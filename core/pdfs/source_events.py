"""Histograms of the angle to single sources from single events, measured or simulated, as products.

Windows in reconstructed energy take events by their own energies. Simulated events of several seasons count by the
livetime of their season, as they do in the response.
"""

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.dark_matter.processes import process_of
from core.errors import InputError
from core.events.seasons import mean_detector, measured_livetimes
from core.pdfs.source_background import angle_bins, angle_table, band_in_rad, event_background
from core.pdfs.source_signal import published_signal, response_signal, simulated_signal
from core.products.recipe import AnnotatedTable
from core.signal.expected_signal import ExpectedSignal
from core.signal.flux import flux_per_strength
from core.signal.spectrum_weights import spectrum_weights
from core.signal.windows import Window
from core.spectra import spectra_from_table
from core.units import DEGREE

Reals = NDArray[np.float64]

BACKGROUND_COLUMNS = ("reco_energy", "reco_dec")
SIGNAL_COLUMNS = (
    "season",
    "reco_energy",
    "reco_ra",
    "reco_dec",
    "true_ra",
    "true_dec",
    "true_energy",
    "flavour",
    "weight",
)


def background_of_events(
    measured: Iterable[pa.Table],
    sources: pa.Table,
    n_bins: int,
    window: Window | None = None,
    declination_band_deg: float | None = None,
    declination_smoothing_deg: float | None = None,
) -> pa.Table:
    """Return the `source_background_pdf` product of measured events, averaged over right ascension in closed form.

    `measured`: tables of events, one after the other; `window` in GeV; entries are events in the band about the
    source's declination. With a smoothing each event stands for a Gaussian in declination of that width.
    """
    edges, dec = angle_bins(n_bins), sources["dec"].to_numpy()
    entries = np.zeros((len(dec), n_bins))
    smoothing = 0.0 if declination_smoothing_deg is None else declination_smoothing_deg * DEGREE
    for part in measured:
        event_dec = events_in_window(part, window)["reco_dec"].to_numpy()
        entries += event_background(event_dec, dec, edges, None, band_in_rad(declination_band_deg), smoothing)
    return angle_table(sources["source"].to_pylist(), edges, entries, "background_probability")


def signal_of_events(
    simulation: Iterable[pa.Table],
    good_runs: pa.Table,
    spectra: pa.Table,
    sources: pa.Table,
    mass: float,
    n_bins: int,
    window: Window | None = None,
    declination_band_deg: float | None = None,
    signal_band_deg: float = 10.0,
) -> AnnotatedTable:
    """Return the `source_signal_pdf` product of simulated events near each source, with warnings where they are few.

    Entries are expected events per strength of the sources' process, of annihilation per cross section (cm^-3 s):
    T J/(8 pi m^2) times the sum of weight dN/dE over the events whose true declination lies within `signal_band_deg`
    of the source's, over the solid angle of that band. `good_runs` of all seasons; `spectra` and `sources` products of
    the pair; `mass` and `window` in GeV.
    """
    edges, dec = angle_bins(n_bins), sources["dec"].to_numpy()
    events, livetime = _weighted_by_livetime(simulation, good_runs, window)
    band = signal_band_deg * DEGREE
    extent = sources["half_light_radius"].to_numpy()
    reco_band = band_in_rad(declination_band_deg)
    found = simulated_signal(events, spectra_from_table(spectra), dec, extent, edges, band, reco_band)
    low, high = np.clip([dec - band, dec + band], -0.5 * np.pi, 0.5 * np.pi)
    solid_angle = 2.0 * np.pi * (np.sin(high) - np.sin(low))
    process = process_of(sources)
    scale = flux_per_strength(process, process.factors(sources), mass) * livetime / solid_angle
    names = sources["source"].to_pylist()
    table = angle_table(names, edges, found.entries * scale[:, None], "signal_probability")
    table = table.append_column("effective_events", pa.array(np.repeat(found.effective_events, n_bins)))
    return AnnotatedTable(table, {"warnings": found.warnings(names)})


def published_signal_of_events(
    simulation: Iterable[pa.Table],
    good_runs: pa.Table,
    spectra: pa.Table,
    expected: ExpectedSignal,
    n_bins: int,
    window: Window | None = None,
    declination_band_deg: float | None = None,
) -> pa.Table:
    """Return the `source_signal_pdf` product as published: one histogram for all sources, from spectrum weights alone.

    How many events each source gives is not in that histogram; entries carry what the response expects of the source in
    the window and band, so that a number of events means the same cross section as with the other signals.
    """
    edges = angle_bins(n_bins)
    events, _ = _weighted_by_livetime(simulation, good_runs, window)
    histogram = published_signal(events, spectrum_weights(events, spectra_from_table(spectra)), edges)
    if not histogram.sum() > 0.0:
        raise InputError("no simulated event of this spectrum lies in the window: there is no signal histogram")
    total = response_signal(expected, edges, window, band_in_rad(declination_band_deg)).sum(axis=1)
    entries = total[:, None] * histogram / histogram.sum()
    return angle_table(expected.sources["source"].to_pylist(), edges, entries, "signal_probability")


def events_in_window(events: pa.Table, window: Window | None) -> pa.Table:
    """Return the events whose reconstructed energies (GeV) lie in a window, its upper edge left out; all without."""
    if window is None:
        return events
    energy = events["reco_energy"]
    return events.filter(pc.and_(pc.greater_equal(energy, window[0]), pc.less(energy, window[1])))


def _weighted_by_livetime(
    simulation: Iterable[pa.Table], good_runs: pa.Table, window: Window | None
) -> tuple[pa.Table, float]:
    """Return the simulated events in a window as one table, weights for the mean detector, and the livetime in s."""
    livetimes = measured_livetimes(good_runs)
    parts = [events_in_window(part, window) for part in simulation]
    return pa.concat_tables(mean_detector(parts, livetimes)), sum(livetimes.values())
