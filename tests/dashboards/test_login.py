"""With a password: browsers are led to a form, programs are told 401, and whoever gave it is let in."""

from pathlib import Path
from unittest import mock

import httpx
import pytest
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine

from dashboards.login import _Unknown
from tests.dashboards.test_hosts import served

BROWSER = "text/html,application/xhtml+xml,*/*;q=0.8"


@pytest.mark.parametrize(
    ("uri", "headers", "is_refused"),
    [
        ("/", {}, True),
        ("/?page=limits", {"Accept": "*/*"}, True),
        ("/ws", {"Upgrade": "websocket"}, True),
        ("/", {"Accept": BROWSER}, False),
        ("/", {"Cookie": "user=somebody"}, False),
        ("/login", {}, False),
        ("/liveness", {}, False),
        ("/static/js/bokeh.min.js", {}, False),
    ],
)
def test_who_shows_neither_login_nor_browser_is_refused(uri: str, headers: dict[str, str], is_refused: bool) -> None:
    request = HTTPServerRequest(
        start_line=RequestStartLine("GET", uri, "HTTP/1.1"),
        headers=HTTPHeaders({"Host": "127.0.0.1", **headers}),
        connection=mock.Mock(),
    )
    assert (_Unknown().match(request) is not None) == is_refused


@pytest.mark.slow
def test_a_password_is_asked_for(tmp_path: Path) -> None:
    with served(tmp_path, "--basic-auth", "open sesame") as url, httpx.Client(base_url=url, trust_env=False) as client:
        for path in ("/", "/ws", "/?page=limits"):
            refused = client.get(path)
            assert (refused.status_code, refused.headers["www-authenticate"].split()[0]) == (401, "Cookie")
            assert client.post(path).status_code == 401
        assert client.get("/", headers={"Cookie": "user=somebody"}).status_code == 302
        led = client.get("/", headers={"Accept": BROWSER})
        assert led.status_code == 302
        assert "/login" in led.headers["location"]
        wrong = client.post("/login", data={"username": "somebody", "password": "open"})
        assert "error" in wrong.headers["location"]
        assert client.get("/").status_code == 401
        client.post("/login", data={"username": "somebody", "password": "open sesame"})
        assert client.get("/").status_code == 200
