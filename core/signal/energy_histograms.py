"""Signal and background of single events by reconstructed energy: what a scan of windows starts from.

A simulated event at the true declination δ weighs for a source at δ_k as the average over a belt of declinations about
it, ΔΩ = 2π [sin(δ_k + b) − sin(δ_k − b)] cut at the poles: Σ weight/ΔΩ over the belt is the effective area there, so

    n_s = ⟨σv⟩ Σ_events weight dN/dE(E) T/(8π m²) Σ_k J_k 1[|δ − δ_k| ≤ b]/ΔΩ_k

of annihilation; other processes likewise (core.signal.flux).
"""

from collections.abc import Iterable, Mapping

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.dark_matter.channels import FLAVOURS, Flavour
from core.dark_matter.processes import process_of
from core.errors import InputError
from core.events.atmosphere import expected_rates
from core.events.seasons import mean_detector, measured_livetimes
from core.signal.energy_range import energy_range_of_histograms
from core.signal.flux import flux_per_strength
from core.signal.spectrum_weights import LINE_HALF_WIDTH, spectrum_weights
from core.spectra import spectra_from_table
from core.spectra.spectrum import Spectrum
from core.units import DEGREE

Reals = NDArray[np.float64]

BELT = 5.0 * DEGREE
SIMULATED_COLUMNS = ("season", "reco_energy", "true_energy", "true_dec", "flavour", "weight", "atmospheric_rate")
_COLUMNS = ("reco_energy", "true_energy", "flavour", "weight")


def energy_range_of_events(
    simulation: Iterable[pa.Table],
    measured: Iterable[pa.Table] | None,
    good_runs: pa.Table,
    spectra: pa.Table,
    sources: pa.Table,
    mass: float,
    edges: Reals,
) -> pa.Table:
    """Return the `energy_range` product of a sample of events: every window between two edges (n + 1,) GeV.

    `simulation` and `measured` are tables of events; without measured ones the background is what the simulation
    expects of atmospheric neutrinos. `good_runs` of all seasons, `spectra` and `sources` are products, `mass` in GeV.
    Raises InputError and PhysicsError where `signal_energy_histogram` does.
    """
    livetimes = measured_livetimes(good_runs)
    livetime, events = sum(livetimes.values()), mean_detector(list(simulation), livetimes)
    signal = signal_energy_histogram(events, spectra_from_table(spectra), sources, mass, livetime, edges)
    if measured is None:
        background = simulated_background_energy_histogram(events, livetime, edges)
    else:
        background = background_energy_histogram(measured, edges)
    return energy_range_of_histograms(edges, signal, background, process_of(sources))


def energy_grid(step: float, highest: float) -> Reals:
    """Return the edges (n + 1,) GeV of equal steps from 0 to the highest, both in GeV; `highest` is whole steps."""
    return step * np.arange(round(highest / step) + 1, dtype=np.float64)


def signal_energy_histogram(
    simulation: pa.Table | Iterable[pa.Table],
    spectra: Mapping[Flavour, Spectrum],
    sources: pa.Table,
    mass: float,
    livetime: float,
    edges: Reals,
    belt: float = BELT,
) -> Reals:
    """Return the expected events of all sources per strength of their process by reconstructed energy, (n_bins,).

    `simulation`: one canonical table, or several that together are one simulation. `spectra` at Earth; a line stands
    for the events within 4 % of it, brought to it by the slope of their weights. `sources`: the `sources` product.
    `mass` in GeV, `livetime` in s, `edges` (n_bins + 1,) GeV, `belt` the half-width b in rad. Events without a flavour
    count with the mean spectrum of all six. InputError if only some have one or no event is left, PhysicsError as
    `spectrum_weights`.
    """
    highest = max(spectrum.mass for spectrum in spectra.values()) * (1.0 + LINE_HALF_WIDTH)
    process = process_of(sources)
    scale = flux_per_strength(process, process.factors(sources), mass) * livetime
    dec = sources["dec"].to_numpy()
    parts = [_near_sources(table, dec, scale, highest, belt) for table in _tables(simulation)]
    events = pa.concat_tables(parts) if parts else pa.table({name: [] for name in _COLUMNS})
    if events.num_rows == 0:
        raise InputError(f"no simulated event below {highest:g} GeV lies within {belt / DEGREE:g} deg of a source")
    weights = events["weight"].to_numpy() * _spectrum_weights(events, spectra)
    return _histogram(events, edges, weights)


