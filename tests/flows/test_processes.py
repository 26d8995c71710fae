"""Decaying dark matter, with the real command in an empty home."""

from pathlib import Path

import pytest

from core.products.store import ProductStore
from tests.runs import dwarfnu, written_config

pytestmark = pytest.mark.slow

CATALOGUE = """source,ra_deg,dec_deg,distance_kpc,half_light_radius_arcmin,log10_d_factor_0.5deg,d_factor_reference
A,10,20,30,1,18,somebody
B,50,-30,80,2,17.5,somebody
"""
DECAY = """
process = "decay"
[sources]
catalogue = "mine.csv"
[pairs]
tautau = [40]
[trials]
n_background = 2000
n_signal = 500
"""


def test_decay_ends_with_lifetimes(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text(CATALOGUE, encoding="utf-8")
    done = dwarfnu(tmp_path, "run", written_config(tmp_path, DECAY))
    assert done.returncode == 0, done.stdout + done.stderr
    (row,) = ProductStore(tmp_path / "products", "public-3y-decay").read("sensitivity").to_pylist()
    assert "lifetime sensitivity [s]" in done.stdout
    assert "observed lower limit on the lifetime from the measured counts, 90 % CL by trials [s]" in done.stdout
    assert f"{row['lifetime_sensitivity']:.2e}" in done.stdout
    figures = {path.name for path in (tmp_path / "products/public-3y-decay/figures").iterdir()}
    assert {"limits.png", "limits-tautau.png", "sources.png"} <= figures


def test_decay_at_a_mass_whose_half_is_closed_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text(CATALOGUE, encoding="utf-8")
    done = dwarfnu(tmp_path, "run", written_config(tmp_path, DECAY.replace("tautau = [40]", "WW = [100]")))
    assert done.returncode == 2
    assert "decay at 100 GeV has the spectra of annihilation at half of it: WW is closed at 50 GeV" in done.stderr
    assert not (tmp_path / "products").exists()
