"""The control API's routes for the journal and the feed of events (`docs/journal.md`)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Response

from mockflow import __version__, models
from mockflow.http.answers import JSON_TYPE, answer
from mockflow.http.exchange import Exchange
from mockflow.http.later import Later
from mockflow.journal import Criteria, listing, verifying
from mockflow.journal.coach import coached
from mockflow.journal.har import har
from mockflow.sandboxes import DEFAULT


def list_requests(exchange: Exchange, query: models.journal.RequestFilter) -> Response:
    """Oldest first, with headers and bodies."""
    criteria = Criteria(operation=query.operation, method=query.method, path=query.path, status=query.status)
    journal = exchange.sandbox.journal
    found = journal.matching(criteria, since=query.since, limit=query.limit, text=query.text)
    return Response(listing(found, journal.evicted), content_type=JSON_TYPE)


def show_request(exchange: Exchange, request_id: str) -> Response:
    """One of them."""
    return answer(200, exchange.sandbox.journal.one(request_id).described())


def show_findings(exchange: Exchange) -> Later:
    """What the client did wrong, as the coach sees it."""
    entries = exchange.sandbox.journal.entries()

    def found() -> list[dict[str, Any]]:
        return [asdict(finding) for finding in coached([entry.described() for entry in entries])]

    return Later(lambda findings: answer(200, {"findings": findings}), work=found)


def show_har(exchange: Exchange) -> Later:
    """The journal as HAR 1.2."""
    entries, name = exchange.sandbox.journal.entries(), exchange.sandbox.name
    inside = exchange.prefix or name == DEFAULT
    base_url = exchange.address if inside else f"{exchange.address}/s/{name}"

    def archive() -> dict[str, Any]:
        return har(entries, base_url, __version__)

    return Later(lambda made: answer(200, made), work=archive)


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
