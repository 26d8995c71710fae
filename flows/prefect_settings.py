"""How Prefect runs in a process of ours: private, quiet, without pickle, and with time enough to start.

Set before Prefect is imported, and only where the user has not set it.
"""

import os

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


def prepare_prefect(n_workers: int | None, log_level: str) -> None:
    """Set the environment of Prefect for a run of this process; what the user has set stays as it is."""
    settings = ALWAYS | TEMPORARY_SERVER | {"PREFECT_LOGGING_LEVEL": log_level}
    settings["PREFECT_TASKS_RUNNER_THREAD_POOL_MAX_WORKERS"] = str(n_workers or os.cpu_count() or 1)
    for name, value in settings.items():
        os.environ.setdefault(name, value)
