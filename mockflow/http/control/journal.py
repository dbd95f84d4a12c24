"""The control API's routes for the journal and the feed of events (`docs/journal.md`)."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial

import orjson
from flask import Response

from mockflow import __version__, models
from mockflow.http.answers import answer, answer_in_pieces, answer_with
from mockflow.http.exchange import Exchange
from mockflow.http.later import Later
from mockflow.journal.coach import coached
from mockflow.journal.criteria import Criteria
from mockflow.journal.har import har
from mockflow.journal.listing import listing
from mockflow.journal.verdict import verifying
from mockflow.sandboxes import DEFAULT


def list_requests(exchange: Exchange, query: models.journal.RequestFilter) -> Later:
    """Oldest first, with headers and bodies."""
    criteria = Criteria(operation=query.operation, method=query.method, path=query.path, status=query.status)
    journal = exchange.sandbox.journal
    steps = journal.matching(criteria, since=query.since, limit=query.limit, text=query.text)
    return Later(lambda found: answer_in_pieces(listing(found, journal.evicted)), steps=steps)


def show_request(exchange: Exchange, request_id: str) -> Response:
    """One of them."""
    return answer(200, exchange.sandbox.journal.one(request_id).described())


def show_findings(exchange: Exchange) -> Later:
    """What the client did wrong, as the coach sees it."""
    entries = exchange.sandbox.journal.entries()

    def found() -> bytes:
        findings = coached([entry.described() for entry in entries])
        return orjson.dumps({"findings": [finding._asdict() for finding in findings]})

    return Later(partial(answer_with, 200), work=found)


def show_har(exchange: Exchange) -> Response:
    """The journal as HAR 1.2."""
    entries, name = exchange.sandbox.journal.entries(), exchange.sandbox.name
    inside = exchange.prefix or name == DEFAULT
    base_url = exchange.address if inside else f"{exchange.address}/s/{name}"
    return answer_in_pieces(har(entries, base_url, __version__))


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
