"""The flow that makes the shipped table, with the real generator on very few events, in an empty home."""

import subprocess
import sys
from pathlib import Path

import pytest

from core.spectra.shipped import read_table
from tests.runs import clean_environment

pytest.importorskip("pythia8mc", reason="the generator is an extra")
pytestmark = pytest.mark.slow

SITTING = """
from pathlib import Path
from flows.command_spectra import make_table
make_table(Path("shards"), Path("table.parquet"), n_shards=1, n_events=10, channels=["NuMu"], n_workers=2)
"""
EXTENSION = """
from pathlib import Path
from flows.command_spectra import make_table
whole, table = Path("whole.parquet"), Path("table.parquet")
make_table(Path("more"), whole, n_shards=2, n_events=10, channels=["NuMu"], n_workers=2, onto=table)
"""


def sitting(folder: Path, script: str = SITTING) -> subprocess.CompletedProcess[str]:
    environment = clean_environment(folder, PYTHONPATH=str(Path(__file__).parents[2]))
    command = [sys.executable, "-c", script]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_failing_shards_are_named_and_a_second_sitting_makes_only_what_is_missing(tmp_path: Path) -> None:
    shards, table = tmp_path / "shards", tmp_path / "table.parquet"
    in_the_way = shards / "numunumu_100_0.npz"
    (in_the_way / "a file").mkdir(parents=True)
    first = sitting(tmp_path)
    assert first.returncode != 0
    assert "numunumu_100_0.npz" in first.stderr
    assert not table.exists()
    times = {path.name: path.stat().st_mtime_ns for path in shards.iterdir() if path.is_file()}
    assert len(times) == 7
    (in_the_way / "a file").rmdir()
    in_the_way.rmdir()
    second = sitting(tmp_path)
    assert second.returncode == 0, second.stderr
    assert {name: (shards / name).stat().st_mtime_ns for name in times} == times
    assert sorted(read_table(table).pairs["numunumu"]) == [1.0, 100.0, 120.0, 150.0, 200.0, 300.0, 500.0, 1000.0]
    third = sitting(tmp_path, EXTENSION)
    assert third.returncode == 0, third.stderr
    assert {path.name.rpartition("_")[2] for path in (tmp_path / "more").iterdir()} == {"1.npz"}
    fourth = sitting(tmp_path, EXTENSION.replace("whole, table =", "table, whole ="))
    assert fourth.returncode == 0, fourth.stderr
    assert all(pair.n_events == 20 for pair in read_table(tmp_path / "whole.parquet").pairs["numunumu"].values())
