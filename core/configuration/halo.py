"""Settings of the Galactic halo: whether a search in dwarf galaxies takes it into account, and how."""

from typing import Literal, Self

from pydantic import model_validator

from core.configuration.fields import Settings

HaloTreatment = Literal["none", "same_cross_section", "free"]


class HaloSettings(Settings):
    """The smooth halo of the Galaxy, which shines in the same neutrinos as its dwarf galaxies."""

    treatment: HaloTreatment = "none"
    """none: dwarf galaxies alone, as published; conditional on a halo that does not shine. same_cross_section: dwarf
    galaxies and halo, one signal of one strength. free: dwarf galaxies beside a halo of any number of events."""
    profile: Literal["nfw", "einasto", "burkert", "isothermal"] = "nfw"
    """Density profile of the halo that is treated so."""

    @model_validator(mode="after")
    def _profile_is_used(self) -> Self:
        if self.treatment == "none" and self.profile != type(self).model_fields["profile"].default:
            raise ValueError(
                f'profile = "{self.profile}" has no meaning with treatment = "none", for which the stage `halo` tells '
                'what every profile does: set treatment = "same_cross_section" or "free", or leave profile out'
            )
        return self
