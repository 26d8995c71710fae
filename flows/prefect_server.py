"""`python -m flows.prefect_server SOCKET HOST…`: Prefect's server on a socket that listens already.

It answers only to requests that name one of the hosts, so that a web page whose name someone points at this machine
cannot speak to it. Whether it is temporary, and all else, its environment says.
"""

import socket
import sys
from collections.abc import Sequence

import uvicorn
from prefect.server.api.server import create_app
from starlette.middleware.trustedhost import TrustedHostMiddleware


def main(arguments: Sequence[str]) -> None:
    """Serve until interrupted on the socket whose file descriptor is the first argument."""
    descriptor, *hosts = arguments
    with socket.socket(fileno=int(descriptor)) as listening:
        app = TrustedHostMiddleware(create_app(final=True), allowed_hosts=hosts, www_redirect=False)
        uvicorn.Server(uvicorn.Config(app, lifespan="on", log_level="error")).run(sockets=[listening])


if __name__ == "__main__":
    main(sys.argv[1:])
