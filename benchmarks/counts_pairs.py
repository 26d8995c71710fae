"""The signal of a pair of channel and mass in the bins of the public sample, with the default sources and spectra."""

import numpy as np
from numpy.typing import NDArray

from core.configuration.config import Config
from core.dark_matter.channels import Channel
from core.dark_matter.sources import catalogue_path, read_catalogue, select_sources
from core.inference.counts_signal import source_counts
from core.response import public_response
from core.signal.expected_signal import expected_signal
from core.spectra import spectra_table


def public_signal(channel: Channel, mass: float) -> NDArray[np.float64]:
    """Expected events per cross section (cm⁻³ s) by neutrino group and bin, (4, 128); mass in GeV."""
    settings = Config().sources
    sources = select_sources(read_catalogue(catalogue_path(settings)), settings)
    return source_counts(expected_signal(public_response().to_table(), spectra_table(channel, mass), sources, mass))
