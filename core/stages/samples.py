"""What differs from sample to sample: the bins in which events are counted and responses described."""

from dataclasses import replace

import numpy as np

from core.configuration.config import PUBLIC_SAMPLE, SIMULATED_SAMPLE, Config
from core.response.build import PUBLIC_BINS, ResponseBins
from core.response.from_events import EVENT_BINS
from core.simulation.sample import SIMULATED_BINS


def sample_bins(config: Config) -> ResponseBins:
    """Return the bins of the analysis' sample: those of the configuration, else the sample's own."""
    if config.sample == PUBLIC_SAMPLE:
        return PUBLIC_BINS
    bins = SIMULATED_BINS if config.sample == SIMULATED_SAMPLE else EVENT_BINS
    given = {name: np.array(edges) for name, edges in config.bins if edges is not None}
    return replace(bins, **given)


def reco_energy_range(config: Config) -> tuple[float, float]:
    """Return the lowest and the highest reconstructed energy (GeV) of the analysis' sample."""
    edges = sample_bins(config).reco_energy_edges
    return float(edges[0]), float(edges[-1])
