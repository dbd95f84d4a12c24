"""Faults in a request's way: which rule fires, and what becomes of the answer.

What happens to the connection itself is left in the exchange as an `Outcome`; the server sees to it.
"""

from __future__ import annotations

import re
from typing import Any

from flask import Response, request

from mockflow.domain import accounts
from mockflow.errors import InvalidInput, NotSignedIn, TooManyRequests
from mockflow.faults.effects import Outcome, Wire
from mockflow.faults.engine import Hit
from mockflow.faults.grammar import parse
from mockflow.faults.matching import Facts
from mockflow.faults.quota import Quota
from mockflow.http import parsing
from mockflow.http.answers import answer, error_answer, injected_answer
from mockflow.http.exchange import Exchange, current

Environ = dict[str, Any]

HEADER = "X-Mockflow-Fault"

_BROKEN_JSON = b'{"msg":"This JSON breaks o'
_PREFERRED = re.compile(r"(?:^|[,;\s])code\s*=\s*\"?(\w{1,20})", re.IGNORECASE)


def before(exchange: Exchange) -> Response | None:
    """Count the request against the quota, look for a fault, and give the answer instead, if there is one."""
    sandbox = exchange.sandbox
    delay = sandbox.settings.latency_ms / 1000
    if delay:
        exchange.outcome = Outcome(delay)
    if sandbox.quota is not None:
        _count(exchange, sandbox.quota)
    hit = _hit(exchange)
    if hit is None:
        return None
    exchange.hit = hit
    wire = hit.effect.wire if hit.effect else None
    exchange.outcome = Outcome(delay + hit.delay_seconds, hit.bytes_per_second, wire)
    return None if hit.after else _instead(exchange, hit)


def after_current(response: Response) -> Response:
    """As `after`, for the current request; most have nothing to be done."""
    exchange = current()
    untouched = exchange.hit is None and exchange.standing is None
    return response if untouched else after(exchange, response)


def after(exchange: Exchange, response: Response) -> Response:
    """Replace the answer of an operation that was carried out, and name the rule that fired."""
    hit = exchange.hit
    if hit is not None:
        if hit.after:
            response = _replaced(exchange, hit, response)
        response.headers[HEADER] = hit.rule_id
    standing = exchange.standing
    if standing is not None:
        response.headers["RateLimit-Limit"] = str(standing.limit)
        response.headers["RateLimit-Remaining"] = str(standing.remaining)
        response.headers["RateLimit-Reset"] = str(standing.reset)
    return response


def _count(exchange: Exchange, quota: Quota) -> None:
    known = exchange.identified() is not None
    caller = f"session {exchange.token}" if known else f"address {exchange.request.remote_addr}"
    standing = exchange.standing = quota.count(caller)
    if standing.refused:
        message = f"Too many requests: {quota.limit} in {quota.seconds} seconds are allowed."
        raise TooManyRequests(message, standing.reset)


def _hit(exchange: Exchange) -> Hit | None:
    faults, operation = exchange.sandbox.faults, exchange.operation
    own = _rule_of_request(exchange.environ)
    if operation is None or (own is None and not faults):
        return None

    def facts() -> Facts:
        user = exchange.identified()
        email = None if user is None else user["email"]
        return Facts(operation.name, exchange.method, exchange.path, email, parsing.content_as_sent)

    if own is not None:
        name, rule = own
        try:
            hit = faults.alone(rule, facts)
        except InvalidInput as error:
            raise InvalidInput(f"The header {name} cannot be used: {error.message}", error.offences) from None
        if hit is not None:
            return hit
    return faults.find(facts)


def _rule_of_request(environ: Environ) -> tuple[str, object] | None:
    """The rule that came along in a header, and the header's name."""
    if not ("HTTP_X_MOCKFLOW_FAULT" in environ or "HTTP_PREFER" in environ):
        return None
    text = request.headers.get(HEADER)
    if text is not None:
        try:
            return HEADER, parse(text)
        except InvalidInput as error:
            raise InvalidInput(f"The header {HEADER} cannot be used: {error.message}", error.offences) from None
    preferred = _PREFERRED.search(request.headers.get("Prefer", ""))
    if preferred is None:
        return None
    code = preferred[1]
    return "Prefer", {"id": "prefer", "effect": {"status": int(code) if code.isdecimal() else code}}


def _instead(exchange: Exchange, hit: Hit) -> Response | None:
    """The answer without the operation; None lets it go on."""
    effect = hit.effect
    if effect is None:
        return None
    if effect.ends_session:
        _end_session(exchange)
        exchange.caller_known = False  # what follows finds no session
        return None
    if effect.injected is not None:
        return injected_answer(effect.injected)
    if effect.breaks_json:
        return Response(_BROKEN_JSON, 200, content_type="application/json; charset=utf-8")
    return _unsent(effect.wire)


def _replaced(exchange: Exchange, hit: Hit, response: Response) -> Response:
    """The answer after the operation was carried out."""
    effect = hit.effect
    if effect is None:
        return response
    if effect.ends_session:
        _end_session(exchange)
        return error_answer(NotSignedIn("Sign in first: the session has expired."))
    if effect.injected is not None:
        return injected_answer(effect.injected)
    if effect.breaks_json:
        content = response.get_data()
        response.set_data(content[: len(content) * 2 // 3])
        response.status_code = 200
    return response


def _end_session(exchange: Exchange) -> None:
    sandbox, token = exchange.sandbox, exchange.token
    with sandbox.store.transaction():
        if token is not None and sandbox.store.sessions.find(token) is not None:
            accounts.end_session(sandbox.world, token)


def _unsent(wire: Wire | None) -> Response:
    """What a connection that breaks carries: half of it where it is truncated, which has to look like a success.

    Of the rest, only a client of the app alone, without the server, sees anything.
    """
    truncated = wire is not None and wire.disconnect == "truncate"
    message = "The connection breaks here."
    return answer(200 if truncated else 500, {"message": message, "msg": message})
