"""Runs of one analysis wait for each other, however one of them ends, and are found by their tags."""

import signal
import subprocess
import sys
from pathlib import Path

from core.configuration.config import read_config
from core.products.store import ProductStore
from core.stages.selection import Selection
from flows.served import IN_USE_NAME, alone_in_its_analysis, run_tags

TWO = read_config(None, pairs={"tautau": [20.0], "bb": [50.0]})
TAKES_IT = """
import fcntl, sys
with open(sys.argv[1], "w") as mark:
    fcntl.flock(mark, fcntl.LOCK_EX)
    print("at work", flush=True)
    sys.stdin.read()
"""


def test_a_run_waits_for_one_that_is_at_work_and_goes_on_when_that_dies(tmp_path: Path) -> None:
    store = ProductStore(tmp_path)
    (tmp_path / store.analysis).mkdir()
    command = [sys.executable, "-c", TAKES_IT, str(tmp_path / store.analysis / IN_USE_NAME)]
    with subprocess.Popen(command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "at work\n"
        said: list[str] = []

        def say(line: str) -> None:
            said.append(line)
            other.kill()

        with alone_in_its_analysis(store, say):
            assert other.wait() == -signal.SIGKILL
        assert said == ["another run of public-3y is at work: this one waits for its end"]


def test_runs_of_other_analyses_do_not_wait(tmp_path: Path) -> None:
    with (
        alone_in_its_analysis(ProductStore(tmp_path, "one"), print),
        alone_in_its_analysis(ProductStore(tmp_path, "two"), print),
    ):
        assert (tmp_path / "one/.in-use").is_file()


def test_a_run_is_tagged_by_analysis_stage_and_few_channels() -> None:
    assert run_tags(TWO) == {"public-3y", "tautau", "bb"}
    assert run_tags(TWO, Selection(pairs=("bb/50",)), "sensitivity") == {"public-3y", "sensitivity", "bb"}
    assert run_tags(read_config(None)) == {"public-3y"}
