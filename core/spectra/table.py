"""A table of spectra by channel and mass, whatever made it, and the answer for any mass it covers."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from core.dark_matter.channels import MEAN_CHANNELS, Channel, listed
from core.errors import PhysicsError
from core.spectra.interpolation import between
from core.spectra.spectrum import ProducedSpectra
from core.spectra.thresholds import refuse_closed

# From the threshold up to the lowest tabulated mass, the spectra in x are those of that mass if it is this close.
REACH_BELOW_LOWEST = 0.03


@dataclass(frozen=True)
class SpectrumTable:
    """Spectra at production on common nodes: `pairs[channel][mass]`.

    `name` is said in messages. `at_rest` holds boson pairs at rest, from which a boost gives any mass. `at_earth`
    states that the spectra have oscillated already, `former_tau_decays` that taus decayed in their generator as in
    Pythia before version 8.150 (`core.spectra.former_tau_decays`).
    """

    name: str
    pairs: Mapping[Channel, Mapping[float, ProducedSpectra]]
    at_rest: Mapping[Channel, ProducedSpectra] = field(default_factory=dict)
    at_earth: bool = False
    former_tau_decays: bool = False

    def production(self, channel: Channel, mass: float) -> ProducedSpectra:
        """Return the spectra of a pair, interpolated between the masses of the table.

        A channel that is the mean of others, as nunu is of the three flavours, is made so unless the table has it.
        Raises PhysicsError for a closed channel, one that the table lacks, or a mass outside of it.
        """
        refuse_closed(channel, mass)
        if channel in MEAN_CHANNELS and channel not in self.pairs:
            return _mean(channel, [self.production(part, mass) for part in MEAN_CHANNELS[channel]])
        if channel not in self.pairs:
            raise PhysicsError(f"{self.name} has no channel {channel}: it has {listed(self.pairs)}")
        masses = self.pairs[channel]
        tabulated = np.array(sorted(masses))
        low, high = tabulated[0], tabulated[-1]
        if not low * (1.0 - REACH_BELOW_LOWEST) <= mass <= high:
            raise PhysicsError(
                f"{self.name} has {channel} from {low:g} to {high:g} GeV, not at {mass:g} GeV; take a mass within"
            )
        if mass < low:
            return _at_other_mass(masses[float(low)], mass)
        left = masses[float(tabulated[np.searchsorted(tabulated, mass, side="right") - 1])]
        right = masses[float(tabulated[np.searchsorted(tabulated, mass, side="left")])]
        return left if left.mass == mass else between(left, right, mass, self.at_rest.get(channel))


def _at_other_mass(produced: ProducedSpectra, mass: float) -> ProducedSpectra:
    return ProducedSpectra(
        produced.channel,
        mass,
        produced.log10_x,
        produced.counts,
        produced.line,
        produced.multiplicity_error,
        produced.energy_fraction_error,
        produced.n_events,
    )


def _mean(channel: Channel, parts: list[ProducedSpectra]) -> ProducedSpectra:
    def mean_error(errors: list[np.ndarray | None]) -> np.ndarray | None:
        known = [error for error in errors if error is not None]
        return np.sqrt(np.sum(np.square(known), axis=0)) / len(parts) if len(known) == len(parts) else None

    return ProducedSpectra(
        channel=channel,
        mass=parts[0].mass,
        log10_x=parts[0].log10_x,
        counts=np.mean([part.counts for part in parts], axis=0),
        line=np.mean([part.line for part in parts], axis=0),
        multiplicity_error=mean_error([part.multiplicity_error for part in parts]),
        energy_fraction_error=mean_error([part.energy_fraction_error for part in parts]),
        n_events=min(part.n_events for part in parts),
    )
