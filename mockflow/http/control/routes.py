"""All calls of the control API. What a call takes is said by its view's annotations.

They are never faulted, delayed, rate limited or journaled.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response

from mockflow import __version__
from mockflow.clock import Stopwatch
from mockflow.http.answers import answer
from mockflow.http.control.calls import Route
from mockflow.http.exchange import CONTROL, Exchange

ROUTES = (
    Route("/info", "GET", "state.info"),
    Route("/reset", "POST", "state.reset"),
    Route("/accounts", "GET", "state.list_accounts"),
    Route("/sessions", "POST", "state.start_session"),
    Route("/sessions", "DELETE", "state.end_sessions"),
    Route("/outbox", "GET", "state.list_messages"),
    Route("/outbox", "DELETE", "state.clear_messages"),
    Route("/clock", "GET", "state.show_clock"),
    Route("/clock", "PUT", "state.change_clock"),
    Route("/clock", "DELETE", "state.run_clock"),
    Route("/faults", "GET", "faults.list_faults"),
    Route("/faults", "POST", "faults.add_fault"),
    Route("/faults", "PUT", "faults.replace_faults"),
    Route("/faults", "DELETE", "faults.clear_faults"),
    Route("/faults/<rule_id>", "GET", "faults.show_fault"),
    Route("/faults/<rule_id>", "DELETE", "faults.remove_fault"),
    Route("/faults/presets", "GET", "faults.list_presets"),
    Route("/faults/presets/<name>", "POST", "faults.use_preset"),
    Route("/requests", "GET", "journal.list_requests"),
    Route("/requests", "DELETE", "journal.clear_requests"),
    Route("/requests.har", "GET", "journal.show_har"),
    Route("/requests/findings", "GET", "journal.show_findings"),
    Route("/requests/<request_id>", "GET", "journal.show_request"),
    Route("/requests/verify", "POST", "journal.verify_requests"),
    Route("/events", "GET", "journal.stream_events"),
    Route("/snapshots", "GET", "sandboxes.list_snapshots"),
    Route("/snapshots/<name>", "PUT", "sandboxes.save_snapshot"),
    Route("/snapshots/<name>", "DELETE", "sandboxes.delete_snapshot"),
    Route("/snapshots/<name>/restore", "POST", "sandboxes.restore_snapshot"),
    Route("/sandboxes", "GET", "sandboxes.list_sandboxes"),
    Route("/sandboxes", "POST", "sandboxes.create_sandbox"),
    Route("/sandboxes/<name>", "DELETE", "sandboxes.delete_sandbox"),
    Route("/sandboxes/children", "GET", "sandboxes.list_children"),
    Route("/sandboxes/children/<name>", "GET", "sandboxes.show_child"),
    Route("/data", "GET", "sandboxes.show_data"),
    Route("/data", "PUT", "sandboxes.load_data"),
    Route("/openapi.json", "GET", "openapi.show_openapi"),
)


def control_blueprint() -> Blueprint:
    """All routes under `/_mockflow`; the service calls their guard, also for paths that are none."""
    control = Blueprint("control", __name__, url_prefix=CONTROL)
    uptime = Stopwatch()

    def health(_exchange: Exchange) -> Response:
        """The server listens only once it is seeded, so whoever gets an answer finds it ready."""
        return answer(200, {"status": "ok", "version": __version__, "uptimeSeconds": round(uptime.seconds, 3)})

    for route in (Route("/health", "GET", health), Route("/ready", "GET", health), *ROUTES):
        respond: Any = route.respond  # the service calls it, and takes what Flask would not
        control.add_url_rule(
            route.path,
            f"{route.method} {route.path}".replace(".", "_"),
            respond,
            methods=[route.method],
            provide_automatic_options=False,
        )
    return control
