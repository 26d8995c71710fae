"""The server opens connections to pages of its own addresses alone, and of those it is told."""

from pathlib import Path

from dashboards.library import Library
from dashboards.server import start_server
from tests.runs import free_port


def test_connections_are_for_pages_of_its_own_addresses(tmp_path: Path) -> None:
    port = free_port()
    server = start_server(Library(str(tmp_path)), "127.0.0.1", port, ["proxy.example.org:443"])
    try:
        own = {f"127.0.0.1:{port}", f"localhost:{port}", "proxy.example.org:443"}
        assert server._tornado.websocket_origins == own
        assert not server._started
    finally:
        server.stop()
