"""What `dwarfnu spectra flux` prints and writes."""

import math

import pandas as pd
import pytest
from rich.console import Console

from core.configuration.inputs import SourceSettings
from core.errors import InputError
from core.spectra import spectrum_at_earth
from flows.command_flux import Strength, print_flux, summed_flux

CATALOGUE = """source,ra_deg,dec_deg,distance_kpc,half_light_radius_arcmin,log10_j_factor_0.5deg,log10_d_factor_0.5deg
A,10,20,30,1,19,18
B,50,-30,80,2,18,17
"""


@pytest.fixture
def own_sources(tmp_path) -> SourceSettings:
    (tmp_path / "mine.csv").write_text(CATALOGUE, encoding="utf-8")
    return SourceSettings(catalogue=str(tmp_path / "mine.csv"))


def test_annihilation_sums_j_factors(own_sources: SourceSettings) -> None:
    flux, words = summed_flux("nunu", 50.0, Strength(sigma_v=1e-24), own_sources)
    assert words == "ΣJ = 1.1e+19 GeV² cm⁻⁵"
    assert flux["nue"].lines == ((50.0, pytest.approx(1e-24 * 1.1e19 / (8.0 * math.pi * 2500.0) / 3.0)),)


def test_decay_sums_d_factors(own_sources: SourceSettings) -> None:
    flux, words = summed_flux("Tau", 40.0, Strength(lifetime=1e27), own_sources)
    assert words == "ΣD = 1.1e+18 GeV cm⁻²"
    expected = spectrum_at_earth("tautau", 20.0, "numu").multiplicity() * 1.1e18 / (4.0 * math.pi * 40.0 * 1e27)
    assert flux["numu"].multiplicity() == pytest.approx(expected)
    without_b, _ = summed_flux("Tau", 40.0, Strength(lifetime=1e27), own_sources.model_copy(update={"exclude": ("B",)}))
    assert without_b["numu"].multiplicity() == pytest.approx(expected / 1.1)


def test_decay_without_d_factors_is_refused() -> None:
    with pytest.raises(InputError, match=r"the catalogue has no column log10_d_factor_0\.5deg"):
        summed_flux("tautau", 40.0, Strength(lifetime=1e27), SourceSettings())


def test_a_galaxy_without_its_d_factor_is_named(tmp_path) -> None:
    (tmp_path / "mine.csv").write_text(CATALOGUE.replace("18,17", "18,"), encoding="utf-8")
    with pytest.raises(InputError, match=r"D factor of B within 0\.5 deg is not a number"):
        summed_flux("tautau", 40.0, Strength(lifetime=1e27), SourceSettings(catalogue=str(tmp_path / "mine.csv")))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "give either --sigma-v"),
        ({"sigma_v": 1e-24, "lifetime": 1e27}, "give either --sigma-v"),
        ({"lifetime": 1e27, "dirac": True}, "--dirac halves annihilation alone"),
    ],
)
def test_one_process_at_a_time(values, message) -> None:
    with pytest.raises(InputError, match=message):
        Strength(**values)


def test_the_flux_is_printed_and_written(own_sources: SourceSettings, tmp_path) -> None:
    console = Console(record=True, width=120)
    print_flux("nunu", 50.0, Strength(sigma_v=1e-24), own_sources, console, tmp_path / "flux.csv")
    assert "ΣJ = 1.1e+19" in console.export_text()
    written = pd.read_csv(tmp_path / "flux.csv")
    lines = written[written["line_flux"].notna()]
    assert len(lines) == 6
    assert (lines["energy"] == 50.0).all()
    assert set(written["flavour"]) == {"nue", "numu", "nutau", "nuebar", "numubar", "nutaubar"}
