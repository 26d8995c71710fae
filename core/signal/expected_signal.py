"""The expected signal of a pair of channel and mass, from the products of response, spectra and sources."""

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.response import Response
from core.signal.acceptance import Acceptance, acceptance_table, source_acceptance
from core.signal.energy_range import binned_background_energies, energy_range_of_histograms, reconstructed_signal
from core.spectra import spectra_from_table


@dataclass(frozen=True)
class ExpectedSignal:
    """A response, what it makes of the spectra of one pair, and the `sources` product in the acceptance's order."""

    response: Response
    acceptance: Acceptance
    sources: pa.Table

    def of(self, index: NDArray[np.int64]) -> "ExpectedSignal":
        """Return that of some sources; `total` stays that of all."""
        whole = self.acceptance
        names = ("signal_counts", "n_s_per_strength", "n_s_per_strength_error")
        some = replace(whole, **{name: getattr(whole, name)[index] for name in names})
        return ExpectedSignal(self.response, some, self.sources.take(index))

    def of_seen(self) -> "ExpectedSignal":
        """Return that of the sources of which any event is expected: a detector may be blind to a part of the sky."""
        return self.of(np.flatnonzero(self.acceptance.n_s_per_strength > 0.0))


def expected_signal(response: pa.Table, spectra: pa.Table, sources: pa.Table, mass: float) -> ExpectedSignal:
    """Return the expected signal from the three products; mass in GeV."""
    detector = Response.from_table(response)
    return ExpectedSignal(detector, source_acceptance(detector, spectra_from_table(spectra), sources, mass), sources)


def acceptance_product(signal: ExpectedSignal) -> pa.Table:
    """Return the `acceptance` product: a row a source."""
    return acceptance_table(signal.sources, signal.acceptance)


def energy_range_product(signal: ExpectedSignal, background_pdf: pa.Table) -> pa.Table:
    """Return the `energy_range` product: every window on the edges of the reconstructed energies."""
    edges, background = binned_background_energies(background_pdf)
    dec, extent = (signal.sources[name].to_numpy() for name in ("dec", "half_light_radius"))
    by_energy = reconstructed_signal(signal.response, signal.acceptance, dec, extent)
    return energy_range_of_histograms(edges, by_energy, background, signal.acceptance.process)
