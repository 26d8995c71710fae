"""The atmospheric expectation: the published table, the two-flavour formula, and 40,902 real events."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from core.dark_matter.channels import FLAVOURS, PDG_CODES
from core.errors import InputError
from core.events.atmosphere import (
    SHIPPED_FLUX,
    ExpectationCheck,
    atmospheric_rate,
    atmospheric_rates,
    disappearance,
    expected_rates,
    read_honda_table,
    shipped_atmospheric_flux,
    write_shipped_flux,
)

HONDA = Path("icecube_3y", "honda-2015-spl-solmin-aa.d")
LIVETIME = 2.5 * 365 * 86400.0


def test_shipped_flux_is_made_from_the_published_table(real_data: Path, tmp_path: Path) -> None:
    write_shipped_flux(real_data / HONDA, tmp_path / "flux.parquet")
    assert (tmp_path / "flux.parquet").read_bytes() == SHIPPED_FLUX.read_bytes()


def test_flux_at_the_points_of_the_published_table(real_data: Path) -> None:
    full, shipped = read_honda_table(real_data / HONDA), shipped_atmospheric_flux()
    # first block of the text: cosZ 0.90 to 1.00, at 1 GeV: NuMu 1.4586E+02 per m²
    assert full.produced("numu", 1.0, 0.95) == pytest.approx(1.4586e-2)
    assert full.produced("nuebar", 1.0, 0.95) == pytest.approx(4.9533e-3)
    for flavour in ("numu", "numubar", "nue", "nuebar"):
        points = shipped.produced(flavour, shipped.energy[None, :], shipped.cos_zenith[:, None])
        reference = full.produced(flavour, shipped.energy[None, :], shipped.cos_zenith[:, None])
        np.testing.assert_allclose(points, reference, rtol=1e-12)


def test_nothing_is_lost_by_oscillation() -> None:
    flux = shipped_atmospheric_flux()
    energy, cosine = np.geomspace(2, 500, 40), np.linspace(-1, 1, 40)
    for muon, tau in (("numu", "nutau"), ("numubar", "nutaubar")):
        arriving = flux.at_detector(muon, energy, cosine) + flux.at_detector(tau, energy, cosine)
        np.testing.assert_allclose(arriving, flux.produced(muon, energy, cosine))
    np.testing.assert_allclose(flux.at_detector("nue", energy, cosine), flux.produced("nue", energy, cosine))
    assert (flux.produced("nutau", energy, cosine) == 0).all()


def test_first_minimum_through_the_earth() -> None:
    energy = np.geomspace(10, 100, 2000)
    lost = disappearance(energy, -1.0)
    assert lost.max() == pytest.approx(0.98, abs=1e-4)
    assert energy[np.argmax(lost)] == pytest.approx(1.267 * 2.5e-3 * 12757 / (np.pi / 2), rel=1e-2)
    assert disappearance(1000.0, 1.0) < 1e-8


@pytest.fixture(scope="module")
def release(real_data: Path) -> pa.Table:
    simulation = pd.read_csv(real_data / "icecube_3y" / "neutrino_mc.csv.bz2")
    flavour_of = {code: flavour for flavour, code in PDG_CODES.items()}
    return pa.table(
        {
            "true_energy": simulation["true_energy"].to_numpy(),
            "true_dec": np.arcsin(-simulation["true_coszen"].to_numpy()),
            "weight": 1e4 * simulation["weight"].to_numpy(),
            "flavour": simulation["pdg"].map(flavour_of).to_numpy(),
        }
    )


@pytest.mark.slow
def test_public_simulation_expects_the_events_that_were_measured(release: pa.Table) -> None:
    n_muons, n_measured = 2045, 40_902
    check = ExpectationCheck(LIVETIME * atmospheric_rate(release), n_measured - n_muons)
    assert check.n_expected + n_muons == pytest.approx(41_136, rel=0.003)
    assert check.is_consistent
    assert check.message.endswith("38857 events were measured")


@pytest.mark.slow
def test_doubled_weights_are_noticed(release: pa.Table) -> None:
    doubled = release.set_column(2, "weight", pa.array(2.0 * release["weight"].to_numpy()))
    check = ExpectationCheck(LIVETIME * atmospheric_rate(doubled), 38_857)
    assert not check.is_consistent
    assert "a factor 2.01; look at the weights' scale" in check.message


@pytest.mark.slow
def test_species_that_is_not_told_is_taken_as_a_mean(release: pa.Table) -> None:
    unknown = release.set_column(3, "flavour", pa.nulls(release.num_rows, pa.string()))
    assert atmospheric_rate(unknown) == pytest.approx(atmospheric_rate(release), rel=0.2)


def test_rate_adds_up_over_species() -> None:
    n_events = 12
    table = pa.table(
        {
            "true_energy": np.full(n_events, 20.0),
            "true_dec": np.full(n_events, 0.3),
            "weight": np.ones(n_events),
            "flavour": list(FLAVOURS) * 2,
        }
    )
    flux = shipped_atmospheric_flux()
    expected = 2 * sum(flux.at_detector(flavour, 20.0, -np.sin(0.3)) for flavour in FLAVOURS)
    assert atmospheric_rate(table) == pytest.approx(float(expected))


def test_each_event_has_the_rate_of_its_own_species() -> None:
    table = pa.table(
        {
            "true_energy": [5.0, 20.0, 80.0],
            "true_dec": [-0.5, 0.3, 1.0],
            "weight": [1.0, 2.0, 3.0],
            "flavour": pa.array(["nue", "numubar", None]),
            "atmospheric_rate": pa.array([None, 7.0, None], pa.float64()),
        }
    )
    flux = shipped_atmospheric_flux()
    mean = np.mean([flux.at_detector(flavour, 80.0, -np.sin(1.0)) for flavour in FLAVOURS])
    own = [flux.at_detector("nue", 5.0, np.sin(0.5)), 2.0 * flux.at_detector("numubar", 20.0, -np.sin(0.3)), 3.0 * mean]
    np.testing.assert_allclose(atmospheric_rates(table), np.array(own, dtype=float), rtol=1e-14)
    np.testing.assert_allclose(expected_rates(table), [float(own[0]), 7.0, float(own[2])], rtol=1e-14)
    told = table.set_column(4, "atmospheric_rate", pa.array([1.0, 2.0, 3.0]))
    assert expected_rates(told).tolist() == [1.0, 2.0, 3.0]


@pytest.mark.parametrize("text", ["", "nothing", "average flux in [cosZ = 0.90 --  1.00, x]\n head\n 1 2\n"])
def test_what_is_no_flux_table_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "flux.d").write_text(text)
    with pytest.raises(InputError, match="is no table of the atmospheric flux"):
        read_honda_table(tmp_path / "flux.d")
