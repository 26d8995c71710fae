# mypy: allow-untyped-calls
"""The server of the dashboard: it keeps to this machine and to the names that it is served under, unless told."""

import logging
import secrets
from collections.abc import Sequence
from typing import Any

import panel as pn
from tornado.ioloop import IOLoop

from dashboards.app import application
from dashboards.hosts import refuse_strangers
from dashboards.library import Library
from dashboards.login import refuse_unknown


def start_server(
    library: Library, address: str, port: int, websocket_origins: Sequence[str] = (), login: str | None = None
) -> Any:
    """Return a server that listens at address and port and is not yet serving; OSError if the port is taken.

    Only pages that came from this address (or from one of `websocket_origins`, host:port) may open a connection, and
    requests that name any other host are refused. `login`: a password, or a JSON file of passwords by name; without one
    everybody on this machine may look.
    """
    pn.extension("tabulator", inline=True, loading_spinner="arc", loading_color="#0072B2")
    # A tab that closes while something is on its way to it is no matter for the console.
    for name in ("panel.io.document", "bokeh.server.views.ws"):
        logging.getLogger(name).setLevel(logging.ERROR)
    own = {f"{host}:{port}" for host in (address, "localhost", "127.0.0.1")} | set(websocket_origins)
    server = pn.io.server.get_server(
        {"/": lambda: application(library)},
        address=address,
        port=port,
        websocket_origin=sorted(own),
        title="dwarfnu",
        loop=IOLoop(make_current=False),
        show=False,
        start=False,
        liveness=True,
        basic_auth=login,
        cookie_secret=None if login is None else secrets.token_hex(),
        unused_session_lifetime=60_000,
    )
    if login is not None:
        refuse_unknown(server._tornado)
    refuse_strangers(server._tornado, {origin.rpartition(":")[0] or origin for origin in own})
    return server
