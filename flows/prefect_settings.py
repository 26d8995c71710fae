"""How Prefect runs in a process of ours: private, quiet, without pickle, and with time enough to start.

Set before Prefect is imported, and only where the user has not set it.
"""

import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.client import HTTPException
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from core.errors import ConfigError

SERVER_VARIABLE = "PREFECT_API_URL"
SERVER_PATIENCE = 5.0  # s
WORKERS_VARIABLE = "PREFECT_TASKS_RUNNER_THREAD_POOL_MAX_WORKERS"

ALWAYS = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "PREFECT_RESULTS_DEFAULT_SERIALIZER": "json",
}
# A temporary server lives as long as one run: it needs no schedules, and its farewell is no news.
TEMPORARY_SERVER = {
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
    "PREFECT_SERVER_LOGGING_LEVEL": "CRITICAL",
    "PREFECT_SERVER_SERVICES_SCHEDULER_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_LATE_RUNS_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_CANCELLATION_CLEANUP_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_PAUSE_EXPIRATIONS_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_FOREMAN_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_TRIGGERS_ENABLED": "false",
}


def prepare_prefect(n_workers: int | None, log_level: str, *, verbose: bool = False) -> None:
    """Set the environment of Prefect for a run of this process; what the user has set there stays as it is.

    A number of workers, and the level INFO of `verbose`, win over the environment: they were asked for just now.
    Raises ConfigError if the environment names a Prefect server that does not answer.
    """
    _check_server()
    settings = ALWAYS | TEMPORARY_SERVER | {"PREFECT_LOGGING_LEVEL": log_level}
    settings[WORKERS_VARIABLE] = str(os.cpu_count() or 1)
    for name, value in settings.items():
        os.environ.setdefault(name, value)
    if n_workers is not None:
        os.environ[WORKERS_VARIABLE] = str(n_workers)
    if verbose:
        os.environ["PREFECT_LOGGING_LEVEL"] = "INFO"


@contextmanager
def no_heartbeats() -> Iterator[None]:
    """Keep flows from telling a temporary server that they live: it ends with them.

    The thread that tells it would hold up the end of every flow by up to a second.
    """
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

    updates = {} if os.environ.get(SERVER_VARIABLE) else {PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}
    with temporary_settings(updates=updates):
        yield


def _check_server() -> None:
    """Raise ConfigError if PREFECT_API_URL is set and no server answers there."""
    url = os.environ.get(SERVER_VARIABLE)
    if not url:
        return
    way_out = f"start it, or `unset {SERVER_VARIABLE}` for a server that lives as long as the run"
    if not url.startswith(("http://", "https://")):
        raise ConfigError(f"{SERVER_VARIABLE} = {url}: not a URL of http or https; {way_out}")
    reason = _why_no_answer(f"{url.rstrip('/')}/health")
    if reason is not None:
        raise ConfigError(f"{SERVER_VARIABLE} = {url}: no Prefect server answers there ({reason}); {way_out}")


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
