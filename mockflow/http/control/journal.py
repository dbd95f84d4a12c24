"""The control API's routes for the journal and the feed of events (`docs/journal.md`)."""

from __future__ import annotations

from dataclasses import asdict

from flask import Response

from mockflow import models
from mockflow.http.answers import JSON_TYPE, answer
from mockflow.http.exchange import Exchange
from mockflow.http.later import Later
from mockflow.journal import Criteria, listing, verifying


def list_requests(exchange: Exchange, query: models.journal.RequestFilter) -> Response:
    """Oldest first, with headers and bodies."""
    criteria = Criteria(operation=query.operation, method=query.method, path=query.path, status=query.status)
    journal = exchange.sandbox.journal
    found = journal.matching(criteria, since=query.since, limit=query.limit)
    return Response(listing(found, journal.evicted), content_type=JSON_TYPE)


def show_request(exchange: Exchange, request_id: str) -> Response:
    """One of them."""
    return answer(200, exchange.sandbox.journal.one(request_id).described())


def clear_requests(exchange: Exchange) -> Response:
    """Forget them; ids go on."""
    return answer(200, {"deleted": exchange.sandbox.journal.clear()})


def verify_requests(exchange: Exchange, body: models.journal.Verification) -> Later:
    """Whether as many requests match as expected; never an error where they do not."""
    criteria = Criteria(**body.match.given(), where=("match",))
    steps = verifying(exchange.sandbox.journal, criteria, body.count.atLeast, body.count.atMost)
    return Later(lambda verdict: answer(200, asdict(verdict)), steps=steps)


def stream_events(exchange: Exchange) -> Response:
    """Server-sent events: one for each journaled request, fault hit, outbox message and reset."""
    exchange.sandbox.feed.check_room()
    exchange.streams = exchange.method == "GET"  # a HEAD wants no events
    response = Response(": listening\n\n", 200, content_type="text/event-stream")
    response.headers["X-Accel-Buffering"] = "no"  # nginx would keep events back
    return response
