"""The published analysis' own use, from i3 files to a sensitivity, in one configuration with the real command."""

from pathlib import Path

import numpy as np
import pytest

from core.configuration.config import read_config
from core.products.recipe import State
from core.products.store import ProductStore
from core.stages.figures import figure_recipes
from core.stages.figures.figure import figure_state
from core.stages.freshness import Freshness
from core.stages.registry import recipes, stages_of
from tests.conftest import REAL_DATA
from tests.dragon_set import DRAGON_SEASONS, N_FILES, N_RUNS, write_dragon_set, write_pppc_tables
from tests.runs import dwarfnu, outcomes

ANALYSIS = """
analysis = "dragon"
sample = "own"
seed = 4
products = "products"
[pairs]
tautau = [20]
[events]
data = ["files/*_data_*.i3.zst"]
simulation = ["files/*_mc_*.i3.zst"]
good_runs = ["files/*_GRL.npy"]
[bins]
reco_energy_edges = [5.6, 10, 18, 32, 56, 100, 1000]
[spectra]
source = "{spectra}"
[statistic]
name = "j_weighted"
signal = "simulation"
signal_band_deg = 20
window = "published"
declination_band_deg = 30
[trials]
n_background = 4000
n_signal = 1000
"""


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, int], str]:
    """The configuration of a run to its end, how many events its files hold, and what it printed."""
    folder = tmp_path_factory.mktemp("own-analysis")
    (folder / "files").mkdir()
    counts = write_dragon_set(folder / "files")
    pppc = REAL_DATA / "pppc"
    spectra = pppc if pppc.is_dir() else write_pppc_tables(folder / "pppc", (10.0, 20.0, 40.0))
    config = folder / "dragon.toml"
    config.write_text(ANALYSIS.format(spectra=spectra), encoding="utf-8")
    done = dwarfnu(folder, "run", config)
    assert done.returncode == 0, done.stdout + done.stderr
    return config, counts, done.stdout


@pytest.mark.slow
def test_every_stage_is_made_and_fresh(finished: tuple[Path, dict[str, int], str]) -> None:
    path, _, printed = finished
    config = read_config(path)
    store = ProductStore(config.product_root, config.analysis)
    assert set(outcomes(printed)) == {*stages_of(config), "figures"}
    assert outcomes(printed)["sealed_events"] == {"computed": len(DRAGON_SEASONS) * N_FILES}
    freshness = Freshness(config, store)
    for stage in stages_of(config):
        assert {freshness.of(recipe).state for recipe in recipes(config, store, stage)} == {State.FRESH}
    assert {figure_state(store, figure).state for figure in figure_recipes(config, store)} == {State.FRESH}
    again = dwarfnu(path.parent, "run", path)
    assert again.returncode == 0
    assert "nothing to do" in again.stdout


@pytest.mark.slow
def test_events_come_through_and_the_expectation_meets_the_data(finished: tuple[Path, dict[str, int], str]) -> None:
    path, counts, _ = finished
    store = ProductStore(path.parent / "products", "dragon")
    for kind, n_events in counts.items():
        assert store.read("events", columns=["run"], kind=kind).num_rows == n_events
    for row in store.read("event_summary").to_pylist():
        assert row["livetime"] == pytest.approx(N_RUNS * 8 * 3600.0)
        if row["kind"] == "mc":
            error = np.hypot(0.03 * row["n_expected"], np.sqrt(row["n_measured"]))
            assert abs(row["n_expected"] - row["n_measured"]) < 4.0 * error


@pytest.mark.slow
def test_it_ends_with_a_sensitivity_of_the_published_statistic(finished: tuple[Path, dict[str, int], str]) -> None:
    path, _, printed = finished
    store = ProductStore(path.parent / "products", "dragon")
    (row,) = store.read("sensitivity").to_pylist()
    assert (row["statistic"], row["sample"]) == ("j_weighted", "own")
    assert f"{row['sigma_v_sensitivity']:.2e}" in printed
    assert row["n_s_sensitivity"] == pytest.approx(row["n_s_sensitivity_closed_form"], rel=0.1)
    signal = store.read("source_signal_pdf")
    assert row["n_s_per_sigma_v"] == pytest.approx(sum(signal["entries"].to_pylist()), rel=1e-12)
    accepted = sum(store.read("acceptance")["n_s_per_sigma_v"].to_pylist())
    assert 0.5 < row["n_s_per_sigma_v"] / accepted < 1.05  # the window and the bands leave some events out


@pytest.mark.slow
def test_one_likelihood_of_the_same_files_is_more_sensitive(finished: tuple[Path, dict[str, int], str]) -> None:
    path, _, _ = finished
    text = path.read_text(encoding="utf-8")
    joint = path.with_name("joint.toml")
    joint.write_text(text[: text.index("[statistic]")] + text[text.index("[trials]") :], encoding="utf-8")
    before = ProductStore(path.parent / "products", "dragon").read("sensitivity").to_pylist()[0]
    done = dwarfnu(path.parent, "run", joint)
    assert done.returncode == 0, done.stdout + done.stderr
    assert outcomes(done.stdout)["events"] == {"cached": 2 * len(DRAGON_SEASONS) * N_FILES}
    after = ProductStore(path.parent / "products", "dragon").read("sensitivity").to_pylist()[0]
    assert after["statistic"] == "joint"
    assert after["sigma_v_sensitivity"] < before["sigma_v_sensitivity"]
