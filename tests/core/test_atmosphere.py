"""The atmospheric flux keeps the averages of its table, and oscillation moves neutrinos without losing any."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.atmosphere import (
    AtmosphericFlux,
    muon_neutrino_disappearance,
    oscillated_flux,
    oscillated_flux_in_bins,
    path_length_km,
    read_honda_flux,
)
from core.errors import InputError, PhysicsError

ENERGY = np.geomspace(1.0, 1000.0, 31)
EDGES = np.linspace(-1.0, 1.0, 21)
HEADER = " Enu(GeV)   NuMu       NuMubar    NuE        NuEbar  (m^2 sec sr GeV)^-1\n"


def power_law() -> AtmosphericFlux:
    horizon = 1.0 + 0.5 * (1.0 - (0.5 * (EDGES[1:] + EDGES[:-1])) ** 2)
    return AtmosphericFlux(ENERGY, EDGES, np.array([4.0, 3.0, 2.0, 1.0])[:, None, None] * horizon[:, None] * ENERGY**-3)


def write_table(path: Path, n_blocks: int = 20, row: str = " 1.0E+00 4.0E+00 3.0E+00 2.0E+00 1.0E+00\n") -> Path:
    lines = []
    for block in range(n_blocks):
        high = 1.0 - 0.1 * block
        lines += [f"average flux in [cosZ ={high:5.2f} -- {high + -0.1:5.2f}, phi_Az =   0 -- 360]\n", HEADER, row]
        lines += [" 2.0E+00 4.0E+00 3.0E+00 2.0E+00 1.0E+00\n"]
    path.write_text("".join(lines))
    return path


def test_table_is_read_in_ascending_zenith_and_square_centimetres(tmp_path: Path) -> None:
    flux = read_honda_flux(write_table(tmp_path / "flux.d"))
    np.testing.assert_allclose(flux.cos_zenith_edges, EDGES, atol=1e-9)
    np.testing.assert_allclose(flux.energy, [1.0, 2.0])
    np.testing.assert_allclose(flux.flux[:, 0, 0], [4e-4, 3e-4, 2e-4, 1e-4])


def test_what_is_wrong_with_a_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        read_honda_flux(tmp_path / "none.d")
    with pytest.raises(InputError, match="19 blocks"):
        read_honda_flux(write_table(tmp_path / "short.d", n_blocks=19))
    with pytest.raises(InputError, match="line 3"):
        read_honda_flux(write_table(tmp_path / "torn.d", row=" 1.0E+00 4.0E+00 3.0\n"))
    with pytest.raises(InputError, match="line 3"):
        read_honda_flux(write_table(tmp_path / "nan.d", row=" 1.0E+00 nan 1.0 1.0 1.0\n"))
    (tmp_path / "other.d").write_text("energy,flux\n")
    with pytest.raises(InputError, match="line 1"):
        read_honda_flux(tmp_path / "other.d")


@pytest.mark.parametrize("flavour", ["numu", "nuebar"])
def test_average_over_each_zenith_bin_is_that_of_the_table(flavour: str) -> None:
    flux = power_law()
    row = {"numu": 0, "nuebar": 3}[flavour]
    for index in (0, 7, 19):
        inside = EDGES[index] + 0.1 * (np.arange(200) + 0.5) / 200
        assert flux.at(flavour, ENERGY[10], inside).mean() == pytest.approx(flux.flux[row, index, 10], rel=2e-4)


def test_energies_between_nodes_follow_the_power_law() -> None:
    flux = power_law()
    ratio = flux.at("nue", np.array(31.7), np.array(0.3)) / flux.at("nue", np.array(3.17), np.array(0.3))
    assert ratio == pytest.approx(1e-3, rel=1e-6)


def test_outside_the_table_there_is_no_flux_to_tell() -> None:
    with pytest.raises(PhysicsError, match="spans"):
        power_law().at("numu", np.array([0.5]), np.array([0.0]))


@given(energy=st.floats(1.0, 1000.0), cos_zenith=st.floats(-1.0, 1.0))
def test_oscillation_loses_no_neutrino(energy: float, cos_zenith: float) -> None:
    flux = power_law()
    at = (np.array(energy), np.array(cos_zenith))
    arriving = oscillated_flux(flux, "numu", *at) + oscillated_flux(flux, "nutau", *at)
    assert arriving == pytest.approx(flux.at("numu", *at))
    assert oscillated_flux(flux, "nue", *at) == pytest.approx(flux.at("nue", *at))


def test_vertical_muon_neutrinos_of_26_gev_arrive_as_tau_neutrinos() -> None:
    length = float(path_length_km(np.array(-1.0)))
    assert length == pytest.approx(2 * 6371.0 - 1.95 + 20.0, abs=1e-6)
    assert float(path_length_km(np.array(1.0))) == pytest.approx(21.95, abs=1e-6)
    first_maximum = 1.26693268 * 2.5e-3 * length / (np.pi / 2)
    assert muon_neutrino_disappearance(np.array(first_maximum), np.array(-1.0)) == pytest.approx(0.98)


def test_bins_hold_the_integral_over_energy_and_solid_angle() -> None:
    flux = power_law()
    whole = oscillated_flux_in_bins(flux, np.array([2.0, 4.0, 8.0]), EDGES)
    closed_form = 0.5 * (2.0**-2 - 4.0**-2) * 2.0 * np.pi * 0.1 * flux.flux[2, :, 0]
    np.testing.assert_allclose(whole[0, 0], closed_form, rtol=1e-3)
    muon_and_tau = whole[1] + whole[2]
    np.testing.assert_allclose(muon_and_tau, 2.0 * whole[0], rtol=1e-6)
