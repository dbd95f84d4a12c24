"""The control API's routes for the journal and the feed of events (`docs/journal.md`)."""

from __future__ import annotations

from dataclasses import asdict

from flask import Response, request

from mockflow import __version__, models
from mockflow.http import parsing
from mockflow.http.answers import answer
from mockflow.http.exchange import address, current, sandbox
from mockflow.journal import Criteria, verify
from mockflow.journal.coach import coached
from mockflow.journal.har import har
from mockflow.sandboxes import DEFAULT


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


def show_findings() -> Response:
    """What the client did wrong, as the coach sees it."""
    requests = [entry.described() for entry in sandbox().journal.entries()]
    return answer(200, {"findings": [asdict(finding) for finding in coached(requests)]})


def show_har() -> Response:
    """The journal as HAR 1.2."""
    base_url = address() if request.root_path or sandbox().name == DEFAULT else f"{address()}/s/{sandbox().name}"
    return answer(200, har([entry.described() for entry in sandbox().journal.entries()], base_url, __version__))


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
    ("/requests.har", "GET", show_har),
    ("/requests/findings", "GET", show_findings),
    ("/requests/<request_id>", "GET", show_request),
    ("/requests/verify", "POST", verify_requests),
    ("/events", "GET", stream_events),
)
