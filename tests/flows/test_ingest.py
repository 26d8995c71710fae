"""`dwarfnu ingest` with the real command in an empty home, and what it refuses."""

from pathlib import Path

import pytest

from core.event_stages import EVENT_STAGES
from core.products import ProductStore
from tests.own_sample import N_EVENTS, ODD, TORN, write, written_sample
from tests.runs import dwarfnu, outcomes, written_config


@pytest.mark.slow
def test_a_sample_is_brought_in_whole_and_only_what_changes_again(tmp_path: Path) -> None:
    config = written_sample(tmp_path)
    first = dwarfnu(tmp_path, "ingest", config, "--workers", "2")
    assert first.returncode == 0, first.stdout + first.stderr
    said = outcomes(first.stdout)
    assert said["events"] == {"computed": 11}
    assert set(said) == set(EVENT_STAGES)
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
    assert "acceptance" not in status.stdout

    (tmp_path / "i3" / "IC86_2012_mc_2.i3.zst").unlink()
    write(tmp_path / "i3" / "IC86.2011" / "run_data_0.i3.gz", "data", 5)
    third = dwarfnu(tmp_path, "ingest", config)
    assert third.returncode == 0, third.stdout + third.stderr
    assert outcomes(third.stdout)["sealed_events"] == {"cached": 4, "recomputed (stale)": 1}
    assert store.read("events", kind="mc", season="IC86_2012").num_rows == 2 * N_EVENTS

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


def test_a_pattern_without_files_writes_nothing(tmp_path: Path) -> None:
    config = tmp_path / "mine.toml"
    config.write_text('products="products"\nanalysis="mine"\nsample="own"\n[events]\ndata=["none_*.i3"]\n')
    assert "events.data: no file matches" in refused(tmp_path, "ingest", config)


def test_each_command_says_what_its_sample_lacks(tmp_path: Path) -> None:
    assert "the public sample needs no ingest" in refused(tmp_path, "ingest", written_config(tmp_path))
    config = written_sample(tmp_path)
    without = tmp_path / "without.toml"
    without.write_text(config.read_text().replace("good_runs =", "#"), encoding="utf-8")
    for command in ("run", "trials", "figures"):
        assert "events.good_runs names no files" in refused(tmp_path, command, without)
