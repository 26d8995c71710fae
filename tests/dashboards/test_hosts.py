"""A real dashboard, asked by friends and strangers."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.runs import command, free_port

pytestmark = pytest.mark.slow


@contextmanager
def served(folder: Path, *options: str) -> Iterator[str]:
    """The address of a dashboard that serves while the context lasts."""
    port = free_port()
    arguments = command("dashboard", "--products", folder, "--port", str(port), *options)
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=sys.stderr, text=True) as process:
        assert process.stdout is not None
        assert any("dashboard of " in line for line in process.stdout)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def test_only_the_names_it_is_served_under_are_answered(tmp_path: Path) -> None:
    with served(tmp_path, "--allow-websocket-origin", "proxy.example.org:443") as url:
        port = httpx.URL(url).port
        for name in (f"127.0.0.1:{port}", f"localhost:{port}", "proxy.example.org"):
            assert httpx.get(url, headers={"Host": name}, trust_env=False).status_code == 200
        for path in ("/", "/liveness", "/static/js/bokeh.min.js"):
            rebound = {"Host": f"example.org:{port}", "Origin": f"http://example.org:{port}"}
            assert httpx.get(url + path, headers=rebound, trust_env=False).status_code == 403
