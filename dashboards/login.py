"""What a server with a password answers to those who show none: browsers its form, all others 401."""

from http import HTTPStatus
from typing import Any

from tornado.httputil import HTTPServerRequest
from tornado.routing import Matcher, Rule
from tornado.web import Application, RequestHandler

LOGGED_IN = "user"  # the cookie that Panel gives for a password, and reads itself
OPEN = ("/login", "/logout", "/liveness", "/static/", "/components/", "/favicon.ico")


class _Unknown(Matcher):
    """Matches requests that are neither of somebody who logged in nor of a browser that could be shown the form."""

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        """Return what the handler is told, None for a request that Panel is to judge."""
        is_browser = "text/html" in request.headers.get("Accept", "")
        is_judged = is_browser or LOGGED_IN in request.cookies or request.path.startswith(OPEN)
        return None if is_judged else {}


class _Refused(RequestHandler):
    """Says where to log in, whatever is asked for."""

    def prepare(self) -> None:
        """Answer before any method does."""
        self.set_status(HTTPStatus.UNAUTHORIZED)
        # The challenge has to name a scheme: a form that gives a cookie is what there is.
        self.set_header("WWW-Authenticate", 'Cookie realm="dwarfnu" form-action="/login" cookie-name="user"')
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish("dwarfnu dashboard: log in at /login first\n")


def refuse_unknown(application: Application) -> None:
    """Let an application answer with 401 to whoever shows neither a login nor a browser."""
    router = application.default_router
    router.rules.insert(0, router.process_rule(Rule(_Unknown(), _Refused)))
