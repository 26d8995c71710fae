"""A process that ends with another one, however that ends."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from flows.bound_process import bound_command

ROOT = Path(__file__).parents[2]
# A parent that starts a bound child, says its number, and waits to be killed.
PARENT = """
import subprocess, sys
from flows.bound_process import bound_command
child = subprocess.Popen(bound_command("timeit", "-n", "1", "-r", "1", "import time; time.sleep(600)"))
print(child.pid, flush=True)
sys.stdin.read()
"""


def test_the_command_names_process_and_module() -> None:
    command = bound_command("http.server", "8000", process=7)
    assert command == [sys.executable, "-m", "flows.bound_process", "7", "http.server", "8000"]
    assert bound_command("timeit")[3] == str(os.getpid())


def test_a_module_runs_as_by_itself() -> None:
    done = subprocess.run(bound_command("calendar", "2011", "5"), cwd=ROOT, capture_output=True, text=True, check=True)
    assert "May 2011" in done.stdout


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="needs Linux")
def test_a_killed_parent_takes_its_child_along() -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        watch = os.pidfd_open(child)
        parent.send_signal(signal.SIGKILL)
    import select

    assert select.select([watch], [], [], 30)[0]
    os.close(watch)
