"""The whole way, with the real command in an empty home."""

import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from core.configuration.config import Config
from core.glossary import GLOSSARY
from core.products.recipe import State
from core.products.store import ProductStore
from core.stages.registry import stages_of
from tests.runs import SMALL_ANALYSIS, clean_environment, command, dwarfnu, outcomes, written_config

SENSITIVITY_COLUMNS = [
    "channel",
    "mass",
    "n_s_sensitivity",
    "flux_sensitivity",
    "sigma_v_sensitivity",
    "n_s_per_sigma_v",
    "sigma_v_band_lo68",
    "sigma_v_band_hi68",
    "sigma_v_band_hi95",
    "n_background_trials",
    "background",
]


STAGES_MADE = stages_of(Config())
OF_PAIRS = ("energy-range-", "source-counts-", "pdf-", "sky-", "test-statistic-")

pytestmark = pytest.mark.slow


def sensitivities(folder: Path) -> pa.Table:
    return ProductStore(folder / "products").read("sensitivity")


def test_a_run_makes_every_product_and_says_where(public_run: Path) -> None:
    store = ProductStore(public_run / "products")
    assert all(store.keys(stage) for stage in STAGES_MADE)
    rows = store.read("sensitivity", columns=SENSITIVITY_COLUMNS).to_pylist()
    assert {(row["channel"], row["mass"]) for row in rows} == {("bb", 50.0), ("tautau", 20.0)}
    assert all(row["n_background_trials"] == 2000 and row["background"] == "data" for row in rows)
    printed = (public_run / "printed.txt").read_text(encoding="utf-8")
    assert "products:" in printed
    assert "figures:" in printed
    for row in rows:
        assert f"{row['sigma_v_sensitivity']:.2e}" in printed


def test_numbers_hang_together(public_run: Path) -> None:
    for row in sensitivities(public_run).to_pylist():
        assert row["sigma_v_sensitivity"] * row["n_s_per_sigma_v"] == pytest.approx(row["n_s_sensitivity"])
        assert (
            row["sigma_v_band_lo68"] < row["sigma_v_sensitivity"] < row["sigma_v_band_hi68"] < row["sigma_v_band_hi95"]
        )
        assert row["n_s_sensitivity"] == pytest.approx(row["n_s_sensitivity_closed_form"], rel=0.15)


def test_every_written_column_stands_in_the_glossary_with_its_unit(public_run: Path) -> None:
    store = ProductStore(public_run / "products")
    for stage in STAGES_MADE:
        keys = store.keys(stage)[0]
        for name, said in store.metadata(stage, **keys)["columns"].items():
            assert (said["unit"], said["meaning"]) == (GLOSSARY[name].unit, GLOSSARY[name].meaning)


def test_the_figures_of_all_pairs_are_drawn(public_run: Path) -> None:
    names = {path.name for path in (public_run / "products/public-3y/figures").iterdir()}
    assert {"limits.png", "sensitivities.png", "limits-bb.png", "limits-tautau.png", "sources.png"} <= names
    assert not any(name.startswith(OF_PAIRS) for name in names)


def test_figures_of_each_pair_are_drawn_when_asked_for_and_then_kept_by_runs(public_run: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(public_run, tmp_path / "run", symlinks=True))
    drawn = folder / "products/public-3y/figures"
    done = dwarfnu(folder, "figures", folder / "analysis.toml")
    assert done.returncode == 0, done.stdout + done.stderr
    for pair in ("bb-50", "tautau-20"):
        assert {f"{kind}{pair}.png" for kind in OF_PAIRS} <= {path.name for path in drawn.iterdir()}
    (drawn / "pdf-bb-50.png").write_bytes(b"no figure")
    n_figures = len(list(drawn.glob("*.png")))  # each has a caption beside it
    again = dwarfnu(folder, "run", folder / "analysis.toml")
    assert outcomes(again.stdout)["figures"] == {"cached": n_figures - 1, "recomputed (failed)": 1}


