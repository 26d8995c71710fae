"""Tasks that bring in what is given: dwarf galaxies, measured events, detector response, annihilation spectra."""

import pyarrow as pa

from core.config import Config
from core.events.public_release import public_counts
from core.products import ProductStore
from core.recipes import Recipe
from core.response import public_response
from core.sources import catalogue_path, read_catalogue, select_sources
from core.spectra import MixingAngles, spectra_table
from core.spectra.oscillation import NUFIT_60
from core.units import DEGREE
from tasks.caching import product_task


def sources(_: ProductStore, config: Config, __: Recipe) -> pa.Table:
    """Select the dwarf galaxies from the catalogue."""
    return select_sources(read_catalogue(catalogue_path(config.sources)), config.sources)


def event_counts(_: ProductStore, __: Config, ___: Recipe) -> pa.Table:
    """Take the measured events of the public sample, in bins."""
    return public_counts()


def response(_: ProductStore, __: Config, ___: Recipe) -> pa.Table:
    """Take the response that was derived from the public simulation."""
    return public_response().to_table()


def spectra(_: ProductStore, config: Config, recipe: Recipe) -> pa.Table:
    """Interpolate the spectra of a pair and let them oscillate on their way to Earth."""
    keys = recipe.product.keys
    angles = config.spectra.mixing_angles
    mixing = NUFIT_60 if angles is None else MixingAngles(*angles[:3], delta_cp=angles[3] * DEGREE)
    return spectra_table(str(keys["channel"]), float(keys["mass"]), config.spectra.source, mixing)


make_sources = product_task(sources)
make_event_counts = product_task(event_counts)
make_response = product_task(response)
make_spectra = product_task(spectra)
