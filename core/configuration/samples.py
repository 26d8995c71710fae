"""Settings of event samples: how many events to simulate, what signal to put among them, and in which bins to count."""

from collections.abc import Mapping
from typing import Annotated, Self

import numpy as np
from pydantic import AfterValidator, Field, field_validator, model_validator

from core.configuration.fields import PathOrUrl, Real, Settings, Whole
from core.dark_matter.channels import key_channel, listed

MIN_EDGES = 3
PUBLIC_SAMPLE = "public-3y"
# The groups of settings that each sample knows. `core.stages.samples` holds what each of them is.
SETTINGS_OF_SAMPLES: Mapping[str, tuple[str, ...]] = {
    PUBLIC_SAMPLE: (),
    "simulated-7y": ("simulated", "bins", "energy_range"),
    "own": ("events", "bins", "energy_range"),
    "binned": ("binned",),
}
WHY_NOT_OF_SAMPLE: Mapping[str, str] = {
    "events": ": set sample = 'own' for own files",
    "binned": ": set sample = 'binned' for a response and counts in files",
    "simulated": ": only 'simulated-7y' is drawn",
    "bins": " comes in bins of its own",
    "energy_range": " has the edges of its bins alone",
}


class InjectedSignal(Settings):
    """Dark matter to be found among simulated data."""

    channel: Annotated[str, AfterValidator(key_channel)]
    """Final state; the pair must be among those of the analysis."""
    mass: Annotated[Real, Field(ge=1.0, le=1000.0)]
    """Mass (GeV)."""
    sigma_v: Annotated[Real, Field(gt=0.0)] | None = None
    """Annihilation cross section (cm³/s)."""
    lifetime: Annotated[Real, Field(gt=0.0)] | None = None
    """Lifetime (s) of dark matter that decays."""

    @model_validator(mode="after")
    def _one_strength(self) -> Self:
        if (self.sigma_v is None) == (self.lifetime is None):
            raise ValueError("give either sigma_v, for annihilation, or lifetime, for decay")
        return self


class SimulatedSettings(Settings):
    """What the sample simulated-7y holds."""

    n_simulated: Whole = Field(default=2_100_000, ge=7, le=1_000_000_000)
    """Simulated events of all seven seasons together, for the response."""
    injected: tuple[InjectedSignal, ...] = ()
    """Signals among the data."""


class BinSettings(Settings):
    """Bins in which the events of a sample are counted and its response is described."""

    reco_energy_edges: tuple[Real, ...] | None = None
    """Edges in reconstructed energy (GeV). Not set: 8 bins a decade, 1-1000 GeV, or 5.6-1000 GeV for simulated-7y."""
    reco_cos_zenith_edges: tuple[Real, ...] | None = None
    """Edges in the cosine of the reconstructed zenith angle, from -1 to 1. Not set: 8 equal bins."""
    true_cos_zenith_edges: tuple[Real, ...] | None = None
    """Edges of the effective area in the cosine of the true zenith angle, from -1 to 1. Not set: 16 equal bins."""

    @field_validator("reco_energy_edges")
    @classmethod
    def _energies(cls, edges: tuple[float, ...] | None) -> tuple[float, ...] | None:
        if edges is not None and not (edges and edges[0] > 0.0 and _rise(edges)):
            raise ValueError(f"input should hold {MIN_EDGES} or more energies above 0 in rising order")
        return edges

    @field_validator("reco_cos_zenith_edges", "true_cos_zenith_edges")
    @classmethod
    def _cosines(cls, edges: tuple[float, ...] | None) -> tuple[float, ...] | None:
        if edges is not None and not (_rise(edges) and (edges[0], edges[-1]) == (-1.0, 1.0)):
            raise ValueError(f"input should hold {MIN_EDGES} or more cosines in rising order, from -1 to 1")
        return edges


class BinnedSettings(Settings):
    """The files of a sample in bins, as `dwarfnu response build` writes them of a public release."""

    response: PathOrUrl | None = None
    """Parquet file of the detector's response, with the columns of the stage response."""
    event_counts: PathOrUrl | None = None
    """Parquet file of measured events in the bins of the response, with the columns of the stage event_counts."""
    hyperplanes: PathOrUrl | None = None
    """Parquet file of how yields move with the detector's parameters, as response build writes it of the nine years."""

    def complaint(self) -> str | None:
        """Return what is missing; None if nothing is."""
        missing = [f"binned.{name}" for name in ("response", "event_counts") if getattr(self, name) is None]
        return f"{listed(missing)}: name the file; `dwarfnu response build` writes it" if missing else None


def _rise(edges: tuple[float, ...]) -> bool:
    return len(edges) >= MIN_EDGES and bool(np.all(np.diff(edges) > 0.0))
