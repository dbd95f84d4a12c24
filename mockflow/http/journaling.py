"""Requests into the journal: what is kept of one, and what listeners are told."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from mockflow.domain.outbox import shown
from mockflow.http.arrival import Arrival, Headers, SentHeaders, as_text
from mockflow.http.exchange import Exchange
from mockflow.http.parsing import JSON_LIMIT
from mockflow.journal import BODY_LIMIT, Entry, Part, entry_id
from mockflow.journal.redaction import body as without_secrets
from mockflow.journal.redaction import header, query, text
from mockflow.sandbox import Sandbox

_HEADER = "X-Mockflow-Request-Id"

_USUAL_COUNT = 64
_USUAL_HEADERS = 4096
"""Characters; more or larger headers are not worth remembering."""
_OPEN = frozenset(
    "Date Content-Type Content-Length Cache-Control X-Mockflow-Request-Id Vary Access-Control-Allow-Origin "
    "Access-Control-Allow-Credentials Access-Control-Expose-Headers Retry-After Allow".split()
)
"""What of an answer's headers has no secret."""
_USUAL_LINE = 160
"""Characters; a header that is longer is not worth remembering, either."""


def id_header(number: int) -> tuple[str, str]:
    """The header that names a request's entry."""
    return _HEADER, entry_id(number)


def record(exchange: Exchange, number: int, status: int | None, headers: Headers, body: bytes, size: int) -> None:
    """Put a request and its answer into the journal; without a `status` there was none.

    `body` is what the answer's begins with, `size` how many bytes that has in all.
    """
    sandbox, hit, breaking = exchange.sandbox, exchange.hit, exchange.breaking
    arrival, caller = exchange.arrival, exchange.identified()
    entry = exchange.entry = Entry(
        number=number,
        at=exchange.arrived or sandbox.world.clock.now(),
        method=exchange.method,
        path=exchange.path,
        query=query(as_text(arrival.query[:BODY_LIMIT])) if arrival.query else "",
        query_cut=len(arrival.query) > BODY_LIMIT,
        operation=None if exchange.operation is None else exchange.operation.name,
        user=None if caller is None else caller["email"],
        status=status if breaking is None or breaking.shows_status else None,
        seconds=None if exchange.held_back else exchange.stopwatch.seconds,
        fault=None if hit is None else hit.rule_id,
        error=_error(exchange),
        request=_request_part(arrival, whole=arrival.is_whole and not exchange.broke_off),
        response=Part.kept(_answered(headers), body, size, cut=size > len(body)),
    )
    sandbox.journal.keep(entry)
    if sandbox.feed:
        _tell(sandbox, entry)


def when_ended(exchange: Exchange) -> Callable[[str | None], None] | None:
    """What is to be called when an answer that is held back was sent, or with the reason why it was not."""
    if not exchange.held_back:
        return None

    def ended(error: str | None) -> None:
        if exchange.entry is not None:
            exchange.entry.ended(exchange.stopwatch.seconds, error)

    return ended


def _error(exchange: Exchange) -> str | None:
    """What the fault did to the answer, or why mockflow failed: what an exception says may have come with the
    request."""
    breaking = exchange.breaking
    if breaking is not None and breaking.breaks is not None and exchange.hit is not None:
        return breaking.breaks.format(exchange.hit.rule_id)
    return None if exchange.failure is None else text(exchange.failure)


def _request_part(arrival: Arrival, *, whole: bool) -> Part:
    content, size = arrival.body, arrival.size
    if content and _is_form(arrival):
        content, whole = b"", False  # files
    elif len(content) > JSON_LIMIT:
        content, whole = content[:BODY_LIMIT], False
    return Part.kept(_sent_headers(arrival.headers), without_secrets(content), size, cut=not whole)


def _is_form(arrival: Arrival) -> bool:
    sent = next((value for name, value in arrival.headers if name == "CONTENT_TYPE"), "")
    return sent.strip().lower().startswith("multipart/")


def _sent_headers(items: SentHeaders) -> str:
    """The headers of a request, a line for each."""
    # A client sends much the same with each request: what was made readable once is kept for a while.
    usual = len(items) <= _USUAL_COUNT and sum([len(key) + len(value) for key, value in items]) <= _USUAL_HEADERS
    return _readable(items) if usual else _readable.__wrapped__(items)


@lru_cache(256)
def _readable(items: tuple[tuple[str, str], ...]) -> str:
    return _lines([(_header_name(key), value) for key, value in items if value])


_OTHER_NAMES = {"CONTENT_TYPE": "Content-Type", "CONTENT_LENGTH": "Content-Length"}


def _header_name(key: str) -> str:
    """The name of a header by its key in the WSGI environ."""
    return _OTHER_NAMES.get(key) or key[5:].replace("_", "-").title()


def _answered(headers: Headers) -> str:
    """The headers of an answer, a line for each; most are ours, and without a secret."""
    return "\n".join([f"{name}: {value}" if name in _OPEN else _long_line(name, value) for name, value in headers])


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
