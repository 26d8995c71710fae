"""The command with each treatment of the errors of J factors."""

from pathlib import Path

import pytest

from core.products.store import ProductStore
from tests.runs import dwarfnu, written_config

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("j_uncertainty", "of_trials", "skies"),
    [("fixed", "fixed", "gaussian"), ("profiled", "fixed", "counts"), ("marginalised", "marginalised", "gaussian")],
)
def test_a_run_says_what_was_done_with_j_factors(
    tmp_path: Path, j_uncertainty: str, of_trials: str, skies: str
) -> None:
    text = f'[pairs]\ntautau = [20]\n[sources]\nj_uncertainty = "{j_uncertainty}"\n[trials]\nn_background = 2000\n'
    done = dwarfnu(tmp_path, "run", written_config(tmp_path, text + "n_signal = 500\n"))
    assert done.returncode == 0, done.stdout + done.stderr
    store = ProductStore(tmp_path / "products")
    assert store.read("sensitivity")["j_uncertainty"].to_pylist() == [of_trials]
    assert store.read("j_profile")["skies"].to_pylist() == [skies]
    assert "without" in done.stdout  # the heading of a column, in two lines
    assert "Willman 1" in done.stdout
    assert "J factors profiled within their errors" in done.stdout
    assert ("NOT conservative" in " ".join(done.stdout.split())) == (of_trials == "marginalised")
    assert (tmp_path / "products/public-3y/figures/robustness.png").exists()
