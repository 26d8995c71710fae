"""What a served project's Prefect is started with: its own home and pool, loopback only, or the user's server."""

import hashlib
import os
from pathlib import Path

from core.errors import ConfigError
from flows.prefect_settings import ALWAYS, LOOPBACK, SERVER_VARIABLE, WORKERS_VARIABLE

HOST = "127.0.0.1"
CHECKOUT = Path(__file__).parent.parent
HOME_NAME = ".prefect"  # under the root of the products
HEARTBEAT = 30  # s, the shortest that Prefect allows
# The user's Prefect, which a server of ours is not to meet.
OF_THE_USERS = ("PREFECT_PROFILE", "PREFECT_PROFILES_PATH", "PREFECT_API_KEY")
SERVER_PASSWORD, CLIENT_PASSWORD = "PREFECT_SERVER_API_AUTH_STRING", "PREFECT_API_AUTH_STRING"
# What the environment may overrule.
DEFAULTS = {
    # The flows of a worker would otherwise start all their tasks at once, and each of them threads of its own.
    WORKERS_VARIABLE: str(os.cpu_count() or 1),
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    # A database that another process holds is waited for.
    "PREFECT_API_DATABASE_TIMEOUT": "60",
    "PREFECT_API_DATABASE_CONNECTION_TIMEOUT": "60",
    "PREFECT_SERVER_LOGGING_LEVEL": "ERROR",
    # Runs of long ago are forgotten, so that the database does not grow for ever.
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
    "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": str(HEARTBEAT),
}


def project_home(product_root: str, home: Path | None) -> Path:
    """Return where a project's server keeps its database, made if need be; ConfigError if no such place is stated."""
    if home is None and "://" in product_root:
        raise ConfigError(f"products lie at {product_root}: say with --home in which folder the server keeps its own")
    place = (Path(product_root) / HOME_NAME if home is None else home).absolute()
    place.mkdir(parents=True, exist_ok=True)
    return place


def work_pool(product_root: str) -> str:
    """Return the name of a project's work pool, one for each root of products: no other worker takes its runs."""
    return f"dwarfnu-{hashlib.blake2b(product_root.encode(), digest_size=4).hexdigest()}"


def names_server() -> bool:
    """Return whether the environment names a server of the user's."""
    return bool(os.environ.get(SERVER_VARIABLE))


def environment(port: int, product_root: str, home: Path) -> dict[str, str]:
    """Return the environment of a project's server, its worker and whoever speaks to them."""
    ours = {"DWARFNU_CHECKOUT": str(CHECKOUT), "DWARFNU_PRODUCTS": product_root, "PYTHONPATH": _import_path()}
    if names_server():
        return {**DEFAULTS, **os.environ, **ALWAYS, **ours}
    url = f"http://{HOST}:{port}/api"
    server = {"PREFECT_API_URL": url, "PREFECT_UI_API_URL": url, "PREFECT_HOME": str(home)}
    password = os.environ.get(SERVER_PASSWORD)
    if password:
        server[CLIENT_PASSWORD] = password
    origins = {"PREFECT_SERVER_CORS_ALLOWED_ORIGINS": ",".join(f"http://{name}:{port}" for name in LOOPBACK)}
    users = {name: value for name, value in os.environ.items() if name not in OF_THE_USERS}
    return {**DEFAULTS, **origins, **users, **ALWAYS, **ours, **server}


def _import_path() -> str:
    """Return where modules are found: what is served runs in the home, from where ours may be out of sight."""
    return os.pathsep.join([str(CHECKOUT), *filter(None, [os.environ.get("PYTHONPATH")])])
