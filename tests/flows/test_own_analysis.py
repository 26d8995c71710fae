"""The published analysis' own use, from i3 files to a sensitivity and its unblinding, by the real command."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import healpy
import numpy as np
import pytest

from core.configuration.config import read_config
from core.products.recipe import State
from core.products.seal import Leave
from core.products.store import ProductStore
from core.products.unblinding import FINISHED, OPENED, unblindings
from core.simulation.sample import simulated_events
from core.simulation.seasons import simulated_good_runs
from core.stages.figures import figure_recipes
from core.stages.figures.figure import figure_state
from core.stages.freshness import Freshness
from core.stages.registry import recipes, stages_of
from tests.conftest import REAL_DATA
from tests.dragon_set import DRAGON_SEASONS, N_FILES, N_RUNS, write_dragon_set, write_pppc_tables
from tests.runs import clean_environment, command, dwarfnu, outcomes

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
LIMITS = "[limits]\nn_common_skies = 200\n"


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


@pytest.fixture(scope="module")
def joint(finished: tuple[Path, dict[str, int], str]) -> tuple[Path, str]:
    """A configuration of one likelihood of the same files, run to its end, and what the run printed."""
    path, _, _ = finished
    text = path.read_text(encoding="utf-8")
    joint = path.with_name("joint.toml")
    joint.write_text(text[: text.index("[statistic]")] + text[text.index("[trials]") :] + LIMITS, encoding="utf-8")
    published = store_of(path).read("sensitivity").to_pylist()[0]
    done = dwarfnu(path.parent, "run", joint)
    assert done.returncode == 0, done.stdout + done.stderr
    assert store_of(path).read("sensitivity").to_pylist()[0]["sigma_v_sensitivity"] < published["sigma_v_sensitivity"]
    return joint, done.stdout


def store_of(path: Path) -> ProductStore:
    return ProductStore(path.parent / "products", "dragon", "own")


@pytest.mark.slow
def test_one_likelihood_of_the_same_files_is_more_sensitive(joint: tuple[Path, str]) -> None:
    path, printed = joint
    assert outcomes(printed)["events"] == {"cached": 2 * len(DRAGON_SEASONS) * N_FILES}
    (after,) = store_of(path).read("sensitivity").to_pylist()
    assert after["statistic"] == "joint"


@pytest.mark.slow
def test_a_killed_unblinding_leaves_its_record_and_a_later_one_ends(joint: tuple[Path, str]) -> None:
    """Killed as the first line stands, and as each of its products does; nothing is torn, nothing unsaid."""
    path, _ = joint
    config, store = read_config(path), store_of(path)
    refused = dwarfnu(path.parent, "unblind", path)
    assert refused.returncode == 2
    (digest,) = re.findall(r'--i-mean "(\w+)"', refused.stderr)
    assert unblindings(store) == []
    stages = stages_of(config, "unblind")
    moments = [lambda: len(unblindings(store)) > 0] + [partial(store.keys, stage) for stage in stages[:3]]
    for number, moment in enumerate(moments):
        kill_at(path, digest, moment)
        assert [line["event"] for line in unblindings(store)] == [OPENED] * (number + 1)
        states = {store.explain_recipe(r).state for stage in stages for r in recipes(config, store, stage)}
        assert states <= {State.FRESH, State.MISSING, State.STALE}
    done = dwarfnu(path.parent, "unblind", path, "--i-mean", digest, "--again")
    assert done.returncode == 0, done.stdout + done.stderr
    assert [line["event"] for line in unblindings(store)] == [OPENED] * (len(moments) + 1) + [FINISHED]
    freshness = Freshness(config, store)
    assert {freshness.of(r).state for stage in stages for r in recipes(config, store, stage)} == {State.FRESH}


def kill_at(path: Path, digest: str, moment: Callable[[], object]) -> None:
    """Start an unblinding and kill it as soon as something holds."""
    started = command("unblind", path, "--i-mean", digest, "--again")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(started, env=clean_environment(path.parent), start_new_session=True, **quiet) as process:
        while process.poll() is None and not moment():
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGKILL)


@pytest.mark.slow
def test_what_is_opened_are_the_true_directions_of_the_files(joint: tuple[Path, str]) -> None:
    """Counts by pixel against the simulated data themselves, of those energies that the analysis takes."""
    path, _ = joint
    sky = store_of(path).read("observed_sky", leave=Leave("test"))
    nside, found = sky["nside"][0].as_py(), {}
    found = np.bincount(sky["pixel"], weights=sky["n_events"], minlength=12 * nside**2)
    expected = np.zeros_like(found)
    for season in DRAGON_SEASONS:
        data = simulated_events("data", season, seed=5)
        runs = simulated_good_runs(season)["run"].slice(0, N_RUNS).to_numpy()
        taken = np.isin(data["run"], runs) & (data["reco_energy"].to_numpy() >= 5.6)
        dec, ra = (data[name].to_numpy()[taken] for name in ("reco_dec", "reco_ra"))
        expected += np.bincount(healpy.ang2pix(nside, np.pi / 2.0 - dec, ra), minlength=12 * nside**2)
    np.testing.assert_array_equal(found, expected)
    (row,) = store_of(path).read("observed").to_pylist()
    assert row["n_events"] == expected.sum()
    for limit in store_of(path).read("upper_limit").to_pylist():
        assert limit["sigma_v_upper_limit"] >= limit["sigma_v_upper_limit_unfloored"] > 0.0
