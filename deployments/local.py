"""A Prefect server, a worker and every flow on this machine, listening on the loopback address only."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from core.configuration.config import Config
from deployments.prefect_file import PREFECT_FILE, WORK_POOL
from flows.prefect_settings import ALWAYS

CHECKOUT = Path(__file__).parent.parent


START_TIMEOUT = 180.0
HOST = "127.0.0.1"


class StartError(RuntimeError):
    """The server or the worker did not come up."""


@contextmanager
def local_server(port: int, product_root: str, config: Config | None = None) -> Iterator[dict[str, str]]:
    """Run a server with all flows deployed and a worker while the context lasts; gives the environment of clients.

    `product_root` is where flows put products unless their configuration says otherwise, `config` what the deployments
    take for a configuration unless a run is given another; the public analysis when not set. Raises StartError.
    """
    _check_free(port)
    environment = _environment(port, product_root)
    server = _start(environment, "server", "start", "--host", HOST, "--port", str(port))
    try:
        _wait_until_healthy(server, f"{environment['PREFECT_API_URL']}/health")
        _run(environment, "work-pool", "create", WORK_POOL, "--type", "process", "--overwrite")
        _run(environment, "--no-prompt", "deploy", "--all", "--prefect-file", str(PREFECT_FILE))
        if config is not None:
            _set_default_config(environment["PREFECT_API_URL"], config)
        worker = _start(environment, "worker", "start", "--pool", WORK_POOL, "--name", "dwarfnu")
        try:
            yield environment
        finally:
            _stop(worker)
    finally:
        _stop(server)


def _environment(port: int, product_root: str) -> dict[str, str]:
    url = f"http://{HOST}:{port}/api"
    own = {
        "PREFECT_API_URL": url,
        "PREFECT_UI_API_URL": url,
        "DWARFNU_CHECKOUT": str(CHECKOUT),
        "DWARFNU_PRODUCTS": product_root,
    }
    # The flows of a worker would otherwise start all their tasks at once, and each of them threads of its own.
    threads = {
        "PREFECT_TASKS_RUNNER_THREAD_POOL_MAX_WORKERS": str(os.cpu_count() or 1),
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }
    return {**threads, **os.environ, **ALWAYS, **own}


def _check_free(port: int) -> None:
    """Raise StartError where something listens already: a server of somebody else's must not get our deployments."""
    try:
        with socket.create_server((HOST, port)):
            return
    except OSError as error:
        reason = f"cannot listen at {HOST}:{port}: {os.strerror(error.errno or 0)}; choose another --port"
        raise StartError(reason) from error


def _set_default_config(url: str, config: Config) -> None:
    with httpx.Client(base_url=url, timeout=60.0) as client:
        found = client.post("/deployments/filter", json={}).raise_for_status().json()
        for deployment in found:
            if "config" in deployment["parameter_openapi_schema"]["properties"]:
                body = {"parameters": {"config": config.model_dump(mode="json")}}
                _patch(client, f"/deployments/{deployment['id']}", body)


def _patch(client: httpx.Client, path: str, body: Mapping[str, Any]) -> None:
    """Patch, again while the server says that it is busy: just after its start its database is, now and then."""
    deadline = time.monotonic() + START_TIMEOUT
    answer = client.patch(path, json=body)
    while answer.status_code == httpx.codes.SERVICE_UNAVAILABLE and time.monotonic() < deadline:
        time.sleep(1.0)
        answer = client.patch(path, json=body)
    answer.raise_for_status()


def _start(environment: Mapping[str, str], *command: str) -> subprocess.Popen[bytes]:
    # In groups of their own, so that a terminal's Ctrl-C ends them in our order: first the worker, then its server.
    prefect = [sys.executable, "-m", "prefect", *command]
    return subprocess.Popen(prefect, env=dict(environment), cwd=CHECKOUT, process_group=0)  # noqa: S603


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
