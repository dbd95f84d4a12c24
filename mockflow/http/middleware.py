"""What every request meets: its sandbox, preflights, faults; then caching, CORS, the journal, one log line."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote

import orjson
from flask import Response

from mockflow.clock import iso
from mockflow.errors import ControlRefused
from mockflow.http import exchange as exchanges
from mockflow.http import faulting, journaling, pages
from mockflow.http.control import guard
from mockflow.http.control.routes import refuse_stray_parameters
from mockflow.http.cors import Cors
from mockflow.http.exchange import EXCHANGE, Exchange
from mockflow.http.lean import LeanFlask
from mockflow.http.sandboxing import sandbox_name, take_prefix
from mockflow.sandbox import Sandbox
from mockflow.sandboxes import Sandboxes

Headers = list[tuple[str, str]]
_UNCACHED = ("Cache-Control", "no-store, private")


class Surroundings:
    """The WSGI app around a Flask app: what it does to each answer, whatever made that, is done to plain lists.

    `log` gets one line a request; None keeps none.
    """

    def __init__(self, app: LeanFlask, sandboxes: Sandboxes, log: Callable[[str], None] | None) -> None:
        self._app = app
        self._sandboxes = sandboxes
        self._cors = Cors(sandboxes.settings.cors_origins)
        self._log = log
        self._as_line = _json_line if sandboxes.settings.log_format == "json" else _text_line
        app.begin, app.end = self._begin, faulting.after_current

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        take_prefix(environ)
        response = self._app.answer(environ)
        exchange: Exchange = environ[EXCHANGE]
        body = response.get_data()
        headers = list(response.headers)  # with the body's length
        if exchange.method == "HEAD":
            body = b""
        self._end(exchange, response.status_code, headers, body)
        start_response(response.status, headers)
        return (body,)

    def _begin(self) -> Response | None:
        exchange = exchanges.begin(self._sandboxes.default)
        if exchange.is_control:
            self._begin_control(exchange)
            return None
        exchange.sandbox = self._sandbox_of(exchange.environ)
        exchange.arrived = exchange.sandbox.world.clock.now()
        return self._cors.preflight(exchange.request) or faulting.before(exchange)

    def _begin_control(self, exchange: Exchange) -> None:
        """Find the sandbox of a call that is allowed: one that is refused makes none."""
        is_page = pages.is_file() or pages.is_root()
        (guard.check_page if is_page else guard.check)(self._sandboxes.settings)
        if pages.is_file():
            return  # the same for all sandboxes: a tab that is left open brings none back
        exchange.sandbox = self._sandbox_of(exchange.environ)
        if not is_page:
            refuse_stray_parameters()

    def _sandbox_of(self, environ: dict[str, Any]) -> Sandbox:
        """That of a request. A page of some website could fill the server with new ones, so it makes none."""
        name = sandbox_name(environ)
        if self._cors.is_foreign(environ) and self._sandboxes.known(name) is None:
            raise ControlRefused(
                f"Pages of another origin make no sandbox: {name!r} is not there yet. --cors-origin lets one in."
            )
        return self._sandboxes.named(name)

    def _end(self, exchange: Exchange, status: int, headers: Headers, body: bytes) -> None:
        if exchange.is_control:
            headers.append(_UNCACHED)
        else:
            if not exchange.path.startswith("/avatars/"):
                headers.append(_UNCACHED)
            number = exchange.sandbox.journal.next_number()
            headers.append(journaling.id_header(number))
            self._cors.decorate(exchange.environ, headers)
            journaling.record(exchange, number, status, headers, body)
        if self._log is not None:
            self._log(self._as_line(exchange, status))


def _sent_path(exchange: Exchange) -> str:
    """As it was sent: still percent-encoded, so that nothing in it can end the line; never its query."""
    return str(exchange.environ.get("RAW_PATH") or quote(exchange.path))[:500]


def _time(exchange: Exchange) -> str:
    return iso(exchange.arrived or exchange.sandbox.world.clock.now())


def _json_line(exchange: Exchange, status: int) -> str:
    facts = {
        "event": "request",
        "time": _time(exchange),
        "method": exchange.method,
        "path": _sent_path(exchange),
        "status": None if exchange.wire else status,
        "ms": round(exchange.stopwatch.seconds * 1000, 2),
        "operation": exchange.operation.name if exchange.operation else None,
        "user": exchange.caller["email"] if exchange.caller else None,
        "fault": exchange.hit.rule_id if exchange.hit else None,
        "sandbox": exchange.sandbox.name,
    }
    return orjson.dumps(facts).decode()


def _text_line(exchange: Exchange, status: int) -> str:
    operation = f" {exchange.operation.name}" if exchange.operation else ""
    who = f" ({exchange.caller['email']})" if exchange.caller else ""
    fault = f" fault={exchange.hit.rule_id}" if exchange.hit else ""
    said = "-" if exchange.wire else status
    ms = f"{exchange.stopwatch.seconds * 1000:.2f} ms"
    return f"{_time(exchange)} {exchange.method} {_sent_path(exchange)} {said} {ms}{operation}{who}{fault}"
