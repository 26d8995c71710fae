"""Start the dashboard: `python -m dashboards --root products`, of one analysis with `--analysis public-3y`."""

import argparse
import logging
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

from core.configuration.config import read_config
from core.errors import DwarfnuError
from dashboards.library import Library
from dashboards.server import start_server

BAD_INPUT = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve the dashboard until it is interrupted; return the exit code."""
    options = _parser().parse_args(arguments)
    analysis = None if options.all_analyses else options.analysis
    try:
        config = options.config and read_config(options.config, products=options.root, analysis=options.analysis)
        library = Library(options.root, analysis, config or None, options.given)
        _check_free(options.address, options.port)
        server = start_server(
            library, options.address, options.port, options.allow_websocket_origin, options.basic_auth
        )
    except DwarfnuError as error:
        return _refuse(str(error))
    except OSError as error:
        return _refuse(f"cannot listen at {options.address}:{options.port}: {error.strerror}; choose another --port")
    shown = library.root / analysis if analysis else library.root
    sys.stdout.write(f"dashboard of {shown} at http://{options.address}:{options.port}/\n")
    sys.stdout.flush()
    quieten_libraries()
    server.start()
    try:
        server.io_loop.start()
    except KeyboardInterrupt:
        server.stop()
    return 0


def quieten_libraries() -> None:
    """Keep warnings for programmers, such as of pandas to Bokeh, off the console of a person who looks at pages."""
    logging.captureWarnings(True)
    logging.getLogger("py.warnings").setLevel(logging.ERROR)


def _check_free(address: str, port: int) -> None:
    """Raise OSError if nothing can listen there; asked first, as a server that fails leaves its socket open."""
    with socket.create_server((address, port)):
        return


def _refuse(reason: str) -> int:
    sys.stderr.write(f"dwarfnu dashboard: {reason}\n")
    return BAD_INPUT


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m dashboards", description="Show the products of an analysis.")
    parser.add_argument("--root", default="products", help="folder or URL that holds products")
    parser.add_argument("--analysis", help="name of the analysis; without one all under the root can be chosen")
    parser.add_argument("--all-analyses", action="store_true", help="let all analyses be chosen, whichever is named")
    parser.add_argument("--config", type=Path, help="configuration of the analysis: tells what is not made yet")
    parser.add_argument("--given", default="", help="what follows a command for this analysis, for hints")
    parser.add_argument("--address", default="127.0.0.1", help="address to listen at; this machine only by default")
    parser.add_argument("--port", type=int, default=5006, help="port to listen at")
    parser.add_argument(
        "--allow-websocket-origin",
        action="append",
        default=[],
        metavar="HOST:PORT",
        help="another address under which browsers reach this server, behind a proxy say",
    )
    parser.add_argument("--basic-auth", help="a password, or a JSON file of passwords by name, that visitors give")
    return parser


if __name__ == "__main__":
    sys.exit(main())
