"""A process that ends when the one that started it is killed."""

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tasks.parent import end_with_parent

STARTS_ANOTHER = f"""
import os, time
from multiprocessing import get_context
from {end_with_parent.__module__} import end_with_parent

def other(answer):
    end_with_parent()
    answer.send(os.getpid())
    time.sleep(600)

if __name__ == "__main__":
    context = get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=other, args=(there,))
    process.start()
    print(here.recv(), flush=True)
    process.join()
"""


@pytest.mark.slow
def test_a_process_does_not_outlive_the_one_that_started_it(tmp_path: Path) -> None:
    script = tmp_path / "starts_another.py"
    script.write_text(STARTS_ANOTHER, encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen([sys.executable, script], env=environment, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        other = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
        _, alive = psutil.wait_procs([other], timeout=30)
    assert not alive
