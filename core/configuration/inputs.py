"""Settings of what an analysis is given: its dwarf galaxies and its spectra."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from core.configuration.fields import PathOrUrl, Real, Settings
from core.dark_matter.channels import CHANNELS, refuse_known_name
from core.dark_matter.sources import APERTURES_DEG, MIXED_APERTURES
from core.errors import DwarfnuError
from core.products.recipe import plain

JUncertainty = Literal["fixed", "profiled", "marginalised"]


def _aperture(aperture: object) -> object:
    """Return an aperture that is known; ValueError for another."""
    if aperture in MIXED_APERTURES:
        return aperture
    if isinstance(aperture, str | bool):
        raise ValueError('input should be a number, "max" or "min"')
    if aperture not in APERTURES_DEG:
        raise ValueError('input should be 0.1, 0.2, 0.5, 10, "max" or "min"')
    return aperture


Aperture = Annotated[float | Literal["max", "min"], BeforeValidator(_aperture)]


Boost = Annotated[Real, Field(ge=1.0)]


class SourceSettings(Settings):
    """Which dwarf galaxies are searched, and how bright dark matter makes them."""

    catalogue: PathOrUrl = "embedded"
    """"embedded", or the path of a catalogue: our CSV format, or text in the published analysis' 18 columns.

    Decay needs one with D factors: a column such as log10_d_factor_0.5deg."""
    j_aperture_deg: Aperture = Field(default=0.5, json_schema_extra={"enum": [*APERTURES_DEG, *MIXED_APERTURES]})
    """Radius (deg) of the cone in which J factors, of decay D factors, are taken; the same for all sources. "max" is
    the widest that each source has a value for, "min" the narrowest: such values do not compare with one another."""
    j_uncertainty: JUncertainty = "fixed"
    """What is done with the errors of J factors. fixed: nothing, as published. profiled: limits let each J move within
    its own errors. marginalised: each signal trial draws its J factors, which is no conservative choice."""
    hosts: tuple[str, ...] = ("Milky Way", "LMC")
    """Only satellites of these galaxies, where the catalogue names hosts."""
    poorly_constrained: bool = False
    """Whether galaxies whose J factor is known to no better than a factor of ten are taken too."""
    exclude_contested: bool = False
    """Whether galaxies are left out of which a paper doubts that they are relaxed and dominated by dark matter."""
    exclude: tuple[str, ...] = ()
    """Names of galaxies to leave out."""
    subhalo_boost: Boost | dict[str, Boost] = 1.0
    """What subhalos make of each J factor, as a factor: one for all galaxies, or by their names, 1 for the others."""


class SpectraSettings(Settings):
    """Where the spectra at production come from."""

    source: PathOrUrl = "pythia"
    """"pythia", the table that is shipped, a folder with PPPC4DMID or CosmiXs tables, or a published spectra file."""
    file: PathOrUrl | None = None
    """A file of your own with dN/dE of one channel: columns energy and dn_de, and mass, flavour where they differ."""
    file_channel: str | None = None
    """The name of that channel in pairs and mixtures, ours or one of your own; the file's name when not set."""
    mixing_angles: tuple[Real, Real, Real, Real] | None = None
    """sin² of θ12, θ13 and θ23, and the CP phase in deg; NuFIT 6.0 (arXiv:2410.05380) when not set."""
    earth_matter: bool = False
    """Whether neutrinos also pass the Earth's matter (PREM), averaged over the sources with their J factors."""

    @model_validator(mode="after")
    def _file_has_a_channel(self) -> Self:
        if self.file is None and self.file_channel is not None:
            raise ValueError("file_channel is set, but file is not: name the file, or leave file_channel out")
        for channel in set(self.files) - set(CHANNELS):
            try:
                refuse_known_name(plain(channel, "file_channel"))
            except DwarfnuError as error:
                raise ValueError(str(error)) from error
        return self

    @property
    def files(self) -> dict[str, str]:
        """The user's file by the name of its channel; none without."""
        return {self.file_channel or Path(self.file).stem: self.file} if self.file else {}

    @field_validator("mixing_angles")
    @classmethod
    def _squared_sines(cls, angles: tuple[float, ...] | None) -> tuple[float, ...] | None:
        if angles is not None and not all(0.0 <= value <= 1.0 for value in angles[:3]):
            raise ValueError("squared sines lie between 0 and 1")
        return angles
