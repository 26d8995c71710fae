"""How a pair's sensitivity moves with detector, cross sections and mixing, by one decomposition of its signal.

The sky is merged into the cells of the likelihood once, its signal kept apart by class and reconstructed energy. A
variation multiplies each of these parts by what its yield becomes over what it is; where on the sky it falls stays as
it is. The sensitivity is the closed form of the fit's score Σ (R - 1) over events, Gaussian: of n signal events among N

    mean n s,  variance N I + n (K - I) - n² s²/N,   I = Σ b (R-1)², K = Σ p (R-1)², s = Σ p (R-1).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from core.dark_matter.channels import FLAVOURS, Flavour
from core.dark_matter.processes import process_of
from core.errors import PhysicsError
from core.events.classes import EVENT_CLASSES, INTERACTIONS
from core.inference.counts_signal import source_counts
from core.pdfs.one_sky import events_of_signal_pdf
from core.pdfs.ratio import ratio_step, sky_ratio
from core.response.hyperplanes import NEUTRINO_GROUPS, neutrino_group
from core.response.model import Response
from core.signal.acceptance import neutrinos_in_bins
from core.signal.expected_signal import ExpectedSignal
from core.spectra.spectrum import Spectrum

Reals = NDArray[np.float64]

CONFIDENCE = 0.9


@dataclass(frozen=True)
class SignalParts:
    """The signal of a pair by neutrino group and part, a part being a class and a reconstructed energy of the search.

    `yields` (4 groups, n_parts) expected events per strength. `score` and `square` (n_parts,): means of R - 1 and its
    square over the events of a part; `information`: of one background event; `n_events` measured in the search.
    """

    yields: Reals
    score: Reals
    square: Reals
    information: float
    n_events: int

    def sensitivity(self, yields: Reals) -> Reals:
        """Return the strengths that 90 % of skies exclude, (n,), of varied yields (n, 4, n_parts)."""
        n_s, score, square = self._moments(yields)
        z2 = float(ndtri(CONFIDENCE)) ** 2
        # (n s)² = z² [N I + n (K - I) - n² s²/N], solved for n.
        a = score**2 * (1.0 + z2 / self.n_events)
        b, c = z2 * (square - self.information), z2 * self.n_events * self.information
        return np.asarray((b + np.sqrt(b**2 + 4.0 * a * c)) / (2.0 * a) / n_s)

    def marginalised_sensitivity(self, yields: Reals) -> float:
        """Return the strength that 90 % of skies exclude in the mean over draws of the yields, (n, 4, n_parts)."""
        from scipy.optimize import brentq

        n_s, score, square = self._moments(yields)

        unit = float(np.median(self.sensitivity(yields)))

        def excess(units: float) -> float:
            n = np.minimum(units * unit * n_s, self.n_events)
            variance = self.n_events * self.information + n * (square - self.information)
            variance = variance - (n * score) ** 2 / self.n_events
            return float(np.mean(ndtr(n * score / np.sqrt(np.maximum(variance, 1e-300))))) - CONFIDENCE

        highest = float(self.n_events / n_s.min()) / unit
        if excess(highest) <= 0.0:
            raise PhysicsError("no signal within the number of events is excluded in 90 % of skies")
        return unit * float(brentq(excess, 0.0, highest))

    def _moments(self, yields: Reals) -> tuple[Reals, Reals, Reals]:
        """Return events per strength, and means of R - 1 and its square over the signal's events, (n,) each."""
        parts = yields.sum(axis=-2)
        n_s = parts.sum(axis=-1)
        return n_s, parts @ self.score / n_s, parts @ self.square / n_s


