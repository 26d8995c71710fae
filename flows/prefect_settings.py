"""How Prefect runs in a process of ours: private, quiet, without pickle, and with time enough to start.

A run uses the server that the environment names by PREFECT_API_URL, with all that Prefect's own settings say of it.
Without one it starts a server of its own, and then nothing counts that the user has set up for Prefect: no profile,
no prefect.toml, no home; but for the number of workers and the level of the log.
"""

import os
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, chdir, contextmanager
from http import HTTPStatus
from http.client import HTTPException
from importlib import import_module
from types import ModuleType
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from core.errors import ConfigError
from flows.temporary_server import temporary_home, temporary_server

SERVER_VARIABLE = "PREFECT_API_URL"
SERVER_PATIENCE = 4.0  # s for each of two questions
WORKERS_VARIABLE = "PREFECT_TASKS_RUNNER_THREAD_POOL_MAX_WORKERS"
LEVEL_VARIABLE = "PREFECT_LOGGING_LEVEL"
DASHBOARD_VARIABLE = "DWARFNU_DASHBOARD"
DEFAULT_DASHBOARD = "http://127.0.0.1:5006"  # where `dwarfnu dashboard` listens
LOOPBACK = ("127.0.0.1", "localhost")
# What a server that lives as long as one run takes from the user's settings of Prefect.
KEPT = (WORKERS_VARIABLE, LEVEL_VARIABLE)

ALWAYS = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "PREFECT_RESULTS_DEFAULT_SERIALIZER": "json",
}


def prepare_prefect(n_workers: int | None, log_level: str, *, verbose: bool = False) -> None:
    """Set the environment of Prefect for a run of this process; what the user has set there stays as it is.

    A number of workers, and the level INFO of `verbose`, win over the environment: they were asked for just now.
    Raises ConfigError if the environment names a Prefect server that does not answer.
    """
    reach_loopback_directly()
    _check_server()
    if not os.environ.get(SERVER_VARIABLE):
        forget_prefect()
    settings = ALWAYS | {LEVEL_VARIABLE: log_level, WORKERS_VARIABLE: str(os.cpu_count() or 1)}
    for name, value in settings.items():
        os.environ.setdefault(name, value)
    if n_workers is not None:
        os.environ[WORKERS_VARIABLE] = str(n_workers)
    if verbose:
        os.environ[LEVEL_VARIABLE] = "INFO"


def forget_prefect() -> None:
    """Take all settings of Prefect out of the environment, but for those that any server is to heed."""
    for name in [name for name in os.environ if name.startswith("PREFECT_") and name not in KEPT]:
        del os.environ[name]


def reach_loopback_directly() -> None:
    """Let this process and its children speak to this machine without the proxy that the environment may name."""
    named = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    listed = [name.strip() for name in named.split(",") if name.strip()]
    if "*" not in listed:
        listed += [host for host in LOOPBACK if host not in listed]
    os.environ["no_proxy"] = os.environ["NO_PROXY"] = ",".join(listed)


@contextmanager
def prefect_at_hand(module: str) -> Iterator[ModuleType]:
    """Give a module that imports Prefect, with a server for it as long as the context lasts.

    Prefect reads its settings when it is imported, so that happens here. Raises ServerStartError if a server of this
    run does not start, ConfigError if the user's does not take us or Prefect's settings cannot be read.
    """
    if os.environ.get(SERVER_VARIABLE):
        imported = _imported(module)
        _check_welcome()
        yield imported
        return
    with ExitStack() as until_the_end:
        home = until_the_end.enter_context(temporary_home())
        # Some libraries look for a home even where they need nothing of it.
        _ = os.environ.setdefault("HOME", str(home))
        server = until_the_end.enter_context(temporary_server(home, os.environ))
        os.environ.update(server.settings, PREFECT_HOME=str(home))
        try:
            with chdir(home):  # where no prefect.toml, pyproject.toml or .env stands
                _imported("prefect")
                until_the_end.enter_context(_no_heartbeats())
            imported = _imported(module)
            server.wait()
            try:
                yield imported
            finally:
                _tell_what_is_left()
        finally:
            for name in (*server.settings, "PREFECT_HOME"):
                os.environ.pop(name, None)


@contextmanager
def _no_heartbeats() -> Iterator[None]:
    """Keep flows from telling a temporary server that they live: it ends with them.

    The thread that tells it would hold up the end of every flow by up to a second.
    """
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

    with temporary_settings(updates={PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        yield


def _tell_what_is_left() -> None:
    """Let Prefect's threads tell the server the last of logs and events: later they would look for it in vain."""
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogWorker

    for worker in (APILogWorker, EventsWorker):
        worker.drain_all(timeout=SERVER_PATIENCE)


def _imported(module: str) -> ModuleType:
    try:
        return import_module(module)
    except (ValueError, OSError, RuntimeError) as error:  # of pydantic, of files, of a home that nobody knows
        raise ConfigError(f"Prefect's settings cannot be read: {_first_line(error)}") from error


def _check_server() -> None:
    """Raise ConfigError if PREFECT_API_URL is set and no server answers there."""
    url = os.environ.get(SERVER_VARIABLE)
    if not url:
        return
    if not url.startswith(("http://", "https://")):
        raise ConfigError(f"{SERVER_VARIABLE} = {url}: not a URL of http or https; {_way_out()}")
    reason = _why_no_answer(f"{url.rstrip('/')}/health")
    if reason is not None:
        raise ConfigError(f"{SERVER_VARIABLE} = {url}: no Prefect server answers there ({reason}); {_way_out()}")


def _way_out() -> str:
    return f"start it, or `unset {SERVER_VARIABLE}` for a server that lives as long as the run"


def _why_no_answer(url: str) -> str | None:
    try:
        with urlopen(url, timeout=SERVER_PATIENCE):  # noqa: S310
            return None
    except HTTPError as error:
        # A server that wants to know who asks is there.
        known = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
        return None if error.code in known else f"HTTP {error.code}"
    except URLError as error:
        # Which certificates are trusted, Prefect has settings of its own for.
        return None if isinstance(error.reason, ssl.SSLError) else str(error.reason)
    except (OSError, HTTPException, ValueError) as error:
        return str(error) or type(error).__name__


def _check_welcome() -> None:
    """Raise ConfigError if the user's server does not take us, asked with all that Prefect's settings say of it."""
    import httpx
    from prefect.client.orchestration import get_client

    url = os.environ[SERVER_VARIABLE]
    try:
        with get_client(sync_client=True) as client:
            client._client.timeout = httpx.Timeout(SERVER_PATIENCE)
            answer = httpx.Client.send(client._client, client._client.build_request("GET", "/admin/version"))
    except (httpx.HTTPError, OSError, ValueError, RuntimeError) as error:
        reason = _first_line(error)
        raise ConfigError(f"{SERVER_VARIABLE} = {url}: cannot be asked ({reason}); {_way_out()}") from error
    if answer.status_code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        raise ConfigError(
            f"{SERVER_VARIABLE} = {url}: the server wants to know who asks; set PREFECT_API_AUTH_STRING to the "
            "user:password that it has as PREFECT_SERVER_API_AUTH_STRING, or PREFECT_API_KEY"
        )
    if not answer.is_success:
        raise ConfigError(f"{SERVER_VARIABLE} = {url}: answers with HTTP {answer.status_code}; {_way_out()}")


def _first_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__
