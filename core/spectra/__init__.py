"""Neutrino spectra of annihilating and decaying dark matter, from tables of our own or of others.

The generator that made our own table is `core.spectra.generator`; nothing here needs it.
"""

from core.spectra.annihilation import (
    annihilation_spectrum,
    decay_spectrum,
    decay_spectrum_at_earth,
    produced_spectra,
    spectra_at_earth,
    spectra_from_table,
    spectra_table,
    spectrum_at_earth,
)
from core.spectra.configured import ChannelSpectra
from core.spectra.earth_matter import Directions, source_directions
from core.spectra.oscillation import MixingAngles, averaged_probabilities
from core.spectra.shipped import SHIPPED_SPECTRA
from core.spectra.spectrum import ProducedSpectra, Spectrum

__all__ = [
    "SHIPPED_SPECTRA",
    "ChannelSpectra",
    "Directions",
    "MixingAngles",
    "ProducedSpectra",
    "Spectrum",
    "annihilation_spectrum",
    "averaged_probabilities",
    "decay_spectrum",
    "decay_spectrum_at_earth",
    "produced_spectra",
    "source_directions",
    "spectra_at_earth",
    "spectra_from_table",
    "spectra_table",
    "spectrum_at_earth",
]
