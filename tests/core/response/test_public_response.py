"""The shipped response against the simulation that it was derived from."""

from pathlib import Path

import numpy as np
import pytest

from core.dark_matter.channels import FLAVOURS, LINE_CHANNELS, Channel
from core.events.atmosphere import AtmosphericFlux, read_honda_table
from core.events.public_release import LIVETIME, MUON_FILE, public_counts, read_counts, read_simulation
from core.likelihood.closed_form import closed_form
from core.pdfs.background import background_pdf, binned_background
from core.pdfs.one_sky import ratio_cells, signal_pdf
from core.response import public_response
from core.response.angular import folded_counts
from core.response.build import rebuild
from core.response.shipping import rounded
from core.signal.acceptance import source_acceptance
from core.signal.expected_signal import ExpectedSignal
from core.spectra import spectrum_at_earth
from tests import second_derivation
from tests.second_derivation import PAIRS, Derivation, derive

HONDA = "honda-2015-spl-solmin-aa.d"


@pytest.fixture(scope="module")
def release(real_data: Path) -> Path:
    return real_data / "icecube_3y"


def flux_in_bins(flux: AtmosphericFlux, energy_edges: np.ndarray, cos_zenith_edges: np.ndarray) -> np.ndarray:
    """∫∫ flux dE dΩ at the detector in each bin, (6, n_energies, n_zeniths) cm⁻² s⁻¹, by Gauss-Legendre, 8 nodes."""
    node, share = np.polynomial.legendre.leggauss(8)
    log_edges = np.log(energy_edges)
    half_energy, half_zenith = 0.5 * np.diff(log_edges)[:, None], 0.5 * np.diff(cos_zenith_edges)[:, None]
    energy = np.exp(log_edges[:-1, None] + half_energy * (1.0 + node))
    cos_zenith = cos_zenith_edges[:-1, None] + half_zenith * (1.0 + node)
    weights = energy * share * half_energy, 2.0 * np.pi * share * half_zenith
    density = [flux.at_detector(flavour, energy[:, :, None, None], cos_zenith[None, None]) for flavour in FLAVOURS]
    return np.einsum("sxizj,xi,zj->sxz", np.array(density), *weights)


@pytest.fixture(scope="module")
def folded(release: Path) -> np.ndarray:
    """Atmospheric neutrinos through the stored response, (2, 8, 8)."""
    response = public_response()
    flux = flux_in_bins(read_honda_table(release / HONDA), response.true_energy_edges, response.true_cos_zenith_edges)
    return folded_counts(response, response.livetime * response.effective_area * flux[:, None, None])


def test_atmospheric_neutrinos_and_muons_are_the_measured_events(release: Path, folded: np.ndarray) -> None:
    assert folded.sum() + read_counts(release / MUON_FILE).sum() == pytest.approx(40902, rel=0.02)


@pytest.mark.slow
def test_folded_flux_is_the_weighted_sum_over_simulated_events(release: Path, folded: np.ndarray) -> None:
    events, flux = read_simulation(release), read_honda_table(release / HONDA)
    n_expected = np.zeros(len(events))
    for index, flavour in enumerate(FLAVOURS):
        mine = events.flavour == index
        arriving = flux.at_detector(flavour, events.true_energy[mine], events.true_cos_zenith[mine])
        n_expected[mine] = LIVETIME * events.weight[mine] * arriving
    direct = np.zeros_like(folded)
    np.add.at(direct, (events.event_class, events.reco_energy_bin, events.reco_cos_zenith_bin), n_expected)
    assert direct.sum() + read_counts(release / MUON_FILE).sum() == pytest.approx(41136, rel=0.005)
    assert folded.sum() == pytest.approx(direct.sum(), rel=0.005)
    np.testing.assert_allclose(folded.sum(axis=2), direct.sum(axis=2), rtol=0.02)
    np.testing.assert_allclose(folded, direct, rtol=0.05)


@pytest.mark.slow
def test_shipped_response_is_what_the_release_gives(release: Path) -> None:
    assert rounded(rebuild(release)).differs_from(public_response(), relative=1e-4) == []


def pipeline(channel: Channel, mass: float) -> Derivation:
    """What the analysis says, without trials."""
    response, sources = public_response(), second_derivation.default_sources()
    spectra = {flavour: spectrum_at_earth(channel, mass, flavour) for flavour in FLAVOURS}
    acceptance = source_acceptance(response, spectra, sources, mass)
    expected = ExpectedSignal(response, acceptance, sources)
    background = background_pdf(public_counts())
    sky = signal_pdf(expected, binned_background(background), nside=32)
    cells = ratio_cells(sky, background, "data", n_cells=512)
    columns = (cells[name].to_numpy() for name in ("background_probability", "signal_probability", "ratio", "n_events"))
    background_cells, signal_cells, ratio, n_events = columns
    form = closed_form(background_cells, signal_cells, ratio, int(n_events[0]))
    return Derivation(acceptance.total.n_s_per_strength, form.n_s_uncertainty, form.sensitivity)


@pytest.fixture(scope="module")
def simulation(release: Path) -> tuple:
    return second_derivation.read_events(release), second_derivation.read_background(release)


@pytest.mark.slow
@pytest.mark.parametrize(("channel", "mass"), PAIRS)
def test_analysis_agrees_with_a_second_derivation(simulation: tuple, channel: Channel, mass: float) -> None:
    spectra = {flavour: spectrum_at_earth(channel, mass, flavour) for flavour in FLAVOURS}
    second = derive(*simulation, second_derivation.default_sources(), spectra, mass)
    first = pipeline(channel, mass)
    tolerance = 0.05 if channel in LINE_CHANNELS else 0.02
    assert first.n_s_per_sigma_v == pytest.approx(second.n_s_per_sigma_v, rel=tolerance)
    assert first.n_s_uncertainty == pytest.approx(second.n_s_uncertainty, rel=0.05)
    assert first.n_s_sensitivity == pytest.approx(second.n_s_sensitivity, rel=0.05)
