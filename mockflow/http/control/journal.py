"""The control API's routes for the journal and the feed of events (`docs/journal.md`)."""

from __future__ import annotations

from dataclasses import asdict

from flask import Response

from mockflow import models
from mockflow.http.answers import answer, answer_with
from mockflow.http.exchange import Exchange
from mockflow.journal import Criteria, listing, verify


def list_requests(exchange: Exchange, query: models.journal.RequestFilter) -> Response:
    """Oldest first, with headers and bodies."""
    criteria = Criteria(operation=query.operation, method=query.method, path=query.path, status=query.status)
    journal = exchange.sandbox.journal
    found = journal.matching(criteria, since=query.since, limit=query.limit)
    return answer_with(200, b"".join(listing(found, journal.evicted)))


def show_request(exchange: Exchange, request_id: str) -> Response:
    """One of them."""
    return answer(200, exchange.sandbox.journal.one(request_id).described())


def clear_requests(exchange: Exchange) -> Response:
    """Forget them; ids go on."""
    return answer(200, {"deleted": exchange.sandbox.journal.clear()})


def verify_requests(exchange: Exchange, body: models.journal.Verification) -> Response:
    """Whether as many requests match as expected; never an error where they do not."""
    criteria = Criteria(**body.match.given(), where=("match",))
    verdict = verify(exchange.sandbox.journal, criteria, body.count.atLeast, body.count.atMost)
    return answer(200, asdict(verdict))


def stream_events(exchange: Exchange) -> Response:
    """Server-sent events: one for each journaled request, fault hit, outbox message and reset."""
    exchange.sandbox.feed.check_room()
    exchange.streams = exchange.method == "GET"  # a HEAD wants no events
    response = Response(": listening\n\n", 200, content_type="text/event-stream")
    response.headers["X-Accel-Buffering"] = "no"  # nginx would keep events back
    return response
