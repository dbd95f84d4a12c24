"""Flask without what this API never uses, since each request would pay for it.

No sessions of Flask's own, no signals, no teardown functions, no coroutines, no building of URLs. What is
overridden are methods that Flask documents as overridable.
"""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

from flask import Flask, Request, Response
from flask.sessions import NullSession, SessionInterface
from werkzeug.routing import MapAdapter, Rule


class LeanRequest(Request):
    """A request whose uploads stay in memory: their size is limited, and the file system may be read-only."""

    def _get_file_stream(self, *_args: object, **_kwargs: object):  # type: ignore[no-untyped-def]
        return BytesIO()


class LeanRule(Rule):
    """A route that no URL is built from; compiling a builder for each is half of what making an app costs."""

    def _compile_builder(self, append_unknown: bool = True) -> Any:  # noqa: ARG002 - Werkzeug's signature
        return lambda *_: None


class _NoSessions(SessionInterface):
    def __init__(self) -> None:
        self._none = NullSession()

    def open_session(self, app: Flask, request: Request) -> NullSession:  # noqa: ARG002 - Flask's signature
        return self._none

    def save_session(self, *_: object) -> None:
        """There is none."""


class LeanFlask(Flask):
    """A Flask app whose views and error handlers all give a `Response`.

    `begin()` comes before each view, and may answer in its stead; `end(response)` comes after each, or after the
    error handler.
    """

    request_class = LeanRequest
    url_rule_class = LeanRule

    def __init__(self, name: str) -> None:
        super().__init__(name, static_folder=None, template_folder="pages")
        self.session_interface = _NoSessions()
        self.url_map.strict_slashes = False
        self.url_map.merge_slashes = False
        self.begin: Callable[[], Response | None] = lambda: None
        self.end: Callable[[Response], Response] = lambda response: response

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """One host, one map: only path and method matter."""
        if request is None:
            return None
        environ = request.environ
        return MapAdapter(
            self.url_map,
            "localhost",
            environ.get("SCRIPT_NAME") or "/",
            "",
            environ["wsgi.url_scheme"],
            request.path,
            environ["REQUEST_METHOD"],
            environ.get("QUERY_STRING", ""),
        )

    def answer(self, environ: dict[str, Any]) -> Response:
        """The answer to one request, as an object: what `wsgi_app` does but for handing it to WSGI."""
        context = self.request_context(environ)
        error: BaseException | None = None
        try:
            try:
                context.push()
                return self.full_dispatch_request()
            except Exception as raised:
                error = raised
                return self.handle_exception(raised)
        finally:
            context.pop(error)

    def full_dispatch_request(self) -> Response:
        """Answer the current request."""
        try:
            response = self.begin() or self.dispatch_request()
        except Exception as error:
            response = self.handle_user_exception(error)
        return self.end(response)  # type: ignore[arg-type]  # all of ours give one

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """No view is a coroutine."""
        return func

    def do_teardown_request(self, *_: object) -> None:
        """Nothing is torn down."""

    def do_teardown_appcontext(self, *_: object) -> None:
        """Nothing is torn down."""
