"""Requests into the journal: what is kept of one, and what listeners are told."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from typing import Any

from mockflow.clock import Stopwatch
from mockflow.domain.outbox import shown
from mockflow.faults.effects import Wire
from mockflow.http.exchange import SENT_HEADERS, Exchange
from mockflow.http.parsing import JSON_LIMIT
from mockflow.journal import BODY_LIMIT, Entry, Part, entry_id
from mockflow.journal.redaction import body as without_secrets
from mockflow.journal.redaction import header, query, text
from mockflow.sandbox import Sandbox

_HEADER = "X-Mockflow-Request-Id"

_MOST_DIGITS = 18
_USUAL_COUNT = 64
_USUAL_HEADERS = 4096
"""Characters; more or larger headers are not worth remembering."""
_USUAL_LINE = 160
"""Characters; a header that is longer is not worth remembering, either."""

_BROKEN = {
    "reset": "The fault {} reset the connection.",
    "empty": "The fault {} closed the connection without an answer.",
    "truncate": "The fault {} closed the connection in the middle of the body.",
    "garbage": "The fault {} sent bytes that are not HTTP.",
    None: "The fault {} let the client wait, and closed the connection.",
}


def id_header(number: int) -> tuple[str, str]:
    """The header that names a request's entry."""
    return _HEADER, entry_id(number)


def record(exchange: Exchange, number: int, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
    """Put a request and its answer into the journal."""
    sandbox, hit, wire = exchange.sandbox, exchange.hit, exchange.wire
    environ, caller = exchange.environ, exchange.identified()
    entry = exchange.entry = Entry(
        number=number,
        at=exchange.arrived or sandbox.world.clock.now(),
        method=exchange.method,
        path=exchange.path,
        query=_query(environ),
        operation=None if exchange.operation is None else exchange.operation.name,
        user=None if caller is None else caller["email"],
        status=None if wire is not None and wire.disconnect != "truncate" else status,
        seconds=None if exchange.held_back else exchange.stopwatch.seconds,
        fault=None if hit is None else hit.rule_id,
        error=_error(exchange, wire),
        request=_request_part(environ),
        response=Part.kept(_lines(headers), body, len(body)),
    )
    _keep(sandbox, entry)


def record_unanswered(
    sandbox: Sandbox, environ: dict[str, Any], stopwatch: Stopwatch, status: int | None, error: str
) -> None:
    """Put a request into the journal that broke off before the app saw it."""
    entry = Entry(
        number=sandbox.journal.next_number(),
        at=sandbox.world.clock.now(),
        method=environ["REQUEST_METHOD"],
        path=_decoded(environ["PATH_INFO"]),
        query=_query(environ),
        operation=None,
        user=None,
        status=status,
        seconds=stopwatch.seconds,
        fault=None,
        error=error,
        request=_request_part(environ, whole=False),
        response=Part.kept("", b"", 0),
    )
    _keep(sandbox, entry)


def _keep(sandbox: Sandbox, entry: Entry) -> None:
    sandbox.journal.keep(entry)
    if sandbox.feed:
        _tell(sandbox, entry)


def _error(exchange: Exchange, wire: Wire | None) -> str | None:
    """What the fault did to the answer, or why mockflow failed: what an exception says may have come with the
    request."""
    if wire is not None and exchange.hit is not None:
        return _BROKEN[wire.disconnect].format(exchange.hit.rule_id)
    return None if exchange.failure is None else text(exchange.failure)


def _query(environ: dict[str, Any]) -> str:
    sent = environ.get("QUERY_STRING")
    return query(_decoded(sent)) if sent else ""


def _decoded(value: str) -> str:
    """Text from what WSGI has of it: its bytes, each as one character."""
    return value.encode("latin-1", "replace").decode(errors="replace")


def _request_part(environ: dict[str, Any], *, whole: bool = True) -> Part:
    stream = environ.get("wsgi.input")
    content = stream.getvalue() if isinstance(stream, BytesIO) else b""
    size = max(len(content), _length(environ))
    whole = whole and len(content) == size
    if environ.get("CONTENT_TYPE", "").strip().lower().startswith("multipart/"):
        content, whole = b"", False  # files
    elif len(content) > JSON_LIMIT:
        content, whole = content[:BODY_LIMIT], False
    return Part.kept(_sent_headers(environ), without_secrets(content), size, cut=not whole)


def _sent_headers(environ: dict[str, Any]) -> str:
    """The headers of a request, a line for each."""
    # A client sends much the same with each request: what was made readable once is kept for a while.
    items = environ.get(SENT_HEADERS)
    if items is None:
        items = tuple([item for item in environ.items() if _is_header(item[0])])
    usual = len(items) <= _USUAL_COUNT and sum([len(key) + len(value) for key, value in items]) <= _USUAL_HEADERS
    return _readable(items) if usual else _readable.__wrapped__(items)


def _is_header(key: str) -> bool:
    return key.startswith("HTTP_") or key in _OTHER_NAMES


@lru_cache(256)
def _readable(items: tuple[tuple[str, str], ...]) -> str:
    return _lines([(_header_name(key), value) for key, value in items if value])


def _length(environ: dict[str, Any]) -> int:
    """What the client says the body's length is; more than was read of one that is too large."""
    length = environ.get("CONTENT_LENGTH") or ""
    return int(length) if length.isdecimal() and len(length) <= _MOST_DIGITS else 0


_OTHER_NAMES = {"CONTENT_TYPE": "Content-Type", "CONTENT_LENGTH": "Content-Length"}


def _header_name(key: str) -> str:
    """The name of a header by its key in the WSGI environ."""
    return _OTHER_NAMES.get(key) or key[5:].replace("_", "-").title()


def _lines(headers: list[tuple[str, str]]) -> str:
    """One for each header, without secrets."""
    return "\n".join(
        [(_line if len(name) + len(value) <= _USUAL_LINE else _long_line)(name, value) for name, value in headers]
    )


@lru_cache(512)
def _line(name: str, value: str) -> str:
    return f"{name}: {header(name, value)}"


_long_line = _line.__wrapped__


def _tell(sandbox: Sandbox, entry: Entry) -> None:
    """Listeners learn of the request, the rule that fired for it, and the messages it sent."""
    feed = sandbox.feed
    feed.tell("request", entry.summary())
    if entry.fault is not None:
        feed.tell("fault", {"fault": entry.fault, "hits": sandbox.faults.hits(entry.fault), "request": entry.id})
    for message in sandbox.world.outbox.news():
        feed.tell("message", shown(message))
