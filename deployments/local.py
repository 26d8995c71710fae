"""A Prefect server, a worker and every flow on this machine, listening on the loopback address only."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

from flows.prefect_settings import ALWAYS

CHECKOUT = Path(__file__).parent.parent
PREFECT_FILE = Path(__file__).parent / "prefect.yaml"
WORK_POOL = "local"
START_TIMEOUT = 180.0


class StartError(RuntimeError):
    """The server or the worker did not come up."""


@contextmanager
def local_server(port: int, product_root: str) -> Iterator[dict[str, str]]:
    """Run a server with all flows deployed and a worker while the context lasts; gives the environment of clients.

    `product_root` is where flows put products unless their configuration says otherwise. Raises StartError.
    """
    environment = _environment(port, product_root)
    server = _start(environment, "server", "start", "--host", "127.0.0.1", "--port", str(port))
    try:
        _wait_until_healthy(server, f"http://127.0.0.1:{port}/api/health")
        _run(environment, "work-pool", "create", WORK_POOL, "--type", "process", "--overwrite")
        _run(environment, "--no-prompt", "deploy", "--all", "--prefect-file", str(PREFECT_FILE))
        worker = _start(environment, "worker", "start", "--pool", WORK_POOL, "--name", "dwarfnu")
        try:
            yield environment
        finally:
            _stop(worker)
    finally:
        _stop(server)


def _environment(port: int, product_root: str) -> dict[str, str]:
    url = f"http://127.0.0.1:{port}/api"
    own = {
        "PREFECT_API_URL": url,
        "PREFECT_UI_API_URL": url,
        "DWARFNU_CHECKOUT": str(CHECKOUT),
        "DWARFNU_PRODUCTS": product_root,
    }
    return {**os.environ, **ALWAYS, **own}


def _start(environment: Mapping[str, str], *command: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "prefect", *command], env=dict(environment), cwd=CHECKOUT)  # noqa: S603


def _run(environment: Mapping[str, str], *command: str) -> None:
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "prefect", *command],
        env=dict(environment),
        cwd=CHECKOUT,
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise StartError(f"prefect {' '.join(command)} failed:\n{done.stdout}{done.stderr}")


def _wait_until_healthy(server: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise StartError(f"the Prefect server ended with exit code {server.returncode}: is the port free?")
        try:
            if httpx.get(url, timeout=5.0).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.25)
    raise StartError(f"the Prefect server did not answer at {url} within {START_TIMEOUT:.0f} s")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=30.0)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