def test_a_second_run_is_all_cache_hits_and_all_is_fresh(public_run: Path) -> None:
    again = dwarfnu(public_run, "run", public_run / "analysis.toml")
    assert again.returncode == 0, again.stdout + again.stderr
    said = outcomes(again.stdout)
    assert set(said) == {*STAGES_MADE, "figures"}
    assert all(set(counts) == {"cached"} for counts in said.values()), said
    status = dwarfnu(public_run, "status", public_run / "analysis.toml")
    assert status.returncode == 0
    assert "missing" not in status.stdout.partition("sensitivity")[2]
    assert not any(line.startswith(("stale", "missing", "failed")) for line in status.stdout.splitlines()[3:])


def test_what_was_deleted_torn_or_changed_is_made_again_and_nothing_else(public_run: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(public_run, tmp_path / "run", symlinks=True))
    store = ProductStore(folder / "products")
    before = sensitivities(public_run)
    pair = {"channel": "bb", "mass": 50.0, "seed": 1}
    store.path("background_trials", **pair).unlink()
    torn = store.path("spectra", channel="tautau", mass=20.0)
    torn.write_bytes(torn.read_bytes()[:-100])
    assert store.state("background_trials", **pair) is State.MISSING
    again = dwarfnu(folder, "run", folder / "analysis.toml")
    assert again.returncode == 0, again.stdout + again.stderr
    said = outcomes(again.stdout)
    assert said.pop("background_trials") == {"cached": 1, "computed": 1}
    assert said.pop("spectra") == {"cached": 1, "recomputed (failed)": 1}
    assert all(set(counts) == {"cached"} for counts in said.values()), said
    assert sensitivities(folder).equals(before)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_killed_run_goes_on_where_it_was(public_run: Path, tmp_path: Path, seed: int) -> None:
    config = written_config(tmp_path)
    # In a session of its own, so that Prefect's server dies with it, as if the machine went down.
    first = subprocess.Popen(
        command("run", config), env=clean_environment(tmp_path), stdout=subprocess.DEVNULL, start_new_session=True
    )
    store = ProductStore(tmp_path / "products")
    wanted = random.Random(seed).randint(1, 40)
    deadline = time.monotonic() + 300
    while len(list(Path(tmp_path / "products").rglob("part-*.parquet"))) < wanted and time.monotonic() < deadline:
        time.sleep(0.01)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    stood = {path: path.stat().st_mtime_ns for path in Path(tmp_path / "products").rglob("part-*.parquet")}
    assert len(stood) >= wanted
    again = dwarfnu(tmp_path, "run", config)
    assert again.returncode == 0, again.stdout + again.stderr
    assert {path: path.stat().st_mtime_ns for path in stood} == stood
    assert store.read("sensitivity").equals(sensitivities(public_run))
    assert not list(Path(tmp_path / "products").rglob("*.tmp"))


def test_trials_do_not_depend_on_workers_or_shards(public_run: Path, tmp_path: Path) -> None:
    config = written_config(tmp_path, SMALL_ANALYSIS + "shard_size = 300\n")
    done = dwarfnu(tmp_path, "run", config, "--workers", "4")
    assert done.returncode == 0, done.stdout + done.stderr
    ours, theirs = ProductStore(tmp_path / "products"), ProductStore(public_run / "products")
    for stage in ("background_trials", "signal_trials"):
        assert len(list(Path(tmp_path / f"products/public-3y/{stage}").rglob("part-*"))) > len(theirs.keys(stage))
        for keys in theirs.keys(stage):
            one, many = theirs.read(stage, **keys), ours.read(stage, **keys)
            assert one.equals(many)
    assert np.array_equal(
        ours.read("sensitivity")["sigma_v_sensitivity"], theirs.read("sensitivity")["sigma_v_sensitivity"]
    )
