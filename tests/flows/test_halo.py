"""The Galactic halo in each treatment, with the real command in an empty home."""

from pathlib import Path

import pytest

from core.products.store import ProductStore
from tests.runs import dwarfnu, written_config

pytestmark = pytest.mark.slow

ONE_PAIR = """
[pairs]
tautau = [20]
[statistic]
nside = 8
n_cells = 128
[trials]
n_background = 2000
n_signal = 500
n_tail = 10000
"""
TITLES = {
    "none": "dwarf galaxies only (published hypothesis)",
    "same_cross_section": "dwarfs and nfw halo at one cross section",
    "free": "dwarfs beside a free nfw halo",
}


@pytest.mark.parametrize("treatment", TITLES)
def test_a_run_ends_with_the_hypothesis_and_what_the_halo_would_do(tmp_path: Path, treatment: str) -> None:
    text = f'{ONE_PAIR}[halo]\ntreatment = "{treatment}"\n'
    done = dwarfnu(tmp_path, "run", written_config(tmp_path, text))
    assert done.returncode == 0, done.stdout + done.stderr
    store = ProductStore(tmp_path / "products")
    halo = {row["profile"]: row for row in store.read("halo").to_pylist()}
    assert TITLES[treatment] in " ".join(done.stdout.split())
    for profile in ("nfw", "burkert"):
        assert f"{halo[profile]['sigma_v_sensitivity_asimov_same_cross_section']:.2e}" in done.stdout
    figures = {path.name for path in (tmp_path / "products/public-3y/figures").iterdir()}
    assert {"limits.png", "limits-tautau.png"} <= figures


def test_a_treatment_that_the_statistic_cannot_have_is_refused(tmp_path: Path) -> None:
    text = '[halo]\ntreatment = "free"\n[statistic]\nname = "j_weighted"\n'
    done = dwarfnu(tmp_path, "run", written_config(tmp_path, text))
    assert done.returncode == 2
    assert 'halo.treatment = "free" needs the statistic "joint"' in done.stderr