def signal_parts(
    signal: ExpectedSignal,
    signal_pdf: pa.Table,
    background_pdf: pa.Table,
    treatment: Literal["data", "known"],
    n_cells: int,
) -> SignalParts:
    """Return the parts of a pair's signal from its `signal_pdf` product, in the likelihood's merged cells."""
    probability, average, background = (
        signal_pdf[name].to_numpy()
        for name in ("signal_probability", "signal_average_probability", "background_probability")
    )
    ratio = sky_ratio(probability, average, background, treatment)
    cell = ratio_step(ratio, n_cells)
    weight = np.bincount(cell, background, n_cells)
    excess = np.bincount(cell, background * (ratio - 1.0), n_cells) / np.where(weight > 0.0, weight, 1.0)
    part, inside = _parts(signal_pdf, signal.response)
    in_part = np.bincount(part, probability, len(inside))
    score, square = (np.bincount(part, probability * excess[cell] ** power, len(inside)) for power in (1, 2))
    of_part = np.where(in_part > 0.0, in_part, 1.0)
    return SignalParts(
        yields=_by_part(source_counts(signal), signal.response)[:, inside],
        score=score / of_part,
        square=square / of_part,
        information=float(weight @ excess**2 / weight.sum()),
        n_events=events_of_signal_pdf(signal_pdf, background_pdf),
    )


def relative_yields(
    signal: ExpectedSignal,
    nominal: Mapping[Flavour, Spectrum],
    varied: Mapping[Flavour, Spectrum],
    inside: NDArray[np.int64],
) -> Reals:
    """Return the yields by group and part that other spectra at Earth give, over those of the nominal ones.

    `inside` as of `parts_inside`; by areas and migration alone, without the zenith's bands, (4, n_parts).
    """
    response = signal.response
    shares = response.zenith_shares(-np.sin(signal.sources["dec"].to_numpy()))
    area = response.effective_area @ (shares.T @ process_of(signal.sources).factors(signal.sources))
    seen = [
        _grouped(
            np.einsum(
                "fE,ficE,ficEr->ficr",
                neutrinos_in_bins(spectra, response.true_energy_edges),
                area,
                response.energy_migration,
                optimize=True,
            )
        )[:, inside]
        for spectra in (nominal, varied)
    ]
    return np.divide(seen[1], seen[0], out=np.ones_like(seen[0]), where=seen[0] > 0.0)


def parts_inside(signal_pdf: pa.Table, response: Response) -> NDArray[np.int64]:
    """Return which parts, of class times reconstructed energy, the search uses, (n_parts,)."""
    return _parts(signal_pdf, response)[1]


def _parts(signal_pdf: pa.Table, response: Response) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the part of each cell of the sky as an index into those used, and which are used."""
    edges = response.reco_energy_edges
    energy = np.searchsorted(edges, signal_pdf["reco_energy_low"].to_numpy() * (1.0 + 1e-9)) - 1
    classes = signal_pdf["event_class"].combine_chunks().dictionary_encode()
    names = [EVENT_CLASSES.index(name) for name in classes.dictionary.to_pylist()]
    event_class = np.array(names)[classes.indices.to_numpy()]
    inside, part = np.unique(event_class * (len(edges) - 1) + energy, return_inverse=True)
    return np.asarray(part.ravel(), dtype=np.int64), np.asarray(inside, dtype=np.int64)


def _by_part(counts: Reals, response: Response) -> Reals:
    """Return counts (4, n_cells) summed over cos zenith, (4, classes times energies)."""
    return np.asarray(counts.reshape(len(NEUTRINO_GROUPS), -1, len(response.reco_cos_zenith_edges) - 1).sum(axis=-1))


def _grouped(by_species: Reals) -> Reals:
    """Return (6, 2, classes, energies) summed into neutrino groups, (4, classes times energies)."""
    found = np.zeros((len(NEUTRINO_GROUPS), by_species.shape[2] * by_species.shape[3]))
    for flavour in range(len(FLAVOURS)):
        for interaction in range(len(INTERACTIONS)):
            found[neutrino_group(flavour, interaction)] += by_species[flavour, interaction].ravel()
    return found
