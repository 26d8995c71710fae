"""A Prefect server that lives as long as one run: on the loopback address, with a home of its own that goes with it.

However the run ends, its server ends with it; a home that a killed run left is removed by the next one.
"""

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import psutil

from core.errors import DwarfnuError
from flows.bound_process import bound_command

HOST = "127.0.0.1"
START_PATIENCE = 120.0  # s
END_PATIENCE = 10.0  # s
SAME_START = 5.0  # s by which two readings of when a process began may differ
HOME_PREFIX = "dwarfnu-prefect-"
LOG_NAME = "server.log"
# It needs no schedules, and its farewell is no news.
TEMPORARY_SERVER = {
    "PREFECT__SERVER_EPHEMERAL": "1",
    "PREFECT_UI_ENABLED": "0",
    "PREFECT_SERVER_LOGGING_LEVEL": "CRITICAL",
    "PREFECT_SERVER_SERVICES_SCHEDULER_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_LATE_RUNS_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_CANCELLATION_CLEANUP_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_PAUSE_EXPIRATIONS_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_FOREMAN_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_TRIGGERS_ENABLED": "false",
}


class ServerStartError(DwarfnuError):
    """A Prefect server or worker did not come up."""


@contextmanager
def temporary_home() -> Iterator[Path]:
    """Give a folder for Prefect, removed at the end, after removing those of runs that are no more."""
    remove_homes_left()
    began = int(psutil.Process().create_time())
    name = f"{HOME_PREFIX}{socket.gethostname()}-{os.getpid()}-{began}-"
    home = Path(tempfile.mkdtemp(prefix=name))
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


def remove_homes_left() -> int:
    """Remove the homes of this machine's runs that were killed, and return how many there were."""
    left = [home for home in Path(tempfile.gettempdir()).glob(f"{HOME_PREFIX}*") if _is_left(home)]
    for home in left:
        shutil.rmtree(home, ignore_errors=True)
    return len(left)


def _is_left(home: Path) -> bool:
    """Return whether the run that a home is named after is no more: no process, or one that began at another time."""
    host, *numbers = home.name.removeprefix(HOME_PREFIX).rsplit("-", 3)
    if host != socket.gethostname() or not all(number.isdigit() for number in numbers[:2]):
        return False
    try:
        began = psutil.Process(int(numbers[0])).create_time()
    except psutil.NoSuchProcess:
        return True
    return abs(began - int(numbers[1])) > SAME_START


class TemporaryServer:
    """A server that has been started; until `wait` it need not answer yet."""

    def __init__(self, home: Path, environment: Mapping[str, str]) -> None:
        self.password = secrets.token_urlsafe()
        self._log = home / LOG_NAME
        own = {"PREFECT_HOME": str(home), "PREFECT_SERVER_API_AUTH_STRING": f"dwarfnu:{self.password}"}
        # Its socket listens before it runs, so that nobody else gets the port and a request waits for it to answer.
        with socket.create_server((HOST, 0)) as listening, self._log.open("wb") as log:
            self.port: int = listening.getsockname()[1]
            descriptor = listening.fileno()
            self._process = subprocess.Popen(  # noqa: S603
                bound_command("flows.prefect_server", str(descriptor), HOST),
                env={**environment, **TEMPORARY_SERVER, **own, "PYTHONPATH": _import_path()},
                cwd=home,
                pass_fds=(descriptor,),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                process_group=0,  # a terminal's Ctrl-C is for the run, which then ends its server
            )

    @property
    def settings(self) -> dict[str, str]:
        """The environment of its clients."""
        url = f"http://{HOST}:{self.port}/api"
        return {"PREFECT_API_URL": url, "PREFECT_API_AUTH_STRING": f"dwarfnu:{self.password}"}

    def wait(self) -> None:
        """Return once it answers; ServerStartError with its last words if it ends or takes too long."""
        connection = HTTPConnection(HOST, self.port, timeout=START_PATIENCE)
        try:
            connection.request("GET", "/api/health")
            status = connection.getresponse().status
        except (OSError, HTTPException) as error:
            raise ServerStartError(f"Prefect's server did not start: {self._last_words() or error}") from error
        finally:
            connection.close()
        if status != 200:
            raise ServerStartError(f"Prefect's server did not start: it answers with HTTP {status}")

    def end(self) -> None:
        """End it, by force where it does not hear."""
        self._process.terminate()
        try:
            self._process.wait(timeout=END_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _last_words(self) -> str:
        lines = self._log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return lines[-1] if lines else ""


@contextmanager
def temporary_server(home: Path, environment: Mapping[str, str]) -> Iterator[TemporaryServer]:
    """Give a server of this run, which may still be starting, and end it with the context."""
    server = TemporaryServer(home, environment)
    try:
        yield server
    finally:
        server.end()


def _import_path() -> str:
    """Return where modules are found: the server runs in its home, from where our packages may be out of sight."""
    here = str(Path(__file__).parents[1])
    return os.pathsep.join([here, *filter(None, [os.environ.get("PYTHONPATH")])])
