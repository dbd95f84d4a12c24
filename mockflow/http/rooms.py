"""How large a body may be: only an avatar's upload and a whole state are large.

It is asked before the body is read. From callers who are refused anyway, no large body is taken.
"""

from __future__ import annotations

from mockflow.errors import MockflowError
from mockflow.http.control import guard
from mockflow.http.exchange import Exchange
from mockflow.http.parsing import FORM_LIMIT

ANY_SIZE = 1 << 40
"""Bytes of a whole state, which is as large as memory allows."""


def room(exchange: Exchange) -> int:
    """Bytes that the body of a request may have beyond what any may; 0 where it may have no more."""
    endpoint = exchange.endpoint
    if endpoint == "control.PUT /data":
        return ANY_SIZE if _is_allowed(exchange) else 0
    if endpoint == "users.updateProfile":
        exchange.sandbox = exchange.sandboxes.known(exchange.sandbox_name) or exchange.sandbox
        return FORM_LIMIT if exchange.identified() is not None else 0
    return 0


def _is_allowed(exchange: Exchange) -> bool:
    try:
        guard.check(exchange)
    except MockflowError:
        return False
    return True