def background_energy_histogram(events: pa.Table | Iterable[pa.Table], edges: Reals) -> Reals:
    """Return measured events by reconstructed energy, (n_bins,); `edges` (n_bins + 1,) GeV."""
    return sum((_histogram(table, edges) for table in _tables(events)), start=np.zeros(len(edges) - 1))


def simulated_background_energy_histogram(
    simulation: pa.Table | Iterable[pa.Table], livetime: float, edges: Reals
) -> Reals:
    """Return the atmospheric neutrinos that a simulation expects in `livetime` s, by reconstructed energy, (n_bins,).

    By the sample's own rates where it has them, else by its weights and the atmospheric flux. Muons are not among them.
    """
    by_part = (_histogram(table, edges, livetime * expected_rates(table)) for table in _tables(simulation))
    return sum(by_part, start=np.zeros(len(edges) - 1))


def _tables(events: pa.Table | Iterable[pa.Table]) -> Iterable[pa.Table]:
    return (events,) if isinstance(events, pa.Table) else events


def _histogram(events: pa.Table, edges: Reals, weights: Reals | None = None) -> Reals:
    counts, _ = np.histogram(events["reco_energy"].to_numpy(), edges, weights=weights)
    return np.asarray(counts, dtype=np.float64)


def _near_sources(events: pa.Table, dec: Reals, scale: Reals, highest: float, belt: float) -> pa.Table:
    """Return the events below the highest true energy that count for a source, weights times what they count for."""
    counts_for = weight_of_declination(events["true_dec"].to_numpy(), dec, scale, belt)
    kept = np.flatnonzero((counts_for > 0.0) & (events["true_energy"].to_numpy() <= highest))
    near = events.select(_COLUMNS).take(kept)
    weight = near["weight"].to_numpy() * counts_for[kept]
    return near.set_column(near.column_names.index("weight"), "weight", pa.array(weight))


def weight_of_declination(true_dec: Reals, source_dec: Reals, scale: Reals, belt: float = BELT) -> Reals:
    """Return Σ_k scale_k 1[|δ − δ_k| ≤ belt]/ΔΩ_k of each event, (n_events,), per sr times the unit of the scale.

    `true_dec` (n_events,), `source_dec` (n_sources,) and `belt` in rad, `scale` (n_sources,).
    """
    low, high = np.maximum(source_dec - belt, -0.5 * np.pi), np.minimum(source_dec + belt, 0.5 * np.pi)
    density = scale / (2.0 * np.pi * (np.sin(high) - np.sin(low)))
    # A step up at the lower edge of each belt, down beyond its upper one.
    steps = np.concatenate([low, np.nextafter(high, np.inf)])
    order = np.argsort(steps)
    heights = np.concatenate([[0.0], np.cumsum(np.concatenate([density, -density])[order])])
    n_open = np.concatenate([[0], np.cumsum(np.repeat([1, -1], len(low))[order])])
    heights[n_open == 0] = 0.0  # outside all belts, where rounding leaves a trace
    return np.asarray(heights[np.searchsorted(steps[order], true_dec, side="right")])


def _spectrum_weights(events: pa.Table, spectra: Mapping[Flavour, Spectrum]) -> Reals:
    if events["flavour"].null_count < events.num_rows:
        return spectrum_weights(events, spectra)
    index = events.column_names.index("flavour")
    total = np.zeros(events.num_rows)
    for flavour in FLAVOURS:
        named = events.set_column(index, "flavour", pa.repeat(flavour, events.num_rows))
        total += spectrum_weights(named, spectra) / len(FLAVOURS)
    return total
