"""`dwarfnu ingest` with the real command in an empty home, and what it refuses."""

import os
import re
import signal
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from core.configuration.config import read_config
from core.events.columns import DATA_SCHEMA, MC_SCHEMA
from core.products.seal import Leave
from core.products.store import ProductStore
from core.stages.registry import EVENT_STAGES, recipes
from tests.core.events.conftest import make_sample
from tests.core.events.test_conversion import assert_same_events
from tests.own_sample import CONFIG, GOOD_RUN, N_EVENTS, ODD, TORN, good_runs, make_all, write, written_sample
from tests.runs import clean_environment, command, dwarfnu, outcomes, run_cli, written_config


@pytest.mark.slow
def test_a_sample_is_brought_in_whole_and_only_what_changes_again(tmp_path: Path) -> None:
    config = written_sample(tmp_path)
    first = dwarfnu(tmp_path, "ingest", config, "--workers", "2")
    assert first.returncode == 0, first.stdout + first.stderr
    said = outcomes(first.stdout)
    assert said["events"] == {"computed": 11}
    assert set(said) == {*EVENT_STAGES, "figures"}
    figures = {path.name for path in (tmp_path / "products/mine/figures").iterdir()}
    assert said["figures"] == {"computed": len(figures)}
    assert {"events-reco-energy.png", "events-sky.png", "cut-flow-mc.png", "livetime.png", "resolution.png"} <= figures
    store = ProductStore(tmp_path / "products", "mine")
    for row in store.read("event_summary").to_pylist():
        line = next(line for line in first.stdout.splitlines() if row["season"] in line and f" {row['kind']} " in line)
        assert f" {row['n_kept']} " in line
        assert f" {row['livetime'] / 86400:,.1f} " in line
    assert "effective livetime (d)" in first.stdout
    not_whole = [line for line in first.stdout.splitlines() if line.startswith("not whole")]
    assert len(not_whole) == 2
    assert TORN in not_whole[0]
    assert ODD in not_whole[1]
    assert "products:" in first.stdout

    again = dwarfnu(tmp_path, "ingest", config)
    assert again.returncode == 0
    assert "nothing to do" in again.stdout
    assert all(set(counts) == {"cached"} for counts in outcomes(again.stdout).values())
    status = dwarfnu(tmp_path, "status", config)
    assert status.returncode == 0
    assert "event_summary" in status.stdout
    assert "acceptance" in status.stdout  # of the analysis that may follow
    (drawn,) = (line for line in status.stdout.splitlines() if "figures" in line)
    assert re.findall(r"\d+", drawn) == [str(len(figures)), "0", "0", "0"]

    (tmp_path / "i3" / "IC86_2012_mc_2.i3.zst").unlink()
    write(tmp_path / "i3" / "IC86.2011" / "run_data_0.i3.gz", "data", 5)
    third = dwarfnu(tmp_path, "ingest", config)
    assert third.returncode == 0, third.stdout + third.stderr
    assert outcomes(third.stdout)["sealed_events"] == {"cached": 4, "recomputed (stale)": 1}
    assert store.read("events", kind="mc", season="IC86_2012").num_rows == 2 * N_EVENTS
    # The livetime is the same, and so is what each cut left of the data.
    assert outcomes(third.stdout)["figures"] == {"cached": 2, "recomputed (stale)": len(figures) - 2}

    strict = dwarfnu(tmp_path, "ingest", config, "--strict")
    assert strict.returncode == 1
    assert TORN in strict.stderr
    assert outcomes(strict.stdout)["event_files"] == {"recomputed (stale)": 3, "failed": 1}


@pytest.mark.slow
def test_strictness_fails_the_torn_file_and_finishes_the_others(tmp_path: Path) -> None:
    config = written_sample(tmp_path)
    done = dwarfnu(tmp_path, "ingest", config, "--strict")
    assert done.returncode == 1
    assert done.stderr.startswith("failed: 2 of 5 sealed_events failed")
    assert TORN in done.stderr
    store = ProductStore(tmp_path / "products", "mine")
    assert store.read("events", kind="mc", season="IC86_2012").num_rows == 3 * N_EVENTS
    assert store.read("events", kind="data", season="IC86_2011").num_rows == N_EVENTS


