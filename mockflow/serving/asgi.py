"""From uvicorn's event loop straight into the Flask app: no threads, one request at a time.

A handler here must not wait for anything. Bodies are read, with a limit, before the app is called; so a slow
client waits alone.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterable
from functools import lru_cache
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes

from mockflow.clock import Stopwatch
from mockflow.http.exchange import DELIVERS, EXCHANGE, SENT_HEADERS, Exchange
from mockflow.serving.server import TRANSPORT
from mockflow.serving.streaming import stream
from mockflow.serving.wire import Answer, Pauses, Receive, Send, deliver

Scope = dict[str, Any]
Headers = tuple[tuple[bytes, bytes], ...]
WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

BODY_SECONDS = 30.0
"""How long a client may take to send its body."""

Unanswered = Callable[[dict[str, Any], Stopwatch, int | None, str], None]
"""Takes a request's environ, how long it took, the status it got here, and why it has no ordinary answer."""

_USUAL_COUNT = 64
_USUAL_BYTES = 4096
"""More or larger headers are not worth remembering."""

_JSON = (b"content-type", b"application/json; charset=utf-8")


_TOO_SLOW = b'{"message":"The body did not come in time.","msg":"The body did not come in time."}'


def _ignore(*_: object) -> None:
    """Nobody wants to know."""


class _ClientGone(Exception):
    """The client left before its request was complete."""


class WsgiInLoop:
    """An ASGI application around a WSGI application that never waits.

    Of a body over `body_limit` bytes nothing is kept; its true length goes to the app as `CONTENT_LENGTH`, so
    that the app can refuse it in its own words. `RAW_PATH` is the path as it was sent. `on_unanswered` is told
    of requests that the app never sees, because they broke off.
    """

    def __init__(
        self,
        app: WsgiApp,
        *,
        body_limit: int,
        on_unanswered: Unanswered = _ignore,
    ) -> None:
        self._app = app
        self._on_unanswered = on_unanswered
        self._body_limit = body_limit
        self.pauses = Pauses()
        self._base: dict[str, Any] = {
            "SCRIPT_NAME": "",
            "wsgi.version": (1, 0),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": False,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            DELIVERS: True,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        environ = self._environ(scope)
        body = b""
        stopwatch = Stopwatch()
        if "CONTENT_LENGTH" in environ or "HTTP_TRANSFER_ENCODING" in environ:
            try:
                async with asyncio.timeout(BODY_SECONDS):
                    body, length = await self._read(receive)
            except _ClientGone:
                self._on_unanswered(environ, stopwatch, None, "The client left before its body was complete.")
                return
            except TimeoutError:
                self._on_unanswered(environ, stopwatch, 408, "The body did not come in time.")
                await Answer(408, [_JSON, (b"connection", b"close")], _TOO_SLOW).send(send)
                return
            # Werkzeug would take a body that is still called chunked for an endless one.
            environ.pop("HTTP_TRANSFER_ENCODING", None)
            environ["CONTENT_LENGTH"] = str(length)
        environ["wsgi.input"] = BytesIO(body)
        answer = self._call(environ)
        # Taken out, since it refers to the environ: a circle would be garbage that somebody has to look for.
        exchange: Exchange | None = environ.pop(EXCHANGE, None)
        if exchange is not None and exchange.outcome is not None:
            await self._deliver(answer, exchange, scope["extensions"][TRANSPORT], receive, send)
        elif exchange is not None and exchange.streams:
            await stream(answer, exchange.sandbox, receive, send, self.pauses)
        else:
            await answer.send(send)

    async def _deliver(
        self, answer: Answer, exchange: Exchange, transport: asyncio.Transport, receive: Receive, send: Send
    ) -> None:
        """Send what a fault is about, and tell the journal when that is over."""
        complete = False
        try:
            if exchange.outcome is not None:
                complete = await deliver(answer, exchange.outcome, transport, receive, send, self.pauses)
        finally:
            if exchange.entry is not None:
                error = None if complete else "The client left before its answer was complete."
                exchange.entry.ended(exchange.stopwatch.seconds, error)

    def _environ(self, scope: Scope) -> dict[str, Any]:
        environ = self._base.copy()
        raw_path: bytes = scope["raw_path"]
        path = unquote_to_bytes(raw_path) if b"%" in raw_path else raw_path
        host, port = scope["server"] or ("localhost", 80)
        environ["REQUEST_METHOD"] = scope["method"]
        environ["RAW_PATH"] = raw_path.decode("latin-1")
        environ["PATH_INFO"] = path.decode("latin-1")
        environ["QUERY_STRING"] = scope["query_string"].decode("latin-1")
        environ["SERVER_PROTOCOL"] = f"HTTP/{scope['http_version']}"
        environ["SERVER_NAME"] = host
        environ["SERVER_PORT"] = str(port)
        environ["REMOTE_ADDR"] = scope["client"][0] if scope["client"] else ""
        environ["wsgi.url_scheme"] = scope["scheme"]
        environ[SENT_HEADERS] = headers = _sent(tuple(scope["headers"]))
        environ.update(headers)
        return environ

    async def _read(self, receive: Receive) -> tuple[bytes, int]:
        """The body, or nothing of one over the limit, and its length."""
        parts: list[bytes] = []
        length = 0
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise _ClientGone
            part: bytes = message.get("body", b"")
            length += len(part)
            if length <= self._body_limit:
                parts.append(part)
            else:
                parts.clear()
            more = message.get("more_body", False)
        return b"".join(parts), length

    def _call(self, environ: dict[str, Any]) -> Answer:
        started: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], _exc_info: Any = None) -> None:
            started[:] = (status, headers)

        result = self._app(environ, start_response)
        try:
            payload = b"".join(result)
        finally:
            close = getattr(result, "close", None)
            if close is not None:
                close()
        headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in started[1]]
        return Answer(int(started[0][:3]), headers, payload)


def _sent(headers: Headers) -> tuple[tuple[str, str], ...]:
    """Headers as the environ has them. What is remembered must not grow with what a client thinks of."""
    usual = (
        len(headers) <= _USUAL_COUNT and sum([len(name) + len(value) for name, value in headers]) <= _USUAL_BYTES
    )
    return _in_environ(headers) if usual else _in_environ.__wrapped__(headers)


@lru_cache(128)
def _in_environ(headers: Headers) -> tuple[tuple[str, str], ...]:
    """Headers as the environ has them. A client sends much the same with each request."""
    found: dict[str, str] = {}
    for name, value in headers:
        if b"_" in name:
            continue  # it could pose as another
        key = _environ_key(name)
        text = value.decode("latin-1")
        found[key] = f"{found[key]}{'; ' if key == 'HTTP_COOKIE' else ','}{text}" if key in found else text
    return tuple(found.items())


def _environ_key(name: bytes) -> str:
    key = name.decode("latin-1").upper().replace("-", "_")
    return key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
