"""What differs from sample to sample: an object each, by its name in the configuration."""

from collections.abc import Mapping

from core.configuration.config import Config
from core.response.build import ResponseBins
from core.stages.samples.binned import BINNED
from core.stages.samples.own import OWN
from core.stages.samples.public_3y import PUBLIC_3Y
from core.stages.samples.sample import EventPart, Sample
from core.stages.samples.simulated_7y import SIMULATED_7Y

__all__ = ["SAMPLES", "EventPart", "Sample", "reco_energy_range", "sample_bins", "sample_of"]

SAMPLES: Mapping[str, Sample] = {sample.name: sample for sample in (PUBLIC_3Y, SIMULATED_7Y, OWN, BINNED)}


def sample_of(config: Config) -> Sample:
    """Return the sample of an analysis."""
    return SAMPLES[config.sample]


def sample_bins(config: Config) -> ResponseBins:
    """Return the bins of the analysis' sample: those of the configuration, else the sample's own."""
    return sample_of(config).bins(config)


def reco_energy_range(config: Config) -> tuple[float, float]:
    """Return the lowest and the highest reconstructed energy (GeV) of the analysis' sample."""
    edges = sample_bins(config).reco_energy_edges
    return float(edges[0]), float(edges[-1])
