"""What a flux of neutrinos of one flavour and bin of true energy puts on the sky, in cells that others can use.

A template is ν and ν̄ of a flavour in equal parts, with dN/dE ∝ E^-2 inside a bin of energy and nothing outside, from
all galaxies in proportion to their J (or D). Cells are such that the ratio of every template to the background is
nearly constant in each. With fluxes F_t the expectation of a cell is N B + Σ_t F_t E_t, E_t the excess over the
background per flux; a spectrum of any mass and final state is fluxes F_t, and its likelihood follows without the
detector.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.dark_matter.channels import FLAVOURS
from core.dark_matter.processes import process_of
from core.pdfs.background import BinnedBackground, background_on_sky
from core.pdfs.likelihood_cells import Treatment
from core.pdfs.one_sky import source_signals_on_sky
from core.pdfs.pattern_cells import merged_patterns
from core.pdfs.sky import right_ascension_average
from core.pdfs.source_information import summed_by
from core.response import Response
from core.signal.acceptance import source_acceptance
from core.signal.expected_signal import ExpectedSignal
from core.signal.flux import flux_per_strength
from core.spectra.spectrum import Spectrum

Reals = NDArray[np.float64]

# GeV. Coarser bins than these 20 a decade move limits by several percent, and so does what lies below 3 GeV.
ENERGY_EDGES: Reals = np.geomspace(1.0, 10.0**2.5, 51)
N_CELLS = 2048
_N_NODES = 9  # of the spectrum of a template
_UNIT_MASS = 1.0  # GeV: any one serves, it falls out


@dataclass(frozen=True)
class FluxTemplate:
    """A flavour (nue, numu or nutau, with its antineutrino) in a bin of true energy, GeV.

    `events_per_flux`: all its expected events per flux, cm² s.
    """

    flavour: str
    energy_low: float
    energy_high: float
    events_per_flux: float


@dataclass(frozen=True, eq=False)
class EnergyCells:
    """The cells: `background`, `events` (n_cells,), and the `excess` of each template per flux (cm² s).

    `excess`: (n_templates, n_cells), fluxes in cm⁻² s⁻¹ of ν + ν̄ from all galaxies. `information_loss` (n_templates,):
    the share of each template's own Fisher information that merging lost.
    """

    templates: tuple[FluxTemplate, ...]
    background: Reals
    events: Reals
    excess: Reals
    information_loss: Reals


def energy_cells(
    response: Response,
    sources: pa.Table,
    background: BinnedBackground,
    nside: int,
    treatment: Treatment = "data",
    energy_edges: Reals = ENERGY_EDGES,
    n_cells: int = N_CELLS,
) -> EnergyCells:
    """Return the cells of all flavours and bins of energy, of the events that are expected without signal.

    `sources`: the product; edges in GeV. Templates of which nothing is seen have an excess of 0.
    """
    on_sky = background_on_sky(background, nside)
    density = on_sky / on_sky.sum()
    templates, patterns = [], []
    for template, signal in _signals(response, sources, nside, energy_edges):
        even = right_ascension_average(signal, nside) if treatment == "data" else signal.sum() * density
        templates.append(template)
        patterns.append(np.where(density > 0.0, signal - even, 0.0).ravel())
    excess, expected = np.array(patterns), background.n_events * density.ravel()
    seen = expected > 0.0
    before = np.array([float(np.sum(row[seen] ** 2 / expected[seen])) for row in excess])
    scaled = excess / np.sqrt(np.where(before > 0.0, before, 1.0))[:, None]
    cell_of = merged_patterns(scaled, expected, n_cells)
    n_merged = int(cell_of.max()) + 1
    merged_background = summed_by(cell_of, expected, n_merged)
    merged = np.array([summed_by(cell_of, row, n_merged) for row in excess])
    after = (merged**2 / merged_background).sum(axis=1)
    loss = 1.0 - np.divide(after, before, out=np.ones_like(before), where=before > 0.0)
    return EnergyCells(tuple(templates), merged_background, merged_background, merged, loss)


def _signals(
    response: Response, sources: pa.Table, nside: int, energy_edges: Reals
) -> Iterator[tuple[FluxTemplate, Reals]]:
    """Yield each template with its expected events per flux on the sky, (n_classes, n_energies, n_pixels)."""
    process = process_of(sources)
    flux = float(flux_per_strength(process, process.factors(sources), _UNIT_MASS).sum())
    for index, flavour in enumerate(FLAVOURS[: len(FLAVOURS) // 2]):
        pair = (flavour, FLAVOURS[index + len(FLAVOURS) // 2])
        for low, high in pairwise(energy_edges):
            nodes = np.geomspace(low, high, _N_NODES)
            own = Spectrum(nodes, 0.5 * low * high / (high - low) / nodes**2)
            nothing = Spectrum(nodes, np.zeros(_N_NODES))
            spectra = {name: own if name in pair else nothing for name in FLAVOURS}
            acceptance = source_acceptance(response, spectra, sources, _UNIT_MASS)
            expected = ExpectedSignal(response, acceptance, sources)
            on_sky = np.sum(list(source_signals_on_sky(expected, nside)), axis=0) / flux
            yield FluxTemplate(flavour, float(low), float(high), float(on_sky.sum())), np.asarray(on_sky)


def energy_cells_table(cells: EnergyCells) -> pa.Table:
    """Return the `energy_likelihood` product: a row a cell; lists are in the order of the templates."""
    reals = pa.list_(pa.float64())
    return pa.table(
        {
            "cell": np.arange(len(cells.background)),
            "background_events": cells.background,
            "events": cells.events,
            "excess_per_flux": pa.array(cells.excess.T.tolist(), reals),
        }
    )


def energy_cells_of_table(table: pa.Table, templates: Sequence[Mapping[str, Any]]) -> EnergyCells:
    """Return the cells of a product; `templates`: its remark of that name."""
    names = ("flavour", "energy_low", "energy_high", "events_per_flux")
    named = tuple(FluxTemplate(**{name: one[name] for name in names}) for one in templates)
    return EnergyCells(
        named,
        table["background_events"].to_numpy(),
        table["events"].to_numpy(),
        np.array(table["excess_per_flux"].to_pylist(), dtype=np.float64).T,
        np.array([one["information_loss"] for one in templates]),
    )


def described_templates(cells: EnergyCells) -> list[dict[str, Any]]:
    """Return what is to be said of the templates, in their order."""
    return [
        {**asdict(template), "information_loss": float(loss)}
        for template, loss in zip(cells.templates, cells.information_loss, strict=True)
    ]
