"""The control API's routes for the journal and the feed of events (`docs/journal.md`)."""

from __future__ import annotations

from dataclasses import asdict

from flask import Response, request

from mockflow import models
from mockflow.http import parsing
from mockflow.http.answers import answer
from mockflow.http.exchange import current, sandbox
from mockflow.journal import Criteria, verify


def list_requests() -> Response:
    """Oldest first, with headers and bodies."""
    wanted = parsing.query(models.journal.RequestFilter)
    criteria = Criteria(operation=wanted.operation, method=wanted.method, path=wanted.path, status=wanted.status)
    journal = sandbox().journal
    found = journal.matching(criteria, since=wanted.since, limit=wanted.limit, text=wanted.text)
    return answer(200, {"requests": [entry.described() for entry in found], "evicted": journal.evicted})


def show_request(request_id: str) -> Response:
    """One of them."""
    return answer(200, sandbox().journal.one(request_id).described())


def clear_requests() -> Response:
    """Forget them; ids go on."""
    parsing.json_body(models.control.NoBody)
    return answer(200, {"deleted": sandbox().journal.clear()})


def verify_requests() -> Response:
    """Whether as many requests match as expected; never an error where they do not."""
    wanted = parsing.json_body(models.journal.Verification)
    criteria = Criteria(**wanted.match.given(), where=("match",))
    return answer(200, asdict(verify(sandbox().journal, criteria, wanted.count.atLeast, wanted.count.atMost)))


def stream_events() -> Response:
    """Server-sent events: one for each journaled request, fault hit, outbox message and reset."""
    current().streams = request.method == "GET"  # a HEAD wants no events
    response = Response(": listening\n\n", 200, content_type="text/event-stream")
    response.headers["X-Accel-Buffering"] = "no"  # nginx would keep events back
    return response


ROUTES = (
    ("/requests", "GET", list_requests),
    ("/requests", "DELETE", clear_requests),
    ("/requests/<request_id>", "GET", show_request),
    ("/requests/verify", "POST", verify_requests),
    ("/events", "GET", stream_events),
)
