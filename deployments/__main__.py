"""`python -m deployments`: serve every flow from this machine until interrupted."""

import argparse
import os
import signal
import sys
from pathlib import Path
from types import FrameType

from core.configuration.config import Config, read_config
from core.errors import DwarfnuError
from deployments.local import local_server
from flows.prefect_settings import DASHBOARD_VARIABLE, DEFAULT_DASHBOARD, SERVER_VARIABLE, reach_loopback_directly

FAILED, BAD_INPUT = 1, 2
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main() -> int:
    """Serve until interrupted; exit code 2 if that cannot begin, 1 if the server or the worker does not stay up."""
    given = _parser().parse_args()
    root = given.root if "://" in given.root else str(Path(given.root).resolve())
    for number in ENDING:
        signal.signal(number, _end)
    reach_loopback_directly()
    os.environ[DASHBOARD_VARIABLE] = given.dashboard
    ready = False
    try:
        config = None if given.config is None else default_config(given.config, root)
        with local_server(given.port, root, config, given.home, _say) as served:
            place = served.environment[SERVER_VARIABLE].removesuffix("/api")
            _say(f"Prefect UI of {given.analysis}: {place} (Deployments → one-pair; products in {root}; Ctrl-C ends)")
            ready = True
            served.watch(_say)
        return 0
    except KeyboardInterrupt:
        return 0
    except (DwarfnuError, OSError) as error:
        sys.stderr.write(f"dwarfnu: {error}\n")
        return FAILED if ready else BAD_INPUT


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def default_config(path: Path, product_root: str) -> Config:
    """Return the configuration in a file, with every path absolute: flows run in another folder. Raises ConfigError."""
    return read_config(path.resolve(), products=product_root)


def _end(_number: int, _frame: FrameType | None) -> None:
    """Interrupt once: a second signal must not keep server and worker from being stopped."""
    for other in ENDING:
        signal.signal(other, signal.SIG_IGN)
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deployments", description=__doc__)
    parser.add_argument("--root", required=True, help="folder or URL of the products")
    parser.add_argument("--analysis", required=True, help="name of the analysis, for the greeting")
    parser.add_argument("--port", type=int, default=4200)
    parser.add_argument("--config", type=Path, help="configuration that the deployments take; default: the public one")
    parser.add_argument("--dashboard", default=DEFAULT_DASHBOARD, help="where the dashboard is, for links")
    parser.add_argument("--home", type=Path, help="folder for the server's database; default: .prefect in the root")
    return parser


if __name__ == "__main__":
    sys.exit(main())
