"""Weights of simulated events by spectra: dN/dE at their energy, and lines that keep their number."""

import numpy as np
import pyarrow as pa
import pytest

from core.errors import InputError, PhysicsError
from core.signal.spectrum_weights import LINE_HALF_WIDTH, spectrum_weights
from core.spectra.spectrum import Spectrum

NODES = np.geomspace(1.0, 100.0, 50)
FALLING = Spectrum(NODES, 3.0 / NODES)  # E dN/dE = 3 everywhere


def simulation(energy: np.ndarray, flavour: str | None = "numu", weight: float = 1.0) -> pa.Table:
    names = pa.array([flavour] * len(energy), pa.string())
    return pa.table({"true_energy": energy, "weight": np.full(len(energy), weight), "flavour": names})


def test_between_nodes_e_times_spectrum_is_linear() -> None:
    energy = np.array([1.0, 2.5, 17.3, 99.0])
    np.testing.assert_allclose(spectrum_weights(simulation(energy), {"numu": FALLING}), 3.0 / energy)


def test_outside_of_the_spectrum_there_are_no_neutrinos() -> None:
    assert spectrum_weights(simulation(np.array([0.5, 101.0])), {"numu": FALLING}).tolist() == [0.0, 0.0]


def test_each_species_has_its_own_spectrum() -> None:
    energy = np.array([10.0])
    twice = Spectrum(NODES, 6.0 / NODES)
    both = pa.concat_tables([simulation(energy, "numu"), simulation(energy, "nuebar")])
    assert spectrum_weights(both, {"numu": FALLING, "nuebar": twice}) == pytest.approx([0.3, 0.6])


def test_a_line_keeps_its_number_over_its_window() -> None:
    """Events even in energy: the mean weight times the width of the window is the number of neutrinos."""
    energy = np.linspace(19.0, 21.0, 20_001)
    line = Spectrum(NODES, np.zeros_like(NODES), ((20.0, 2.0),))
    weights = spectrum_weights(simulation(energy), {"numu": line})
    near = np.abs(energy / 20.0 - 1.0) <= LINE_HALF_WIDTH
    assert np.all(weights[~near] == 0.0)
    assert np.trapezoid(weights, energy) == pytest.approx(2.0, rel=1e-3)


def test_the_number_of_simulated_events_plays_no_part() -> None:
    line = Spectrum(NODES, np.zeros_like(NODES), ((20.0, 1.0),))
    few, many = (spectrum_weights(simulation(np.linspace(19.3, 20.7, n)), {"numu": line}) for n in (100, 10_000))
    assert few.mean() == pytest.approx(many.mean(), rel=0.02)


def test_unknown_species_and_lines_without_events_are_refused() -> None:
    energy = np.array([10.0])
    with pytest.raises(InputError, match="1 simulated events have no species"):
        spectrum_weights(simulation(energy, None), {"numu": FALLING})
    with pytest.raises(PhysicsError, match="spectra lack the species nuebar"):
        spectrum_weights(simulation(energy, "nuebar"), {"numu": FALLING})
    line = Spectrum(NODES, np.zeros_like(NODES), ((50.0, 1.0),))
    with pytest.raises(PhysicsError, match="no simulated event lies within 4% of the line at 50 GeV"):
        spectrum_weights(simulation(energy), {"numu": line})
