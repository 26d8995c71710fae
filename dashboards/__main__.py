"""Start the dashboard: `python -m dashboards --root products --analysis public-3y`."""

import argparse
import socket
import sys
from collections.abc import Sequence

from core.errors import DwarfnuError
from core.products.store import ProductStore
from dashboards.app import start_server

BAD_INPUT = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve the dashboard until it is interrupted; return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        store = ProductStore(options.root, options.analysis)
        _check_free(options.address, options.port)
        server = start_server(store, options.address, options.port, options.allow_websocket_origin, options.basic_auth)
    except DwarfnuError as error:
        return _refuse(str(error))
    except OSError as error:
        return _refuse(f"cannot listen at {options.address}:{options.port}: {error.strerror}; choose another --port")
    sys.stdout.write(f"dashboard of {store.root / store.analysis} at http://{options.address}:{options.port}/\n")
    sys.stdout.flush()
    server.start()
    try:
        server.io_loop.start()
    except KeyboardInterrupt:
        server.stop()
    return 0


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
    parser.add_argument("--analysis", default="public-3y", help="name of the analysis")
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
