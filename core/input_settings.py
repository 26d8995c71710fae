"""Settings of what an analysis is given: its dwarf galaxies and its spectra."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, field_validator

from core.settings import Place, Real, Settings

APERTURES_DEG = (0.1, 0.2, 0.5, 10.0)
MIXED_APERTURES = ("max", "min")

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


class SourceSettings(Settings):
    """Which dwarf galaxies are searched, and how bright dark matter makes them."""

    catalogue: Place = "embedded"
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


class SpectraSettings(Settings):
    """Where the spectra at production come from."""

    source: Place = "pythia"
    """"pythia", the table that is shipped, a folder with PPPC4DMID or CosmiXs tables, or a published spectra file."""
    mixing_angles: tuple[Real, Real, Real, Real] | None = None
    """sin² of θ12, θ13 and θ23, and the CP phase in deg; NuFIT 6.0 (arXiv:2410.05380) when not set."""
    earth_matter: bool = False
    """Whether neutrinos also pass the Earth's matter (PREM), averaged over the sources with their J factors."""

    @field_validator("mixing_angles")
    @classmethod
    def _squared_sines(cls, angles: tuple[float, ...] | None) -> tuple[float, ...] | None:
        if angles is not None and not all(0.0 <= value <= 1.0 for value in angles[:3]):
            raise ValueError("squared sines lie between 0 and 1")
        return angles
