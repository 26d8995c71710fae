"""The spectra of a configuration's channels: of ours by its source, of a user's file, and of mixtures of both."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from core.dark_matter.channels import Channel
from core.errors import PhysicsError
from core.spectra.annihilation import arriving, made_and_arriving_table, produced_spectra, spectra_table
from core.spectra.earth_matter import Directions
from core.spectra.mixtures import mixed_channels
from core.spectra.origins import spectrum_table
from core.spectra.oscillation import NUFIT_60, MixingAngles
from core.spectra.spectrum import ProducedSpectra
from core.spectra.user_file import user_spectra


@dataclass(frozen=True)
class ChannelSpectra:
    """Where the spectra of each channel come from.

    `source`: of our channels, as for `spectra_table`. `files`: a user's file by the name of its channel. `mixtures`:
    branching fractions of channels, ours or of files, by the name of the mixture.
    """

    source: str = "pythia"
    files: Mapping[Channel, str] = field(default_factory=dict)
    mixtures: Mapping[Channel, Mapping[Channel, float]] = field(default_factory=dict)

    def produced(self, channel: Channel, mass: float) -> ProducedSpectra:
        """Return the spectra of all species where two particles of this mass (GeV) annihilate.

        Raises PhysicsError as `produced_spectra` does; of a mixture it names the part.
        """
        if channel in self.files:
            return user_spectra(Path(self.files[channel]), channel).production(mass)
        if channel not in self.mixtures:
            return produced_spectra(channel, mass, self.source)
        parts = []
        for part, fraction in self.mixtures[channel].items():
            try:
                parts.append((fraction, self.produced(part, mass)))
            except PhysicsError as error:
                raise PhysicsError(f"mixture {channel}: {error}") from error
        return mixed_channels(channel, parts)

    def table(
        self,
        channel: Channel,
        mass: float,
        angles: MixingAngles = NUFIT_60,
        behind_earth: Directions | None = None,
    ) -> pa.Table:
        """Return the `spectra` product of a pair, as `spectra_table` makes it.

        Raises PhysicsError for a mixture of spectra at production with such that have oscillated already.
        """
        if channel not in self.files and channel not in self.mixtures:
            return spectra_table(channel, mass, self.source, angles, behind_earth)
        produced = self.produced(channel, mass)
        from_source = [part for part in self.mixtures.get(channel, ()) if part not in self.files]
        if not from_source or not spectrum_table(self.source).at_earth:
            return made_and_arriving_table(produced, arriving(produced, angles, behind_earth))
        if len(from_source) < len(self.mixtures[channel]) or behind_earth is not None:
            raise PhysicsError(
                f"mixture {channel}: the spectra of {self.source} have oscillated already: they cannot be mixed with "
                "those of a file, nor can matter in the Earth be added"
            )
        return made_and_arriving_table(produced, produced)
