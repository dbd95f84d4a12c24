"""Requests into the journal: what is kept of one, and what listeners are told."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from flask import Response, g, request

from mockflow.clock import Stopwatch
from mockflow.domain import accounts
from mockflow.faults.effects import Wire
from mockflow.faults.engine import Hit
from mockflow.http import auth, faulting
from mockflow.http.binding import current_operation
from mockflow.http.parsing import JSON_LIMIT
from mockflow.journal import BODY_LIMIT, Entry, Part, entry_id
from mockflow.redaction import body as without_secrets
from mockflow.redaction import header, query, text
from mockflow.sandbox import Sandbox

HEADER = "X-Mockflow-Request-Id"
JOURNALED = "mockflow.journaled"
"""Where the WSGI environ has the entry of a request whose answer is still to be sent, and its stopwatch."""
DELIVERS = "mockflow.delivers"
"""Whether a server sees to what becomes of an answer on its way."""

_MOST_DIGITS = 18

_BROKEN = {
    "reset": "The fault {} reset the connection.",
    "empty": "The fault {} closed the connection without an answer.",
    "truncate": "The fault {} closed the connection in the middle of the body.",
    "garbage": "The fault {} sent bytes that are not HTTP.",
    None: "The fault {} let the client wait, and closed the connection.",
}


def record(sandbox: Sandbox, response: Response) -> Response:
    """Put the current request and its answer into the journal, and its id into the answer."""
    environ = request.environ
    journal = sandbox.journal
    number = journal.next_number()
    response.headers[HEADER] = entry_id(number)
    hit: Hit | None = environ.get(faulting.HIT)
    outcome = environ.get(faulting.OUTCOME)
    wire: Wire | None = None if outcome is None else outcome.wire
    held_back = outcome is not None and DELIVERS in environ
    operation = current_operation()
    entry = Entry(
        number=number,
        at=g.get("arrived") or sandbox.world.clock.now(),
        method=request.method,
        path=request.path,
        query=_query(environ),
        operation=None if operation is None else operation.name,
        user=_user(sandbox),
        status=None if wire is not None and wire.disconnect != "truncate" else response.status_code,
        seconds=None if held_back else g.stopwatch.seconds,
        fault=None if hit is None else hit.rule_id,
        error=_failure() if wire is None or hit is None else _BROKEN[wire.disconnect].format(hit.rule_id),
        request=_request_part(environ),
        response=_response_part(response),
    )
    if held_back:
        environ[JOURNALED] = (entry, g.stopwatch)
    journal.keep(entry)
    if sandbox.feed:
        _tell(sandbox, entry)
    return response


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
    sandbox.journal.keep(entry)
    if sandbox.feed:
        _tell(sandbox, entry)


def _user(sandbox: Sandbox) -> str | None:
    user = g.get("user")
    if user is None and (token := auth.token()) is not None:
        user = accounts.user_of(sandbox.world, token)
    return None if user is None else str(user["email"])


def _failure() -> str | None:
    """Why mockflow failed; what an exception says may have come with the request."""
    failure: str | None = g.get("failure")
    return None if failure is None else text(failure)


def _query(environ: dict[str, Any]) -> str:
    return query(_decoded(environ.get("QUERY_STRING", "")))


def _decoded(value: str) -> str:
    """Text from what WSGI has of it: its bytes, each as one character."""
    return value.encode("latin-1", "replace").decode(errors="replace")


def _request_part(environ: dict[str, Any], *, whole: bool = True) -> Part:
    lines = [
        f"{name}: {header(name, value)}"
        for key, value in environ.items()
        if (name := _header_name(key)) is not None and value
    ]
    stream = environ.get("wsgi.input")
    content = stream.getvalue() if isinstance(stream, BytesIO) else b""
    size = max(len(content), _length(environ))
    whole = whole and len(content) == size
    if environ.get("CONTENT_TYPE", "").strip().lower().startswith("multipart/"):
        content, whole = b"", False  # files
    elif len(content) > JSON_LIMIT:
        content, whole = content[:BODY_LIMIT], False
    return Part.kept("\n".join(lines), without_secrets(content), size, cut=not whole)


def _length(environ: dict[str, Any]) -> int:
    """What the client says the body's length is; more than was read of one that is too large."""
    length = environ.get("CONTENT_LENGTH") or ""
    return int(length) if length.isdecimal() and len(length) <= _MOST_DIGITS else 0


_OTHER_NAMES = {"CONTENT_TYPE": "Content-Type", "CONTENT_LENGTH": "Content-Length"}


def _header_name(key: str) -> str | None:
    if key.startswith("HTTP_"):
        return key[5:].replace("_", "-").title()
    return _OTHER_NAMES.get(key)


def _response_part(response: Response) -> Part:
    lines = [f"{name}: {header(name, value)}" for name, value in response.headers]
    content = response.get_data()
    return Part.kept("\n".join(lines), content, len(content))


def _tell(sandbox: Sandbox, entry: Entry) -> None:
    """Listeners learn of the request, the rule that fired for it, and the messages it sent."""
    feed = sandbox.feed
    feed.tell("request", entry.summary())
    if entry.fault is not None:
        feed.tell("fault", {"fault": entry.fault, "hits": sandbox.faults.hits(entry.fault), "request": entry.id})
    for message in feed.unknown(sandbox.world.outbox.messages()):
        feed.tell("message", {key: value for key, value in message.items() if key != "code" or value is not None})
