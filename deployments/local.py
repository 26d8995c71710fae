"""A Prefect server, a worker and every flow on this machine, listening on the loopback address only.

Where the environment names a server (PREFECT_API_URL), flows are deployed there and only the worker is ours.
"""

import fcntl
import os
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from time import monotonic

from core.configuration.config import Config
from core.errors import DwarfnuError
from deployments.settings import HOST, environment, names_server, project_home, work_pool
from flows.bound_process import bound_command
from flows.prefect_settings import LOOPBACK

START_TIMEOUT = 180.0  # s
END_TIMEOUT = 30.0  # s
MOST_RESTARTS, RESTARTS_WITHIN = 3, 120.0  # s
LOG_NAME = "server.log"
Say = Callable[[str], None]
Start = Callable[[], "subprocess.Popen[bytes]"]


class StartError(DwarfnuError):
    """The server or the worker did not come up, or does not stay up."""


@dataclass
class Child:
    """A process of ours that is started again when it ends, unless that happens again and again."""

    name: str
    start: Start
    process: "subprocess.Popen[bytes]"
    restarts: list[float] = field(default_factory=list)

    def restart(self) -> str:
        """Start it again and return what is to be said; StartError if it does not stay up."""
        now = monotonic()
        self.restarts = [*(before for before in self.restarts if now - before < RESTARTS_WITHIN), now]
        how = _ending(self.process.returncode)
        if len(self.restarts) > MOST_RESTARTS:
            raise StartError(f"the {self.name} {how}, the {len(self.restarts)}th time in {RESTARTS_WITHIN:.0f} s")
        self.process = self.start()
        return f"{self.name}: {how}; started again"


@dataclass
class Served:
    """What is served: the environment of its clients, and its processes."""

    environment: Mapping[str, str]
    children: list[Child]
    _ended: "SimpleQueue[Child]" = field(default_factory=SimpleQueue)

    def watch(self, say: Say) -> None:
        """Start a process again whenever one ends, and say so; StartError if one does not stay up."""
        for child in self.children:
            self._wait_for(child)
        while True:
            ended = self._ended.get()
            say(ended.restart())
            self._wait_for(ended)

    def _wait_for(self, child: Child) -> None:
        process = child.process

        def wait() -> None:
            process.wait()
            self._ended.put(child)

        Thread(target=wait, daemon=True).start()


@contextmanager
def local_server(
    port: int, product_root: str, config: Config | None = None, home: Path | None = None, say: Say = lambda _: None
) -> Iterator[Served]:
    """Run a server with all flows deployed and a worker while the context lasts.

    `product_root` is where flows put products unless their configuration says otherwise, `config` what the deployments
    take for a configuration unless a run is given another; the public analysis when not set. The server keeps its
    database in `home`, by default in a folder under the root of the products. Raises StartError and ConfigError.
    """
    with ExitStack() as until_the_end:
        pool = work_pool(product_root)
        place = Path.cwd() if names_server() else project_home(product_root, home)
        settings = environment(port, product_root, place)
        children = []
        if not names_server():
            until_the_end.enter_context(_alone_in(place))
            children.append(until_the_end.enter_context(_server(port, place, settings, say)))
        deploying = until_the_end.enter_context(_deploying(settings, place, pool))
        if children:
            _wait_until_healthy(port, children[0], say)
        _deploy(deploying, config, say)
        children.insert(0, until_the_end.enter_context(_worker(place, settings, pool)))
        yield Served(settings, children)


@contextmanager
def _alone_in(home: Path) -> Iterator[None]:
    """Hold a project's home while the context lasts; StartError if another process does."""
    with (home / "in-use").open("w") as mark:
        try:
            fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StartError(f"{home} is served already, by another process; choose another --home") from error
        yield


@contextmanager
def _server(port: int, home: Path, settings: Mapping[str, str], say: Say) -> Iterator[Child]:
    """Give a server that has been started; it answers once `_wait_until_healthy` returns."""

    def start() -> subprocess.Popen[bytes]:
        # A log that all lines go to: what is shown in the terminal is what people asked for.
        with _listening(port) as listening, (home / LOG_NAME).open("ab") as log:
            descriptor = listening.fileno()
            command = bound_command("flows.prefect_server", str(descriptor), *LOOPBACK)
            return _started(command, settings, home, log, (descriptor,))

    child = Child(f"server (its log: {home / LOG_NAME})", start, start())
    say(f"server: starts at {HOST}:{port}, its database in {home}")
    try:
        yield child
    finally:
        _stop(child.process)


@contextmanager
def _worker(folder: Path, settings: Mapping[str, str], pool: str) -> Iterator[Child]:
    """Give a worker that takes the runs of a pool."""
    command = bound_command("prefect", "worker", "start", "--pool", pool, "--type", "process", "--name", "dwarfnu")

    def start() -> subprocess.Popen[bytes]:
        return _started(command, settings, folder)

    child = Child("worker", start, start())
    try:
        yield child
    finally:
        _stop(child.process)


def _started(
    command: list[str], settings: Mapping[str, str], folder: Path, output: object = None, passed: tuple[int, ...] = ()
) -> subprocess.Popen[bytes]:
    # In groups of their own, so that a terminal's Ctrl-C ends them in our order: first the worker, then its server.
    return subprocess.Popen(  # type: ignore[call-overload,no-any-return]  # noqa: S603
        command,
        env=dict(settings),
        cwd=folder,
        pass_fds=passed,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        process_group=0,
    )


def _listening(port: int) -> socket.socket:
    """Return a socket that listens; StartError where somebody's does: theirs must not get our deployments."""
    try:
        return socket.create_server((HOST, port))
    except OSError as error:
        reason = f"cannot listen at {HOST}:{port}: {os.strerror(error.errno or 0)}; choose another --port"
        raise StartError(reason) from error


@contextmanager
def _deploying(settings: Mapping[str, str], folder: Path, pool: str) -> Iterator["subprocess.Popen[str]"]:
    """Give a process that imports all flows and, when it is told the configuration, registers them."""
    with subprocess.Popen(  # noqa: S603
        bound_command("deployments.deploy", pool, str(os.getpid())),
        env=dict(settings),
        cwd=folder,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        process_group=0,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _deploy(process: "subprocess.Popen[str]", config: Config | None, say: Say) -> None:
    """Let all flows be registered; StartError with the last words of the process that does it."""
    into, out, errors = (pipe for pipe in (process.stdin, process.stdout, process.stderr) if pipe is not None)
    with suppress(BrokenPipeError):
        into.write("" if config is None else config.model_dump_json())
        into.close()
    for line in out:
        say(line.rstrip())
    last = (errors.read().strip().splitlines() or [""])[-1]
    if process.wait():
        raise StartError(last.removeprefix("dwarfnu: ") or "the flows could not be deployed")


def _wait_until_healthy(port: int, child: Child, say: Say) -> None:
    """Return once the server answers: its socket listens from the start, so the question waits for the answer."""
    begin = monotonic()
    connection = HTTPConnection(HOST, port, timeout=START_TIMEOUT)
    try:
        connection.request("GET", "/api/health")
        connection.getresponse()
    except (OSError, HTTPException) as error:
        raise StartError(f"the {child.name} did not start: {error}") from error
    finally:
        connection.close()
    say(f"server: answers after {monotonic() - begin:.1f} s")


def _ending(code: int) -> str:
    """Return how a process ended, in words."""
    return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(timeout=END_TIMEOUT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
