"""`dwarfnu serve` and `dwarfnu dashboard` as processes: what they start ends with them."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.runs import clean_environment, command, free_port

pytestmark = pytest.mark.slow

MARK = "STARTED_BY_THIS_TEST"
GREETINGS = {"serve": b"Prefect UI of public-3y", "dashboard": b"dashboard of "}


@contextmanager
def started(home: Path, name: str, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """The command, from its greeting on; what is left of it at the end is killed."""
    arguments = command(name, "--products", home / "products", "--port", str(port))
    environment = clean_environment(home, **{MARK: str(home)})
    with (home / "errors").open("wb") as errors:
        process = subprocess.Popen(
            arguments, env=environment, stdout=subprocess.PIPE, stderr=errors, start_new_session=True
        )
    try:
        assert process.stdout is not None
        assert any(GREETINGS[name] in line for line in process.stdout), (home / "errors").read_text()
        yield process
    finally:
        for left in marked(home):
            os.kill(left, signal.SIGKILL)
        process.communicate()


def marked(home: Path) -> list[int]:
    """Process ids of all that was started in a home, whoever is their parent now."""
    wanted = f"{MARK}={home}".encode()
    return [int(folder.name) for folder in Path("/proc").glob("[0-9]*") if wanted in environment_of(folder)]


def environment_of(folder: Path) -> list[bytes]:
    try:
        return (folder / "environ").read_bytes().split(b"\0")
    except OSError:
        return []


def interrupt_as_a_terminal(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGINT)


def interrupt_twice(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)
    time.sleep(0.05)
    process.send_signal(signal.SIGINT)


def terminate(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="processes are found by Linux' /proc")
@pytest.mark.parametrize(
    ("name", "n_processes", "end", "code"),
    [
        ("serve", 4, terminate, 0),
        ("serve", 4, interrupt_as_a_terminal, 0),
        ("serve", 4, interrupt_twice, 0),
        ("dashboard", 2, terminate, 128 + signal.SIGTERM),
        ("dashboard", 2, interrupt_as_a_terminal, 0),
    ],
)
def test_nothing_is_left(name: str, n_processes: int, end, code: int, tmp_path: Path) -> None:
    port = free_port()
    with started(tmp_path, name, port) as process:
        deadline = time.monotonic() + 30.0
        while len(marked(tmp_path)) < n_processes and time.monotonic() < deadline:
            time.sleep(0.1)  # The environment of a process is empty for a moment after it has started.
        assert len(marked(tmp_path)) >= n_processes
        end(process)
        assert process.wait(timeout=90.0) == code
        assert marked(tmp_path) == []
        with socket.create_server(("127.0.0.1", port)):
            pass
