import numpy as np
import pytest

from core.spectra.grid import LOG10_X, N_NODES
from core.spectra.oscillation import averaged_probabilities
from core.spectra.spectrum import ProducedSpectra, Spectrum

ENERGY = 100.0 * 10.0**LOG10_X


@pytest.fixture
def power_law():
    """E dN/dE = 1 from 1e-6 to 100 GeV: ln of the ratio of two energies is the number between them."""
    return Spectrum(ENERGY, 1.0 / ENERGY)


@pytest.fixture
def produced():
    counts = np.random.default_rng(4).uniform(size=(6, N_NODES))
    return ProducedSpectra("bb", 50.0, LOG10_X, counts, np.arange(6.0))


def test_number_between_two_energies_of_a_power_law(power_law):
    counts = power_law.counts_in_bins(np.array([1.0, np.e, np.e**3]))
    assert counts == pytest.approx([1.0, 2.0])


def test_bins_beyond_the_nodes_are_empty(power_law):
    counts = power_law.counts_in_bins(np.array([0.0, 1e-7, 1e-6, 100.0, 200.0, 500.0]))
    assert counts[[0, 1, 3, 4]] == pytest.approx([0.0] * 4, abs=1e-12)
    assert counts[2] == pytest.approx(power_law.multiplicity())


def test_bins_add_up_whatever_their_edges():
    spectrum = Spectrum(ENERGY, np.random.default_rng(3).uniform(size=N_NODES) / ENERGY)
    edges = np.sort(np.random.default_rng(5).uniform(1e-6, 100.0, 30))
    coarse = spectrum.counts_in_bins(edges[[0, -1]])
    assert spectrum.counts_in_bins(edges).sum() == pytest.approx(coarse[0])


def test_quadratic_between_nodes_is_exact():
    spectrum = Spectrum(np.array([1.0, np.e]), np.array([0.0, 2.0 / np.e]))
    assert spectrum.counts_in_bins(np.array([1.0, np.e**0.5])) == pytest.approx([0.25])


def test_line_counts_in_multiplicity_and_energy_not_in_bins():
    line = Spectrum(ENERGY, np.zeros(N_NODES), ((100.0, 0.75),))
    assert line.mass == 100.0
    assert line.multiplicity() == pytest.approx(0.75)
    assert line.energy_fraction() == pytest.approx(0.375)
    assert line.counts_in_bins(np.array([1.0, 1000.0])) == pytest.approx([0.0])


def test_species_on_nodes_and_their_spectra_agree(produced):
    spectra = produced.spectra()
    assert [s.multiplicity() for s in spectra.values()] == pytest.approx(produced.multiplicity().tolist())
    assert [s.energy_fraction() for s in spectra.values()] == pytest.approx(produced.energy_fraction().tolist())
    assert spectra["nue"].lines == ()
    assert spectra["nutaubar"].lines == ((50.0, 5.0),)
    density = spectra["numu"].dn_de * spectra["numu"].energy
    assert np.trapezoid(density, np.log(spectra["numu"].energy)) == pytest.approx(produced.counts[1].sum())


def test_oscillation_keeps_neutrinos_and_antineutrinos_apart(produced):
    mixed = produced.mixed(averaged_probabilities())
    for half in (slice(0, 3), slice(3, 6)):
        assert mixed.counts[half].sum(axis=0) == pytest.approx(produced.counts[half].sum(axis=0))
        assert mixed.line[half].sum() == pytest.approx(produced.line[half].sum())
    assert produced.mixed(np.eye(3)).counts == pytest.approx(produced.counts)
