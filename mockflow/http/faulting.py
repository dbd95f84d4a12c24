"""Faults in a request's way: which rule fires, and what becomes of the answer.

What is to happen on the connection itself is the `Outcome` that goes along with the reply.
"""

from __future__ import annotations

import re
from functools import partial

from flask import Response

from mockflow.errors import InvalidInput, TooManyRequests
from mockflow.faults.effects import Outcome, Victim
from mockflow.faults.engine import Hit
from mockflow.faults.grammar import parse
from mockflow.faults.matching import Facts
from mockflow.faults.quota import Quota
from mockflow.http import parsing
from mockflow.http.answers import injected_answer
from mockflow.http.arrival import Environ
from mockflow.http.exchange import Exchange

HEADER = "X-Mockflow-Fault"

_PREFERRED = r"(?i)(?:^|[,;\s])code\s*=\s*\"?(\w{1,20})"


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
    breaking = hit.effect if hit.effect is not None and hit.effect.breaks else None
    exchange.outcome = Outcome(delay + hit.delay_seconds, hit.bytes_per_second, breaking)
    if hit.effect is None or hit.after:
        return None
    instead = hit.effect.instead(_victim(exchange))
    exchange.caller_known = False  # the session may be over
    return None if instead is None else injected_answer(instead)


def after(exchange: Exchange, response: Response) -> Response:
    """Replace the answer of an operation that was carried out, and name the rule that fired."""
    hit = exchange.hit
    if hit is not None:
        if hit.after and hit.effect is not None:
            instead = hit.effect.afterwards(_victim(exchange), response.get_data())
            response = response if instead is None else injected_answer(instead)
        response.headers[HEADER] = hit.rule_id
    standing = exchange.standing
    if standing is not None:
        response.headers["RateLimit-Limit"] = str(standing.limit)
        response.headers["RateLimit-Remaining"] = str(standing.remaining)
        response.headers["RateLimit-Reset"] = str(standing.reset)
    return response


def _count(exchange: Exchange, quota: Quota) -> None:
    known = exchange.identified() is not None
    caller = f"session {exchange.token}" if known else f"address {exchange.arrival.remote}"
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
        body = partial(parsing.content_as_sent, exchange)
        return Facts(operation.name, exchange.method, exchange.path, email, body)

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
    text = environ.get("HTTP_X_MOCKFLOW_FAULT")
    if text is not None:
        try:
            return HEADER, parse(text)
        except InvalidInput as error:
            raise InvalidInput(f"The header {HEADER} cannot be used: {error.message}", error.offences) from None
    preferred = re.search(_PREFERRED, environ.get("HTTP_PREFER", ""))
    if preferred is None:
        return None
    code = preferred[1]
    return "Prefer", {"id": "prefer", "effect": {"status": int(code) if code.isdecimal() else code}}


def _victim(exchange: Exchange) -> Victim:
    return Victim(exchange.sandbox.world, exchange.token)
