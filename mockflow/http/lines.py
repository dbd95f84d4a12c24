"""The log's one line for each request, as text or JSON. It never has the query, which may hold a secret."""

from __future__ import annotations

from collections.abc import Callable

import orjson

from mockflow.clock import iso
from mockflow.http.exchange import Exchange

_LONGEST = 500

Line = Callable[[Exchange, int], str]
"""From a request and its status to its line."""


def _sent_path(exchange: Exchange) -> str:
    """As it was sent: still percent-encoded, so that nothing in it can end the line."""
    return exchange.arrival.target[:_LONGEST]


def _time(exchange: Exchange) -> str:
    return iso(exchange.arrived or exchange.sandbox.world.clock.now())


def _json_line(exchange: Exchange, status: int) -> str:
    facts = {
        "event": "request",
        "time": _time(exchange),
        "method": exchange.method,
        "path": _sent_path(exchange),
        "status": None if exchange.breaking else status,
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
    said = "-" if exchange.breaking else status
    ms = f"{exchange.stopwatch.seconds * 1000:.2f} ms"
    return f"{_time(exchange)} {exchange.method} {_sent_path(exchange)} {said} {ms}{operation}{who}{fault}"


AS_JSON: Line = _json_line
AS_TEXT: Line = _text_line
