"""The response folded by flavour and energy: spectra put together from it have the likelihood of their own cells."""

import numpy as np
import pytest

from core.dark_matter.channels import FLAVOURS, Channel
from core.likelihood.strength_curve import StrengthCurve
from core.pdfs.energy_cells import (
    ENERGY_EDGES,
    EnergyCells,
    described_templates,
    energy_cells,
    energy_cells_of_table,
    energy_cells_table,
)
from core.pdfs.likelihood_cells import stacked_cells
from core.response.model import Response
from core.signal.acceptance import neutrinos_in_bins
from core.signal.flux import flux_per_sigma_v
from core.spectra import spectra_from_table, spectra_table
from tests.core.pdfs.public_pairs import public_pair

NSIDE = 8


@pytest.fixture(scope="module")
def cells() -> EnergyCells:
    pair = public_pair("tautau", 20.0)
    response: Response = pair.expected.response
    return energy_cells(response, pair.expected.sources, pair.binned_background, NSIDE)


def fluxes(channel: Channel, mass: float) -> np.ndarray:
    """The fluxes (cm⁻² s⁻¹) of a cross section of 1 in the order of the templates, lines shared between two bins."""
    by_species = neutrinos_in_bins(spectra_from_table(spectra_table(channel, mass)), ENERGY_EDGES)
    half = len(FLAVOURS) // 2
    j_factor = float(public_pair("tautau", 20.0).expected.sources["j_factor"].to_numpy().sum())
    return (by_species[:half] + by_species[half:]).ravel() * flux_per_sigma_v(j_factor, mass)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("channel", "mass"), [("tautau", 20.0), ("tautau", 5.0), ("bb", 50.0), ("WW", 150.0), ("nunu", 20.0)]
)
def test_a_spectrum_put_together_has_the_limit_of_its_own_cells(
    cells: EnergyCells, channel: Channel, mass: float
) -> None:
    flux = fluxes(channel, mass)
    limit = StrengthCurve(flux @ cells.excess / cells.background, cells.events).upper_limit(0.9)
    own = stacked_cells(public_pair(channel, mass).ratio_cells(NSIDE))
    assert limit == pytest.approx(own.curve.upper_limit(0.9), rel=0.03)
    events = flux @ np.array([template.events_per_flux for template in cells.templates])
    assert events == pytest.approx(own.n_s_per_strength, rel=0.03)


@pytest.mark.slow
def test_no_template_changes_the_number_of_events(cells: EnergyCells) -> None:
    assert cells.background.sum() == pytest.approx(40_902, rel=1e-9)
    assert (np.abs(cells.excess.sum(axis=1)) <= 1e-9 * np.abs(cells.excess).sum(axis=1)).all()
    assert np.median(cells.information_loss) < 0.02
    assert len(cells.templates) == 3 * (len(ENERGY_EDGES) - 1)
    assert [template.flavour for template in cells.templates[::50]] == ["nue", "numu", "nutau"]


@pytest.mark.slow
def test_cells_come_back_from_their_table(cells: EnergyCells) -> None:
    found = energy_cells_of_table(energy_cells_table(cells), described_templates(cells))
    assert found.templates == cells.templates
    np.testing.assert_array_equal(found.excess, cells.excess)
    np.testing.assert_array_equal(found.information_loss, cells.information_loss)