def refused(home: Path, *arguments: str | Path) -> str:
    """Run a command that must end with exit code 2, one line and no products; return the line."""
    done = dwarfnu(home, *arguments)
    assert done.returncode == 2, done.stdout + done.stderr
    assert not (home / "products").exists()
    (line,) = done.stderr.splitlines()
    return line


def test_a_pattern_without_files_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "mine.toml"
    config.write_text('products="products"\nanalysis="mine"\nsample="own"\n[events]\ndata=["none_*.i3"]\n')
    assert run_cli(monkeypatch, "ingest", config) == 2
    assert "events.data: no file matches" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.toml"]


@pytest.mark.slow
def test_each_command_says_what_its_sample_lacks(tmp_path: Path) -> None:
    assert "the public sample needs no ingest" in refused(tmp_path, "ingest", written_config(tmp_path))
    config = written_sample(tmp_path)
    without = tmp_path / "without.toml"
    without.write_text(config.read_text().replace("good_runs =", "#"), encoding="utf-8")
    for name in ("run", "trials"):
        assert "events.good_runs names no files" in refused(tmp_path, name, without)


def file_set(folder: Path) -> Path:
    """Write data and simulation of a season, eight files each, and return the configuration."""
    (folder / "i3").mkdir()
    for part in range(8):
        write(folder / "i3" / f"IC86_2012_data_{part}.i3.gz", "data", part)
        write(folder / "i3" / f"IC86_2012_mc_{part}.i3.zst", "mc", part, n_files=8)
    np.save(folder / "i3" / "IC86_2012_grl.npy", good_runs())
    config = folder / "mine.toml"
    config.write_text(f'products = "products"{CONFIG}', encoding="utf-8")
    return config


def parts(folder: Path) -> dict[Path, int]:
    """The parts of products that stand, with the time when each was written."""
    return {path: path.stat().st_mtime_ns for path in folder.rglob("part-*.parquet")}


@pytest.mark.slow
def test_a_killed_ingest_goes_on_with_the_files_it_had_not_and_gives_the_table_that_made_them(tmp_path: Path) -> None:
    path = file_set(tmp_path)
    n_standing = 12  # of 34: all measured events sealed, some files of events made
    config = read_config(path)
    whole = config.model_copy(update={"products": str(tmp_path / "unbroken")})
    make_all(whole)
    products = tmp_path / "products"
    # In a session of its own, so that Prefect's server dies with it, as if the machine went down.
    first = subprocess.Popen(
        command("ingest", path), env=clean_environment(tmp_path), stdout=subprocess.DEVNULL, start_new_session=True
    )
    while len(parts(products)) < n_standing and first.poll() is None:
        time.sleep(0.005)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    stood = parts(products)
    assert n_standing <= len(stood) < len(parts(tmp_path / "unbroken"))

    again = dwarfnu(tmp_path, "ingest", path)
    assert again.returncode == 0, again.stdout + again.stderr
    said, written = outcomes(again.stdout), parts(products)
    for stage, n_products in (("good_runs", 1), ("sealed_events", 8), ("unweighted_events", 8), ("events", 16)):
        n_stood = sum(stage == place.relative_to(products / "mine").parts[0] for place in stood)
        expected = {"cached": n_stood, "computed": n_products - n_stood}
        assert said[stage] == {name: number for name, number in expected.items() if number}
    assert {place: written[place] for place in stood} == stood
    assert not list(products.rglob("*.tmp"))
    store, unbroken = (ProductStore(root, "mine") for root in (products, tmp_path / "unbroken"))
    for stage in EVENT_STAGES:
        for recipe in recipes(config, store, stage):
            product = replace(recipe.product, part=recipe.part)
            assert store.digest(product) == unbroken.digest(product)
    for kind, stage, schema in (("data", "sealed_events", DATA_SCHEMA), ("mc", "events", MC_SCHEMA)):
        of_kind = {"kind": kind} if stage == "events" else {}
        found = store.read(stage, leave=Leave("test"), **of_kind).select(schema.names).cast(schema)
        written_events = [make_sample(kind, N_EVENTS, part, GOOD_RUN, "IC86_2012") for part in range(8)]
        assert_same_events(found, pa.concat_tables(written_events))
