"""Settings of the limit from the measured counts, and of what moves a sensitivity."""

from typing import Annotated

from pydantic import Field

from core.configuration.fields import Real, Settings, Whole

Size = Annotated[Real, Field(gt=0.0, lt=1.0)]


class CountsLimitSettings(Settings):
    """The limit from the measured counts."""

    n_trials: Whole = Field(default=400, ge=100, le=10_000_000)
    """Trials without signal, and at each of five strengths of it: 400 know the limit to some 5 to 15 %."""


class SystematicsSettings(Settings):
    """By how much detector and cross sections may be other than they are taken for, relative."""

    n_draws: Whole = Field(default=200, ge=100, le=100_000)
    """Draws of the five detector parameters, all at once, of samples that have them."""
    cc_cross_section: Size = 0.03
    """Charged currents: the world's average above 30 GeV is known to 2 % (neutrinos) and 2.4 % (antineutrinos)."""
    nc_cross_section: Size = 0.2
    """Neutral currents: IceCube's prior in the analysis of the public sample."""
    effective_area: Size = 0.1
    """Samples without detector parameters of their own: effective area."""
    energy_scale: Size = 0.1
    """Samples without detector parameters of their own: scale of the reconstructed energy."""
    angular_error: Size = 0.1
    """Samples without detector parameters of their own: angular error."""
    spectra_source: str | None = None
    """Other annihilation spectra to hold against: a folder as of spectra.source."""
