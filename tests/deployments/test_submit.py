"""`dwarfnu submit`: what it refuses, and jobs of a real SLURM on this machine, some of which die."""

from pathlib import Path

import pytest

from core.products.store import ProductStore
from tests.deployments.conftest import Slurm
from tests.runs import command, dwarfnu, written_config

TRIALS = "[pairs]\ntautau = [20]\n[trials]\nn_background = 20000\nn_signal = 100\nshard_size = 100\n"
PROFILE = "walltime = '0:20:00'\nmemory_mb = 500\nshards_per_job = 40\n"
KEYS = {"channel": "tautau", "mass": 20.0, "seed": 1}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("walltime = 'soon'\n", "walltime = 'soon'"),
        ("nodes = 3\n", "known here are engine, workers"),
        ("walltime", "is not a TOML file"),
    ],
)
def test_a_profile_that_cannot_be_meant_is_refused(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "cluster.toml").write_text(text, encoding="utf-8")
    words = ("--profile", tmp_path / "cluster.toml", "--into", tmp_path / "jobs", "--products", tmp_path / "products")
    refused = dwarfnu(tmp_path, "submit", *words)
    assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (2, "", 1)
    assert said in refused.stderr
    assert not (tmp_path / "jobs").exists()


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_jobs_make_the_same_trials_and_a_second_submission_just_what_is_missing(slurm: Slurm, tmp_path: Path) -> None:
    config = written_config(tmp_path, TRIALS)
    (tmp_path / "cluster.toml").write_text(PROFILE, encoding="utf-8")

    def submit(into: str) -> str:
        words = command("submit", config, "--profile", tmp_path / "cluster.toml", "--into", tmp_path / into)
        said = slurm.ask(*words)
        slurm.ask("bash", tmp_path / into / "submit.sh")
        return said

    assert "200 parts of trials in 5 jobs" in submit("first")
    waiting = slurm.ask("squeue", "--noheader", "--array", "--format=%i").split()
    slurm.ask("scancel", *(name for name in waiting if name.endswith(("_2", "_4"))))
    slurm.wait()
    store = ProductStore(tmp_path / "products")
    parts = {part: Path(store.path("background_trials", part, **KEYS)) for part in range(200)}
    made = {part: path.stat().st_mtime_ns for part, path in parts.items() if path.exists()}
    assert len(made) == 120

    assert "80 parts of trials in 2 jobs" in submit("second")
    slurm.wait()
    assert all(path.exists() for path in parts.values())
    assert {part: parts[part].stat().st_mtime_ns for part in made} == made

    here = written_config(tmp_path, TRIALS, products="here")
    assert dwarfnu(tmp_path, "trials", here).returncode == 0
    assert store.read("background_trials", **KEYS).equals(
        ProductStore(tmp_path / "here").read("background_trials", **KEYS)
    )
    assert dwarfnu(tmp_path, "submit", here, "--into", tmp_path / "third").returncode == 2
