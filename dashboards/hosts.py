"""Which names a server of ours answers to: a page whose name is pointed at this machine must not read from it."""

from collections.abc import Collection
from http import HTTPStatus
from typing import Any

from tornado.httputil import HTTPServerRequest
from tornado.routing import Matcher, Rule
from tornado.web import Application, ErrorHandler


class _Stranger(Matcher):
    """Matches requests that name another host than ours."""

    def __init__(self, hosts: Collection[str]) -> None:
        self._hosts = {host.lower() for host in hosts}

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        """Return what the handler is told, None for a request of ours."""
        return None if request.host_name.lower() in self._hosts or "*" in self._hosts else {}


def refuse_strangers(application: Application, hosts: Collection[str]) -> None:
    """Let an application answer with 403 to whoever asks for another host than these."""
    rule = Rule(_Stranger(hosts), ErrorHandler, {"status_code": HTTPStatus.FORBIDDEN})
    application.default_router.rules.insert(0, application.default_router.process_rule(rule))
