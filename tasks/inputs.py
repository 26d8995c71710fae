"""Tasks that bring in what is given: dwarf galaxies, measured events, detector response, annihilation spectra."""

import pyarrow as pa

from core.config import Config
from core.events.counts import summed_event_counts
from core.events.public_release import public_counts
from core.processes import PROCESSES
from core.products import ProductStore
from core.recipes import Recipe, Remarked
from core.response import public_response
from core.response.from_events import RESPONSE_COLUMNS, response_product
from core.samples import sample_bins
from core.sources import aperture_warnings, catalogue_path, read_catalogue, select_sources
from core.spectra import MixingAngles, source_directions, spectra_table
from core.spectra.oscillation import NUFIT_60
from core.units import DEGREE
from tasks.caching import product_task
from tasks.reading import input_of, inputs_of


def sources(_: ProductStore, config: Config, __: Recipe) -> pa.Table | Remarked:
    """Select the dwarf galaxies from the catalogue."""
    selected = select_sources(read_catalogue(catalogue_path(config.sources)), config.sources, config.process)
    warnings = aperture_warnings(selected)
    return Remarked(selected, {"warnings": warnings}) if warnings else selected


def event_counts(store: ProductStore, config: Config, recipe: Recipe) -> pa.Table:
    """Count the measured events in bins, or take the public sample's, which come so."""
    if not config.has_events:
        return public_counts()
    bins = sample_bins(config)
    measured = inputs_of(store, recipe, "events", ["reco_energy", "reco_dec", "event_class"])
    return summed_event_counts(measured, bins.reco_energy_edges, bins.reco_cos_zenith_edges)


def response(store: ProductStore, config: Config, recipe: Recipe) -> pa.Table:
    """Derive the response from the simulated events, or take the public sample's."""
    if not config.has_events:
        return public_response().to_table()
    simulation = inputs_of(store, recipe, "events", RESPONSE_COLUMNS)
    return response_product(simulation, input_of(store, recipe, "good_runs"), sample_bins(config))


def spectra(store: ProductStore, config: Config, recipe: Recipe) -> pa.Table:
    """Interpolate the spectra of a pair and let them oscillate on their way to Earth, or to the detector behind it."""
    keys = recipe.product.keys
    angles = config.spectra.mixing_angles
    mixing = NUFIT_60 if angles is None else MixingAngles(*angles[:3], delta_cp=angles[3] * DEGREE)
    behind_earth = source_directions(store.read("sources")) if config.spectra.earth_matter else None
    mass = PROCESSES[config.process].spectrum_mass(float(keys["mass"]))
    return spectra_table(str(keys["channel"]), mass, config.spectra.source, mixing, behind_earth)


make_sources = product_task(sources)
make_event_counts = product_task(event_counts)
make_response = product_task(response)
make_spectra = product_task(spectra)
